/** Symbols as DOM: point symbols, fill patterns and the small pictures in tree and legend. */
import { giveIcon, mayHave } from "./icons.js";
import { svg } from "../core/dom.js";
import { PATTERNS } from "./patterns.js";
import { darker, passes, resolveStyle } from "./symbols.js";

let defs = null;

/** `url(#…)` of a fill pattern; it is made once and lives in one hidden SVG of the page. */
export function patternUrl(name, color) {
  if (!defs) {
    defs = svg("defs");
    const holder = svg("svg", { class: "pm-defs", width: 0, height: 0, "aria-hidden": "true", focusable: "false" }, defs);
    document.body.append(holder);
  }
  const id = `pm-${name}-${String(color).replace(/[^0-9a-z]/gi, "")}`;
  if (!document.getElementById(id)) defs.append(pattern(id, name, color));
  return `url(#${id})`;
}

function pattern(id, name, color) {
  const { side, turned, lines, dots, radius, opacity } = PATTERNS[name];
  return svg("pattern", { id, patternUnits: "userSpaceOnUse", width: side, height: side, patternTransform: `rotate(${turned})` }, [
    ...lines.map((one) => svg("path", { d: `M0 0${one.across ? "H" : "V"}${side}`, stroke: color, "stroke-width": 2 * one.width, "stroke-opacity": one.opacity })),
    ...dots.map(([cx, cy]) => svg("circle", { cx, cy, r: radius, fill: color, "fill-opacity": opacity })),
  ]);
}

/** The outline of a point symbol's shape around (0, 0), as an SVG element. */
function shapeNode(shape, size, attributes) {
  const half = size / 2;
  if (shape === "square") {
    return svg("rect", { x: -half, y: -half, width: size, height: size, rx: size * 0.2, ...attributes });
  }
  if (shape === "diamond") return svg("path", { d: `M0 ${-half}L${half} 0L0 ${half}L${-half} 0Z`, ...attributes });
  if (shape === "triangle") {
    return svg("path", { d: `M0 ${-half}L${half} ${half * 0.8}L${-half} ${half * 0.8}Z`, ...attributes });
  }
  if (shape === "star") {
    // Five points, the inner corners at 0.45 of the radius; a little larger, as a star fills less than a disc.
    const corner = (index) => {
      const radius = half * 1.12 * (index % 2 ? 0.45 : 1);
      return `${(radius * Math.sin((Math.PI * index) / 5)).toFixed(2)} ${(-radius * Math.cos((Math.PI * index) / 5)).toFixed(2)}`;
    };
    return svg("path", { d: `M${Array.from({ length: 10 }, (_, index) => corner(index)).join("L")}Z`, "stroke-linejoin": "round", ...attributes });
  }
  return svg("circle", { r: half, ...attributes });
}

/** An icon of the built-in set (15 × 15 units) centred on (0, 0) at a size in pixels, or null. */
export function iconNode(name, size, color) {
  if (!mayHave(name)) return null;
  const scale = size / 15;
  const node = svg("path", { fill: color, transform: `scale(${scale}) translate(-7.5 -7.5)` });
  giveIcon(node, name);
  return node;
}

/** The parts of a point symbol, around (0, 0). */
export function pointNodes(style, factor = 1) {
  const size = style.size * factor;
  const main = style.fill || style.stroke;
  const hollow = style.apart || style.notBuilt;
  const paint = hollow
    ? { fill: "#ffffff", stroke: main === "#ffffff" ? style.stroke : main, "stroke-width": 1.6 }
    : { fill: main, stroke: style.stroke, "stroke-width": style.width };
  if (style.apart) {
    paint["stroke-dasharray"] = "2.6 2";
    paint["fill-opacity"] = 0.82;
  }
  const nodes = [shapeNode(style.pointShape, size, paint)];
  if (!hollow && paint.stroke.toLowerCase() === "#ffffff") {
    nodes.unshift(shapeNode(style.pointShape, size + style.width + 0.8, { fill: darker(main, 0.5), "fill-opacity": 0.55 }));
  }
  const icon = style.icon && iconNode(style.icon, size * 0.72, hollow ? paint.stroke : style.iconColor);
  if (icon && size >= 9) nodes.push(icon);
  return nodes;
}

/** The shape that a kind is drawn with where no feature says otherwise. */
export function kindShape(kind) {
  const shape = kind && kind.geometry;
  return shape === "none" || !shape ? "line" : shape;
}

/**
 * A legend picture of a kind: the same passes as on the map, at zoom 12. `options`: status, basis
 * (records), color (a feature's own), assumed, paint ({fill, fillOpacity}).
 */
export function swatch(kind, options = {}) {
  const { status = null, basis = null, color = "", assumed = false, width = 30, height = 18 } = options;
  const shape = options.shape || kindShape(kind);
  const style = resolveStyle({ color, assumed }, kind, status, basis, shape);
  if (options.paint) Object.assign(style, options.paint);
  const root = svg("svg", {
    class: "pm-swatch",
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    "aria-hidden": "true",
    focusable: "false",
  });
  if (shape === "point") {
    const factor = Math.min(1, (height - 3) / style.size);
    root.append(svg("g", { transform: `translate(${width / 2} ${height / 2})` }, pointNodes(style, factor)));
    return root;
  }
  const d =
    shape === "polygon"
      ? `M3 2.5H${width - 3}V${height - 2.5}H3Z`
      : `M1.5 ${height * 0.62}C${width * 0.34} ${height * 0.3} ${width * 0.62} ${height * 0.74} ${width - 1.5} ${height * 0.36}`;
  for (const [name, look] of passes(style, 12)) {
    if (name === "casing" && shape === "polygon" && !look.dashArray) root.append(strokePath(d, { ...look, weight: Math.min(look.weight, 5) }));
    else if (name === "pattern") root.append(svg("path", { d, fill: patternUrl(look.pattern, look.patternColor) }));
    else if (look.fill) root.append(svg("path", { d, fill: look.fillColor, "fill-opacity": look.fillOpacity }));
    else root.append(strokePath(d, look));
  }
  return root;
}

function strokePath(d, look) {
  return svg("path", {
    d,
    fill: "none",
    stroke: look.color,
    "stroke-width": look.weight,
    "stroke-opacity": look.opacity,
    "stroke-dasharray": look.dashArray,
    "stroke-linecap": look.lineCap,
  });
}
