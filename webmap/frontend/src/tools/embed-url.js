/** The address and the code of an embedded map; nothing here touches the page. */
import { isOwn } from "../core/own-data.js";
import { formatHash } from "../core/permalink-model.js";

/** A frame that follows its width gets no lower than this. */
const LEAST_PX = 220;
/** No wider than where it stands. */
const WHOLE = "100%";

/**
 * The embed's address; what a view has by itself is left out. What the server checks and composes stands in the
 * query, what only the map needs in the part after `#`, in the form of the map's own links.
 * @param base where embeds live, for example "/embed"
 * @param choices `{view, layers: ids|null, indicator: {id, level, method, show, period}|null|undefined, zone, lang, bounds, opacity,
 *   filter, selection, notes, scans, surface, theme, controls, legend}`; an indicator of null switches off that of the view
 */
export function embedUrl(origin, base, choices) {
  const url = new URL(`${base}/${encodeURIComponent(choices.view)}`, origin);
  // Commas and colons may stand in a query as they are; a readable address is worth that.
  const parts = [];
  const add = (name, value) => parts.push(`${name}=${encodeURIComponent(value).replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%2F/g, "/")}`);
  if (choices.layers) add("layers", choices.layers.join(","));
  const own = choices.indicator && isOwn(choices.indicator.id);
  if (choices.indicator && !own) {
    const { id, level, method, show, period } = choices.indicator;
    const known = method === "typed" ? "" : method;
    add("indicator", (show ? [id, level, known || "quantiles", show, period] : [id, level, known]).filter(Boolean).join(":"));
  } else if (choices.indicator === null) add("indicator", "none");
  if (choices.zone) add("zone", choices.zone);
  if (choices.lang) add("lang", choices.lang);
  if (choices.theme && choices.theme !== "auto") add("theme", choices.theme);
  for (const name of ["controls", "legend"]) if (choices[name] === "off") add(name, "off");
  url.search = parts.join("&");
  const { bounds, opacity, filter, selection, notes, scans, surface } = choices;
  // What the server knows nothing of: own data, and how an indicator is looked at.
  const looked = choices.indicator && (own || choices.indicator.show || choices.indicator.look) ? choices.indicator : null;
  url.hash = formatHash({ bounds, opacity, filter, selection, notes, scans, surface, indicator: looked, own: own ? choices.own : "" });
  return url.href;
}

/**
 * The iframe as text to paste: as wide as its place, `width` pixels at most; `height` pixels high, or as its `aspect`
 * (`16/9`) says. Every value is escaped for an attribute in double quotes.
 */
export function embedCode(url, { width, height, aspect, title }) {
  const style = [width ? `border:0;max-width:${width}px` : "border:0", aspect ? `aspect-ratio:${aspect};height:auto;min-height:${LEAST_PX}px` : ""].filter(Boolean).join(";");
  if (aspect) return `<iframe src="${attribute(url)}" title="${attribute(title)}" width="100%" style="${attribute(style)}" loading="lazy" allowfullscreen></iframe>`;
  return `<iframe src="${attribute(url)}" title="${attribute(title)}" width="100%" height="${attribute(height)}" style="${attribute(style)}" loading="lazy" allowfullscreen></iframe>`;
}

/** The same as an element of the page; its script stands once in a page. */
export function elementCode(script, url, { width, height, aspect, title }) {
  const size = [width ? `width="${attribute(width)}"` : "", aspect ? `aspect="${attribute(aspect)}"` : `height="${attribute(height)}"`].filter(Boolean).join(" ");
  return `<script src="${attribute(script)}" defer></script>\n<plan-map src="${attribute(url)}" title="${attribute(title)}" ${size}></plan-map>`;
}

/** A picture that leads to the map, for places that show no frames. */
export function pictureCode(picture, link, { width, alt }) {
  return `<a href="${attribute(link)}"><img src="${attribute(picture)}" alt="${attribute(alt)}" width="${attribute(width)}" style="max-width:${WHOLE};height:auto;border:0"></a>`;
}

/** The picture's address: view, layers, zone, extent and language of an embed's choices. */
export function pictureUrl(origin, base, { view, layers, zone, bounds, lang, width }) {
  const url = new URL(`${base}/${encodeURIComponent(view)}.png`, origin);
  const parts = [["layers", layers && layers.join(",")], ["zone", zone], ["bounds", bounds && bounds.map((degrees) => Number(degrees.toFixed(4))).join(",")], ["lang", lang], ["width", width]];
  url.search = parts.filter(([, value]) => value || value === "").map(([name, value]) => `${name}=${encodeURIComponent(value).replace(/%2C/g, ",")}`).join("&");
  return url.href;
}

function attribute(value) {
  const marks = { "&": "&amp;", '"': "&quot;", "'": "&#39;", "<": "&lt;", ">": "&gt;" };
  return String(value).replace(/[&"'<>]/g, (mark) => marks[mark]);
}
