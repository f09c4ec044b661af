/**
 * From a kind's symbol (kinds.toml) to what is drawn: widths by zoom, dashes by status, the passes of a
 * line. Pure functions; the DOM is in `swatch.js` and `layers.js`.
 */
import { ink } from "./ink.js";

/** How much wider than stated a line is drawn at a zoom level: 1 at zoom 12, never a jump. */
export function widthFactor(zoom) {
  return Math.min(1.9, Math.max(0.58, 1 + (zoom - 12) * 0.16));
}

/** How much larger than stated a point symbol is drawn; quarter steps, so that few icons are remade. */
export function pointFactor(zoom) {
  const raw = Math.min(1.35, Math.max(0.62, 1 + (zoom - 12.5) * 0.13));
  return Math.round(raw * 8) / 8;
}

const round2 = (value) => Math.round(value * 100) / 100;

/**
 * The dash pattern of a line in pixels.
 *
 * A status has its dash in multiples of the line's width; a kind's own dash is in pixels at zoom 12 and
 * grows with the line. The status wins: it is what the reader looks for.
 */
export function dashPixels({ statusDash, kindDash, width, factor }) {
  if (statusDash && statusDash.length) return statusDash.map((part) => round2(part * width));
  if (kindDash && kindDash.length) return kindDash.map((part) => round2(part * factor));
  return null;
}

/** "polygon", "line", "point" or "none", from the geometry itself. */
export function geometryClass(geometry) {
  if (!geometry || !geometry.type) return "none";
  if (geometry.type.endsWith("Polygon")) return "polygon";
  if (geometry.type.endsWith("LineString")) return "line";
  if (geometry.type.endsWith("Point")) return "point";
  return "none";
}

const isColour = (text) => typeof text === "string" && /^#[0-9a-f]{3,8}$/i.test(text);

/**
 * Everything a feature is drawn with, before zoom: colours, widths at zoom 12, dash, flags.
 *
 * A feature's own colour is the fill of a polygon (the outline turns into its darker sister) and the
 * stroke of a line. A point whose basis stands `apart` (known to the township or zone only) and a point
 * that is not yet built are drawn hollow.
 */
export function resolveStyle(properties, kind, status, basis, shape) {
  const symbol = (kind && kind.symbol) || {};
  const own = isColour(properties.color) ? properties.color : null;
  const style = {
    shape,
    stroke: symbol.stroke || ink("mark"),
    width: symbol.width ?? 1,
    kindDash: symbol.dash || null,
    statusDash: shape === "line" ? (status && status.dash) || null : null,
    fill: symbol.fill || null,
    fillOpacity: symbol.fill_opacity ?? (symbol.fill ? 1 : 0),
    casing: symbol.casing || null,
    casingWidth: symbol.casing_width || 0,
    casingOpacity: symbol.casing_opacity ?? 1,
    overlay: symbol.overlay || null,
    overlayWidth: symbol.overlay_width || 0,
    overlayDash: symbol.overlay_dash || null,
    pattern: symbol.pattern || null,
    patternColor: symbol.pattern_color || symbol.stroke || ink("mark"),
    pointShape: symbol.shape || "circle",
    size: symbol.size || 10,
    icon: symbol.icon || null,
    iconColor: symbol.icon_color || "#ffffff",
    uncertain: Boolean(basis && basis.uncertain),
    apart: Boolean(basis && basis.apart),
    notBuilt: Boolean(status && status.dash && status.dash.length),
    assumed: Boolean(properties.assumed),
  };
  if (own && shape === "polygon") {
    style.fill = own;
    style.stroke = symbol.stroke && !symbol.fill ? own : darker(own, 0.42);
  } else if (own) {
    style.stroke = shape === "line" ? own : style.stroke;
    style.fill = shape === "point" ? own : style.fill;
  }
  if (style.assumed && !style.pattern && shape === "polygon") style.pattern = "hatch";
  return style;
}

/** The dash for a polygon's outline or a line, ready for `stroke-dasharray`, or null. */
export function dashArray(style, zoom) {
  const factor = widthFactor(zoom);
  const dash = dashPixels({
    statusDash: style.statusDash,
    kindDash: style.kindDash,
    width: style.width * factor,
    factor,
  });
  return dash ? dash.join(" ") : null;
}

/**
 * The passes of one feature, each a Leaflet path style, in drawing order. Passes of the same name of all
 * features in a layer are drawn together, so that casings never cut through a neighbour's line.
 */
export function passes(style, zoom) {
  const factor = widthFactor(zoom);
  const list = [];
  const dash = dashArray(style, zoom);
  if (style.shape === "polygon") {
    if (style.casing) {
      list.push(["casing", strokeOf(style.casing, style.casingWidth * factor, style.casingOpacity)]);
    }
    if (style.fill && style.fillOpacity > 0) list.push(["fill", fillOf(style.fill, style.fillOpacity)]);
    if (style.pattern) list.push(["pattern", { pattern: style.pattern, patternColor: style.patternColor }]);
    list.push(["stroke", strokeOf(style.stroke, style.width * Math.min(factor, 1.3), 1, dash)]);
    return list;
  }
  if (style.shape !== "line") return list;
  const width = style.width * factor;
  const broken = Boolean(style.statusDash && style.statusDash.length);
  if (style.casing) {
    list.push(["casing", strokeOf(style.casing, style.casingWidth * factor, style.casingOpacity * (broken ? 0.8 : 1))]);
    // Between the dashes of a line not yet built shows paper, not its casing.
    if (dash && lightness(style.casing) < 0.85) list.push(["bed", strokeOf("#ffffff", width, 1)]);
  }
  list.push(["stroke", strokeOf(style.stroke, width, 1, style.overlay ? null : dash)]);
  if (style.overlay) {
    const overlayDash = (broken && dash) || (style.overlayDash || []).map((part) => round2(part * factor)).join(" ");
    list.push(["overlay", strokeOf(style.overlay, style.overlayWidth * factor, 1, overlayDash)]);
  }
  return list;
}

function strokeOf(color, weight, opacity = 1, dash = null) {
  return {
    stroke: true,
    fill: false,
    color,
    weight: round2(weight),
    opacity,
    dashArray: dash,
    lineCap: dash ? "butt" : "round",
    lineJoin: "round",
  };
}

function fillOf(color, opacity) {
  return { stroke: false, fill: true, fillColor: color, fillOpacity: opacity };
}

function channels(hex) {
  const text = hex.replace("#", "");
  const full = text.length < 6 ? [...text].map((digit) => digit + digit).join("") : text;
  return [0, 2, 4].map((start) => parseInt(full.slice(start, start + 2), 16));
}

/** Perceived lightness of a colour, 0 black to 1 white. */
export function lightness(hex) {
  if (!isColour(hex)) return 0.5;
  const [red, green, blue] = channels(hex);
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
}

/** The colour mixed with black: `share` 0 leaves it, 1 makes it black. */
export function darker(hex, share) {
  return mix(hex, "#000000", share);
}

/** Two colours mixed; `share` is the second one's part. */
export function mix(first, second, share) {
  const from = channels(first);
  const to = channels(second);
  const digits = from.map((value, index) => Math.round(value + (to[index] - value) * share));
  return `#${digits.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** Metres on the ground for one pixel at a latitude (degrees) and zoom, Web Mercator. */
export function metresPerPixel(latitude, zoom) {
  const equator = 40075016.685578488;
  return (equator * Math.cos((latitude * Math.PI) / 180)) / (256 * 2 ** zoom);
}
