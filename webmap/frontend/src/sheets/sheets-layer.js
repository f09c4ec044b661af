/** A scanned map as it lies on the plan: its picture, and its control points with their residuals as arrows. */
import L from "leaflet";
import { ImageOverlay } from "leaflet/src/layer/ImageOverlay.js";
import { TileLayer } from "leaflet/src/layer/tile/TileLayer.js";
import { svg } from "../core/dom.js";
import { ink } from "../map/ink.js";
import { PANES, addPane } from "../map/layers.js";
import { Sheet, SheetSymbol } from "../map/sheet.js";
import { exaggeration } from "./sheets-model.js";

/** Over the plan's shapes, under its names; the points over the pictures. */
export const PICTURES = "pm-scans";
const POINTS = "pm-scan-points";
const EQUATOR_M = 2 * Math.PI * 6378137;

export function makePanes(map) {
  addPane(map, PICTURES, PANES.select + 5);
  addPane(map, POINTS, PANES.select + 7);
}

/** The picture of a scan, tiles of the server or the small copy that a file carries. */
export function pictureOf(scan, maxZoom) {
  const [west, south, east, north] = scan.bounds;
  const bounds = L.latLngBounds([south, west], [north, east]);
  if (scan.image) return new ImageOverlay(scan.image.url, bounds, { pane: PICTURES, interactive: false });
  return new TileLayer(scan.tiles, { pane: PICTURES, bounds, maxZoom, attribution: "" });
}

/** Control points of one scan. */
export class ControlPoints {
  constructor(map, scan) {
    this.map = map;
    this.scan = scan;
    this.factor = 1;
    this.renderer = new Sheet([], { pane: POINTS, padding: 0.3 });
    this.group = L.layerGroup();
    this.redraw = () => this.draw();
  }

  show(on) {
    if (on === this.map.hasLayer(this.group)) return;
    this.map[on ? "on" : "off"]("zoomend", this.redraw);
    if (!on) {
      this.group.remove();
      return;
    }
    this.group.addTo(this.map);
    this.draw();
  }

  draw() {
    const { map, scan, group } = this;
    const pixel = (EQUATOR_M * Math.cos((map.getCenter().lat * Math.PI) / 180)) / map.options.crs.scale(map.getZoom());
    this.factor = exaggeration(Math.max(...scan.points.map((point) => point.residual_m), 0), pixel);
    group.clearLayers();
    for (const point of scan.points) group.addLayer(this.mark(point));
  }

  /** A ring where a point was said to be, an arrow to where the fit puts it. */
  mark({ name, at, fitted, residual_m: residual }) {
    const from = this.map.project(L.latLng(at[1], at[0]));
    const off = this.map.project(L.latLng(fitted[1], fitted[0])).subtract(from).multiplyBy(this.factor);
    const color = ink("scan-point");
    const draw = () => [
      svg("line", { x2: off.x, y2: off.y, stroke: ink("sheet"), "stroke-width": 5, "stroke-linecap": "round" }),
      svg("line", { x2: off.x, y2: off.y, stroke: color, "stroke-width": 2.4, "stroke-linecap": "round" }),
      svg("path", { d: "M5 0L-4 -4.5L-2 0L-4 4.5Z", fill: color, transform: `translate(${off.x} ${off.y}) rotate(${(Math.atan2(off.y, off.x) * 180) / Math.PI})` }),
      svg("circle", { r: 5, fill: ink("sheet"), stroke: color, "stroke-width": 2.4 }),
      svg("text", { x: 8, y: off.y > 0 ? -6 : 16, fill: color, stroke: ink("sheet"), "stroke-width": 3.2, "paint-order": "stroke", "font-size": 12, "font-weight": 600, text: `${name} · ${residual < 10 ? residual.toFixed(1) : Math.round(residual)} m` }),
    ];
    return new SheetSymbol([at[1], at[0]], { renderer: this.renderer, pane: POINTS, interactive: false, draw });
  }
}
