/** The picture beside a layer's name: its first kind's symbol, in the features' own colours where they have some. */
import { svg } from "../core/dom.js";
import { ink } from "./ink.js";
import { swatch } from "./swatch.js";

export function layerSwatch(app, entry) {
  const kinds = (entry.spec.kinds || []).map((id) => app.kinds.get(id)).filter(Boolean);
  const kind = kinds[0];
  if (!kind) return null;
  const colors = [...new Set([...entry.views.values()].map((view) => view.properties.color).filter((text) => /^#[0-9a-f]{6}$/i.test(text || "")))].slice(0, 3);
  if (colors.length < 2 || kind.geometry === "point") return swatch(kind, { color: colors[0] || "", shape: shapeOf(entry) });
  return kind.geometry === "polygon" ? bars(colors, kind) : lines(colors);
}

function shapeOf(entry) {
  return entry.spec.geometry && entry.spec.geometry !== "none" ? entry.spec.geometry : undefined;
}

function frame() {
  return svg("svg", { class: "pm-swatch", width: 30, height: 18, viewBox: "0 0 30 18", "aria-hidden": "true", focusable: "false" });
}

function bars(colors, kind) {
  const root = frame();
  const width = 24 / colors.length;
  colors.forEach((fill, index) => root.append(svg("rect", { x: 3 + index * width, y: 2.5, width, height: 13, fill })));
  root.append(svg("rect", { x: 3, y: 2.5, width: 24, height: 13, fill: "none", stroke: (kind.symbol && kind.symbol.stroke) || ink("mark-soft"), "stroke-width": 1 }));
  return root;
}

function lines(colors) {
  const root = frame();
  const gap = 4.6;
  const top = 9 - (gap * (colors.length - 1)) / 2;
  colors.forEach((stroke, index) => root.append(svg("path", { d: `M2 ${top + index * gap}H28`, stroke, "stroke-width": 3, "stroke-linecap": "round" })));
  return root;
}
