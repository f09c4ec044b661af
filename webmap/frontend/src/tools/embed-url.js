/** The address and the code of an embedded map; nothing here touches the page. */
import { formatHash } from "../core/permalink-model.js";

/**
 * The embed's address; what a view has by itself is left out. What the server checks and composes stands in the
 * query, what only the map needs in the part after `#`, in the form of the map's own links.
 * @param base where embeds live, for example "/embed"
 * @param choices `{view, layers: ids|null, indicator: {id, level, method}|null|undefined, zone, lang, bounds, opacity,
 *   filter, selection}`; an indicator of null switches off that of the view
 */
export function embedUrl(origin, base, choices) {
  const url = new URL(`${base}/${encodeURIComponent(choices.view)}`, origin);
  // Commas and colons may stand in a query as they are; a readable address is worth that.
  const parts = [];
  const add = (name, value) => parts.push(`${name}=${encodeURIComponent(value).replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%2F/g, "/")}`);
  if (choices.layers) add("layers", choices.layers.join(","));
  if (choices.indicator) {
    const { id, level, method } = choices.indicator;
    add("indicator", [id, level, method].filter(Boolean).join(":"));
  } else if (choices.indicator === null) add("indicator", "none");
  if (choices.zone) add("zone", choices.zone);
  if (choices.lang) add("lang", choices.lang);
  url.search = parts.join("&");
  const { bounds, opacity, filter, selection } = choices;
  url.hash = formatHash({ bounds, opacity, filter, selection });
  return url.href;
}

/**
 * The iframe as text to paste: as wide as its place, `width` pixels at most; `height` pixels high. Every value is
 * escaped for an attribute in double quotes.
 */
export function embedCode(url, { width, height, title }) {
  const style = width ? `border:0;max-width:${width}px` : "border:0";
  return `<iframe src="${attribute(url)}" title="${attribute(title)}" width="100%" height="${attribute(height)}" style="${attribute(style)}" loading="lazy" allowfullscreen></iframe>`;
}

function attribute(value) {
  const marks = { "&": "&amp;", '"': "&quot;", "'": "&#39;", "<": "&lt;", ">": "&gt;" };
  return String(value).replace(/[&"'<>]/g, (mark) => marks[mark]);
}
