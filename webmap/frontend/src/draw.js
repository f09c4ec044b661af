/** Drawing one layer: every feature in its passes, pass by pass, in the layer's own pane. */
import L from "leaflet";
import { geometryClass, metresPerPixel, passes, pointFactor, resolveStyle } from "./symbols.js";
import { patternUrl, pointSvg } from "./swatch.js";

const PASS_ORDER = ["halo", "casing", "bed", "fill", "pattern", "stroke", "overlay", "point"];
/** A halo larger than this on the screen would tint the map instead of saying something. */
const HALO_MAX_PX = 56;

const SymbolIcon = L.Icon.extend({
  options: { style: null, factor: 1 },
  createIcon() {
    const node = pointSvg(this.options.style, this.options.factor);
    const half = Number(node.getAttribute("width")) / 2;
    node.style.marginLeft = `${-half}px`;
    node.style.marginTop = `${-half}px`;
    node.classList.add("leaflet-marker-icon");
    return node;
  },
  createShadow: () => null,
});

/** GeoJSON coordinates as Leaflet wants them, and as flat parts for hit tests and labels. */
export function toParts(geometry) {
  const flip = (ring) => ring.map(([lon, lat]) => L.latLng(lat, lon));
  switch (geometry && geometry.type) {
    case "Point":
      return [flip([geometry.coordinates])];
    case "MultiPoint":
      return geometry.coordinates.map((point) => flip([point]));
    case "LineString":
      return [flip(geometry.coordinates)];
    case "MultiLineString":
      return geometry.coordinates.map(flip);
    case "Polygon":
      return [geometry.coordinates.map(flip)];
    case "MultiPolygon":
      return geometry.coordinates.map((polygon) => polygon.map(flip));
    case "GeometryCollection":
      return geometry.geometries.flatMap(toParts);
    default:
      return [];
  }
}

/** What the page knows of one feature: the GeoJSON, its resolved style, parts, bounds. */
export function makeView(app, feature, layerId) {
  const { properties } = feature;
  const shape = geometryClass(feature.geometry);
  const kind = app.kinds.get(properties.kind);
  const basis = app.bases.get(properties.basis);
  const style = resolveStyle(properties, kind, app.statuses.get(properties.status), basis, shape);
  const parts = toParts(feature.geometry);
  const bounds = L.latLngBounds(parts.flat(2));
  return { id: feature.id ?? properties.id, feature, properties, kind, basis, layerId, shape, style, parts, bounds };
}

/** The drawn side of a layer: `group` of paths and markers, `restyle(zoom)`. */
export function drawLayer(app, entry) {
  const zoom = app.map.getZoom();
  const items = [];
  for (const view of entry.views.values()) collect(view, zoom, items);
  items.sort((a, b) => PASS_ORDER.indexOf(a.pass) - PASS_ORDER.indexOf(b.pass) || a.rank - b.rank);
  const group = L.layerGroup();
  for (const item of items) group.addLayer(toLeaflet(item, entry, zoom));
  return { group, items };
}

function collect(view, zoom, items) {
  if (view.shape === "point") {
    if (view.style.uncertain && !view.style.apart && view.properties.accuracy_m > 0) {
      for (const [point] of view.parts) items.push({ pass: "halo", view, point, rank: 0 });
    }
    for (const [point] of view.parts) items.push({ pass: "point", view, point, rank: 0 });
    return;
  }
  // Lines not yet built lie under those in use where they meet.
  const rank = view.shape === "line" && view.style.notBuilt ? 0 : 1;
  for (const [pass, look] of passes(view.style, zoom)) items.push({ pass, view, look, rank });
}

function toLeaflet(item, entry, zoom) {
  const base = { renderer: entry.renderer, pane: entry.pane, interactive: false };
  const { view } = item;
  if (item.pass === "halo") {
    item.layer = L.circle(item.point, { ...base, radius: view.properties.accuracy_m, ...haloLook(view, zoom) });
  } else if (item.pass === "point") {
    item.factor = pointFactor(zoom);
    const icon = new SymbolIcon({ style: view.style, factor: item.factor });
    item.layer = L.marker(item.point, { icon, pane: entry.pane, interactive: false, keyboard: false });
  } else if (view.shape === "polygon") {
    item.layer = L.polygon(view.parts, { ...base, smoothFactor: 0.7, ...resolvePattern(item.look) });
  } else {
    item.layer = L.polyline(view.parts, { ...base, smoothFactor: 0.7, ...item.look });
  }
  return item.layer;
}

/** A pattern pass as a Leaflet fill. */
export function resolvePattern(look) {
  if (!look.pattern) return look;
  return { stroke: false, fill: true, fillColor: patternUrl(look.pattern, look.patternColor), fillOpacity: 1 };
}

function haloLook(view, zoom) {
  const pixels = view.properties.accuracy_m / metresPerPixel(view.bounds.getCenter().lat, zoom);
  const shown = pixels <= HALO_MAX_PX && pixels > 4;
  const color = view.style.fill && view.style.fill !== "#ffffff" ? view.style.fill : view.style.stroke;
  return { color, fillColor: color, weight: 0.8, opacity: shown ? 0.4 : 0, fillOpacity: shown ? 0.1 : 0, dashArray: "2 3" };
}

/** Follow the zoom: line widths, dashes, symbol sizes, halos. */
export function restyle(items, zoom) {
  const looks = new Map();
  for (const item of items) {
    if (item.pass === "point") {
      const factor = pointFactor(zoom);
      if (factor === item.factor) continue;
      item.factor = factor;
      item.layer.setIcon(new SymbolIcon({ style: item.view.style, factor }));
    } else if (item.pass === "halo") {
      item.layer.setStyle(haloLook(item.view, zoom));
    } else if (item.pass !== "fill" && item.pass !== "pattern") {
      if (!looks.has(item.view)) looks.set(item.view, new Map(passes(item.view.style, zoom)));
      item.layer.setStyle(looks.get(item.view).get(item.pass));
    }
  }
}
