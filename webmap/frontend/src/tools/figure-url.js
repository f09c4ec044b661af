/** The address of a figure of what the map shows; nothing here touches the page. The server checks it all again. */
import { formatLook, parseLook } from "../core/look-model.js";

/** Forms of a figure, as the server has them; those in `SHADED` show an indicator. */
export const FORMS = ["map", "zones", "indicators", "years", "bars", "lines", "table"];
export const PAPERS = ["A4", "A3", "A2", "A1", "A0", "column", "slide"];
export const FORMATS = ["pdf", "png", "svg", "tif"];
/** Formats of pixels. */
export const PIXELS = ["png", "tif"];
/** Forms in the classes of one indicator, and those of one year of it. */
const ONE_INDICATOR = ["map", "zones", "years", "bars"];
const OF_A_YEAR = ["map", "zones", "bars"];
const YEARLY = /^\d{4}$/;
const MM_PER_INCH = 25.4;
const LYING = { A4: [297, 210], A3: [420, 297], A2: [594, 420], A1: [841, 594], A0: [1189, 841], slide: [338.7, 190.5], column: [160, 110] };

/**
 * @param base where figures live, for example "/figures"
 * @param choices `{view, form, layers: ids|null, indicator: {id, level, method, show, period, look}|null|undefined, extent: [w, s, e, n]|null,
 *   filter, selection, opacity: {layer: share}, notes: as in a link, paper, width, height, upright, dpi, lang, title, grid, inset}`; an indicator of null switches off that
 *   of the view, undefined leaves it; `paper` "free" is `width` by `height` millimetres
 * @param format its suffix; "json" for the figure in words
 */
export function figureUrl(base, choices, format, { download = false, dpi = choices.dpi } = {}) {
  const parts = [];
  // Commas and colons may stand in a query as they are; a readable address is worth that.
  const add = (name, value) => parts.push(`${name}=${encodeURIComponent(value).replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%2F/g, "/")}`);
  const { indicator } = choices;
  if (choices.form !== "map") add("form", choices.form);
  if (indicator) add("indicator", [indicator.id, indicator.level, indicator.method === "typed" ? "" : indicator.method].filter(Boolean).join(":"));
  else if (indicator === null) add("indicator", "none");
  if (indicator?.show === "observed" && YEARLY.test(indicator.period) && OF_A_YEAR.includes(choices.form)) add("year", indicator.period);
  // Forms of several indicators have classes of their own each.
  const bounds = indicator?.method === "typed" && ONE_INDICATOR.includes(choices.form) ? parseLook(indicator.look).at : [];
  if (bounds.length) add("bounds", bounds.join(","));
  if (choices.layers) add("layers", choices.layers.join(","));
  if (choices.extent) add("extent", choices.extent.map((degrees) => Number(degrees.toFixed(5))).join(","));
  if (choices.filter) add("flt", choices.filter);
  if (choices.selection) add("select", choices.selection);
  add("paper", paperOf(choices));
  if (choices.upright && choices.paper !== "free") add("upright", "1");
  if (PIXELS.includes(format) && dpi) add("dpi", dpi);
  if (choices.grid) add("grid", "1");
  if (choices.inset) add("inset", "1");
  // Other forms are no one map to lie on.
  if (choices.form === "map") {
    const shares = Object.entries(choices.opacity || {});
    if (shares.length) add("op", shares.map(([id, share]) => `${id}:${Math.round(share * 100) / 100}`).join(","));
    if (choices.notes) add("notes", choices.notes);
  }
  if (choices.title) add("title", choices.title);
  if (choices.lang) add("lang", choices.lang);
  if (download) add("download", "1");
  return `${base}/${encodeURIComponent(choices.view)}.${format}?${parts.join("&")}`;
}

/** Whether a figure leaves out how the map looks at an indicator: it has values in classes, of the plan or of a year observed. */
export function leavesOut(indicator) {
  if (!indicator) return false;
  const { show = "", period = "", look = "" } = indicator;
  return !["", "observed"].includes(show) || (show === "observed" && !YEARLY.test(period)) || Boolean(formatLook({ ...parseLook(look), at: [], keep: true }));
}

function paperOf({ paper, width, height }) {
  return paper === "free" ? `${width}x${height}` : paper;
}

/** Width and height of the paper in millimetres; null where a free size is none. */
export function paperSize({ paper, width, height, upright }) {
  const size = paper === "free" ? [Number(width), Number(height)] : LYING[paper];
  if (!size || !size.every((side) => side > 0)) return null;
  return upright && paper !== "free" ? [size[1], size[0]] : size;
}

/** Dots an inch at which a preview is about so many pixels on its longer side; whole, within what the server draws. */
export function previewDpi(choices, pixels) {
  const size = paperSize(choices);
  return size ? Math.min(150, Math.max(36, Math.round((pixels * MM_PER_INCH) / Math.max(...size)))) : 36;
}
