/** Values drawn on the units: symbols as large as the value, bars, pies. Their sizes and parts are in `marks-model.js`. */
import L from "leaflet";
import { svg } from "../core/dom.js";
import { ink } from "../map/ink.js";
import { PANES, addPane } from "../map/layers.js";
import { Sheet, SheetSymbol } from "../map/sheet.js";
import { barHeights, nested, pieSlices, radiusOf } from "./marks-model.js";

const PANE = "pm-value-marks";
/** Largest radius of a symbol, by the width of the map. */
const RADIUS = { share: 1 / 30, least: 13, most: 30 };
const BAR_PX = 7;
const ABOVE_NAME_PX = 15;

export class Marks {
  constructor(app) {
    this.app = app;
    this.group = null;
  }

  clear() {
    this.group?.remove();
    this.group = null;
  }

  /** Draw what the model says (`marks-model.js`) at the units' label points. */
  draw(model, views) {
    this.clear();
    const { map } = this.app;
    addPane(map, PANE, (PANES.select + PANES.labels) / 2);
    this.sheet ||= new Sheet([PANE], { pane: PANE, padding: 0.2 }).addTo(map);
    this.group = L.layerGroup();
    const most = this.size();
    const items = model.items.filter((item) => views.has(item.id));
    for (const item of items) {
      const view = views.get(item.id);
      const { label } = view.properties;
      const at = label ? L.latLng(label[1], label[0]) : view.bounds.getCenter();
      this.group.addLayer(new SheetSymbol(at, { renderer: this.sheet, pane: PANE, interactive: false, draw: () => raised(markNodes(model, item, most), model.form === "bars" ? 0 : radiusOf(item.value, model.most, most)) }));
    }
    this.group.addTo(map);
  }

  /** The radius of the greatest value in pixels. */
  size() {
    return Math.round(Math.min(RADIUS.most, Math.max(RADIUS.least, this.app.map.getSize().x * RADIUS.share)));
  }
}

/** Over the name, which stands at the label point with its value. */
const raised = (nodes, radius) => [svg("g", { transform: `translate(0 ${-ABOVE_NAME_PX - radius})` }, nodes)];

function markNodes(model, item, most) {
  if (model.form === "bars") return barNodes(item, most);
  if (model.form === "pies") return pieNodes(item, radiusOf(item.value, model.most, most));
  return [svg("circle", { r: radiusOf(item.value, model.most, most), fill: item.color, "fill-opacity": 0.82, stroke: ink("halo"), "stroke-width": 1 })];
}

function barNodes(item, most) {
  const width = BAR_PX * item.parts.length;
  const heights = barHeights(item.parts, 2 * most);
  const bars = item.parts.map((part, at) => {
    const height = heights[at];
    if (height === null) return svg("path", { d: `M${at * BAR_PX - width / 2 + 1.5} -1.5h${BAR_PX - 3}`, stroke: ink("mark-soft"), "stroke-width": 1, "stroke-dasharray": "1.5 1.5" });
    return svg("rect", { x: at * BAR_PX - width / 2, y: Math.min(0, -height), width: BAR_PX - 1, height: Math.max(0.6, Math.abs(height)), fill: part.color, stroke: ink("halo"), "stroke-width": 0.6 });
  });
  return [...bars, svg("path", { d: `M${-width / 2 - 1} 0H${width / 2}`, stroke: ink("mark"), "stroke-width": 1 })];
}

function pieNodes(item, radius) {
  return pieSlices(item.parts).map(({ color, from, to }) => {
    if (to - from >= 1) return svg("circle", { r: radius, fill: color, stroke: ink("halo"), "stroke-width": 0.8 });
    const [a, b] = [from, to].map((share) => share * 2 * Math.PI);
    const point = (angle) => `${(radius * Math.sin(angle)).toFixed(2)} ${(-radius * Math.cos(angle)).toFixed(2)}`;
    return svg("path", { d: `M0 0L${point(a)}A${radius} ${radius} 0 ${to - from > 0.5 ? 1 : 0} 1 ${point(b)}Z`, fill: color, stroke: ink("halo"), "stroke-width": 0.8 });
  });
}

/** The legend of symbols: circles in each other with their values. */
export function nestedPicture(model, most, write) {
  const circles = nested(model.most, most);
  const [width, height] = [2 * most + 120, 2 * most + 6];
  const nodes = circles.flatMap(({ value, radius }) => {
    const top = height - 3 - 2 * radius;
    return [
      svg("circle", { cx: most + 2, cy: height - 3 - radius, r: radius, fill: model.color, "fill-opacity": 0.25, stroke: ink("mark"), "stroke-width": 0.9 }),
      svg("path", { d: `M${most + 2} ${top}H${2 * most + 14}`, stroke: ink("mark-soft"), "stroke-width": 0.7 }),
      svg("text", { x: 2 * most + 17, y: top + 4, class: "pm-legend-figure", text: write(value) }),
    ];
  });
  return svg("svg", { class: "pm-legend-picture", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": circles.map(({ value }) => write(value)).join(", ") }, nodes);
}

/** The legend of two indicators: nine squares, the first to the right, the second upwards. */
export function ninePicture(colors, names, label) {
  const side = 24;
  const squares = colors.map((color, at) => svg("rect", { x: 18 + (at % 3) * side, y: (2 - Math.floor(at / 3)) * side + 2, width: side, height: side, fill: color, stroke: ink("halo"), "stroke-width": 1 }));
  const bottom = 3 * side + 2;
  const arrows = svg("path", { d: `M14 ${bottom}V4M11 9L14 4L17 9M18 ${bottom + 4}H${18 + 3 * side - 2}M${13 + 3 * side - 2} ${bottom + 1}L${18 + 3 * side - 2} ${bottom + 4}L${13 + 3 * side - 2} ${bottom + 7}`, fill: "none", stroke: ink("mark"), "stroke-width": 1 });
  const words = [svg("text", { x: 18 + 3 * side + 5, y: bottom + 8, class: "pm-legend-figure", text: names[0] }), svg("text", { x: 18 + 3 * side + 5, y: 13, class: "pm-legend-figure", text: names[1] })];
  const [width, height] = [250, bottom + 14];
  return svg("svg", { class: "pm-legend-picture", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, [squares, arrows, words]);
}
