/** Notes as they lie on the map: over everything else of it, in the style sheet's colours, taking no clicks. */
import L from "leaflet";
import { svg } from "../core/dom.js";
import { ink } from "../map/ink.js";
import { PANES, addPane } from "../map/layers.js";
import { Sheet, SheetSymbol } from "../map/sheet.js";
import { numbersOf } from "./notes-model.js";

const PANE = "pm-notes";
const WIDTH_PX = 2.6;
const CASING_PX = 5.4;
const TEXT_PX = 13;
const ROUND = { lineCap: "round", lineJoin: "round" };

const tint = (note) => ink(`note-${note.color}`);

/** The text of a note beside a place; its paper-coloured rim keeps it readable on any ground. */
function words(text, x, y, anchor = "start", color = ink()) {
  const look = { x, y, "text-anchor": anchor, "font-size": TEXT_PX, "font-weight": 600, fill: color, stroke: ink("sheet"), "stroke-width": 3.4, "paint-order": "stroke", "stroke-linejoin": "round" };
  return svg("text", { ...look, text });
}

/** What stands at a place, around (0, 0). */
function spot(note, number) {
  const color = tint(note);
  if (note.shape === "text") return [words(note.text, 0, 5, "middle", color)];
  const label = note.text ? [words(note.text, 14, 5)] : [];
  if (note.shape === "number") {
    const digits = { "text-anchor": "middle", y: 4.4, "font-size": 12.5, "font-weight": 700, fill: ink("sheet"), text: String(number) };
    return [svg("circle", { r: 11, fill: color, stroke: ink("sheet"), "stroke-width": 2 }), svg("text", digits), ...label];
  }
  return [svg("path", { d: "M0 0C-3 -6 -8 -9 -8 -15A8 8 0 0 1 8 -15C8 -9 3 -6 0 0Z", fill: color, stroke: ink("sheet"), "stroke-width": 1.6 }), svg("circle", { cy: -15, r: 2.8, fill: ink("sheet") }), ...(note.text ? [words(note.text, 11, -9)] : [])];
}

/** The point of an arrow, turned as its last stretch is; the degrees of longitude are shorter than those of latitude. */
function head(note) {
  const [[x0, y0], [x1, y1]] = note.points.slice(-2);
  const angle = (Math.atan2((y0 - y1) / Math.cos((y1 * Math.PI) / 180), x1 - x0) * 180) / Math.PI;
  return svg("path", { d: "M7 0L-8 -7L-4.5 0L-8 7Z", fill: tint(note), stroke: ink("sheet"), "stroke-width": 1.4, transform: `rotate(${angle.toFixed(1)})` });
}

/** Where a shape's text stands: the middle of an area, the middle corner of a line. */
function middle({ shape, points }) {
  if (shape !== "polygon") return points.length % 2 || points.length > 2 ? points[Math.floor(points.length / 2)] : between(points[0], points[1]);
  const mean = (axis) => points.reduce((sum, place) => sum + place[axis], 0) / points.length;
  return [mean(0), mean(1)];
}

const between = ([x0, y0], [x1, y1]) => [(x0 + x1) / 2, (y0 + y1) / 2];
const toLatLng = ([lon, lat]) => L.latLng(lat, lon);

export class NotesLayer {
  constructor(map) {
    addPane(map, PANE, PANES.labels + 5);
    this.renderer = new Sheet([], { pane: PANE, padding: 0.3 });
    this.group = L.layerGroup().addTo(map);
  }

  draw(notes) {
    this.group.clearLayers();
    const numbers = numbersOf(notes);
    for (const note of notes) for (const layer of this.layersOf(note, numbers.get(note))) this.group.addLayer(layer);
  }

  layersOf(note, number) {
    const base = { renderer: this.renderer, pane: PANE, interactive: false };
    const symbol = (place, nodes) => new SheetSymbol(toLatLng(place), { ...base, draw: nodes });
    if (note.points.length === 1) return [symbol(note.points[0], () => spot(note, number))];
    const places = note.points.map(toLatLng);
    const area = note.shape === "polygon";
    const shape = area ? L.polygon : L.polyline;
    const color = tint(note);
    const found = [
      shape(places, { ...base, ...ROUND, color: ink("sheet"), weight: CASING_PX, opacity: 0.85, fill: false }),
      shape(places, { ...base, ...ROUND, color, weight: WIDTH_PX, fill: area, fillColor: color, fillOpacity: 0.14 }),
    ];
    if (note.shape === "arrow") found.push(symbol(note.points[note.points.length - 1], () => [head(note)]));
    if (note.text) found.push(symbol(middle(note), () => [words(note.text, 0, area ? 5 : -7, "middle", color)]));
    return found;
  }
}
