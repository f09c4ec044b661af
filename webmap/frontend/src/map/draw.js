/** Drawing one layer: every feature in its passes, pass by pass, in the layer's own group of its sheet. */
import L from "leaflet";
import { geometryClass, metresPerPixel, passes, pointFactor, resolveStyle } from "./symbols.js";
import { SheetLine, SheetPolygon, SheetSymbol } from "./sheet.js";
import { patternUrl, pointNodes } from "./swatch.js";

const PASS_ORDER = ["halo", "casing", "bed", "rim", "fill", "pattern", "stroke", "overlay", "point"];
/** A halo larger than this on the screen would tint the map instead of saying something. */
const HALO_MAX_PX = 56;
/** The group of layers that is the ground of the map. */
export const GROUND = "ground";
/** How far fills of the ground overlap their neighbours. */
const SEAM_PX = 0.8;
/** Coordinates are written to five decimals. */
const FRAME_DEGREES = 2e-5;

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
  const ground = entry.spec.group === GROUND;
  for (const view of entry.views.values()) collect(view, zoom, items, ground);
  items.sort((a, b) => PASS_ORDER.indexOf(a.pass) - PASS_ORDER.indexOf(b.pass) || a.rank - b.rank);
  const group = L.layerGroup();
  for (const item of items) group.addLayer(toLeaflet(item, entry, zoom));
  return { group, items };
}

function collect(view, zoom, items, ground) {
  if (view.shape === "point") {
    if (view.style.uncertain && view.properties.accuracy_m > 0) {
      for (const [point] of view.parts) items.push({ pass: "halo", view, point, rank: 0 });
    }
    // Where symbols overlap, the southern one lies on top.
    for (const [point] of view.parts) items.push({ pass: "point", view, point, rank: -point.lat });
    return;
  }
  // Lines not yet built lie under those in use where they meet.
  const rank = view.shape === "line" && view.style.notBuilt ? 0 : 1;
  view.ground = ground && view.shape === "polygon";
  for (const [pass, look] of looksOf(view, zoom)) items.push({ pass, view, look, rank });
}

/**
 * The passes of a view. Pieces of the ground (water) that are cut off against each other are one thing to the eye:
 * their outlines go under all fills as a rim, of which only the outside of the whole shows, and each fill
 * reaches half a pixel over its edge, so that no seam is left.
 */
function looksOf(view, zoom) {
  const own = passes(view.style, zoom);
  if (!view.ground || view.style.fillOpacity < 1) return own;
  const merged = !view.style.kindDash;
  return own.map(([pass, look]) => {
    if (pass === "stroke" && merged) return ["rim", { ...look, weight: 2 * look.weight + SEAM_PX }];
    if (pass === "fill" && merged) return [pass, { ...look, stroke: true, color: look.fillColor, weight: SEAM_PX, opacity: 1, lineJoin: "round" }];
    return [pass, look];
  });
}

/** Rings without the edges that lie on the frame in which the ground was cut out, as open lines. */
export function offFrame(rings, frame) {
  const edges = ["lat", "lng"].flatMap((key) => [frame.min[key], frame.max[key]].map((at) => [key, at]));
  const onFrame = (a, b) => edges.some(([key, at]) => Math.abs(a[key] - at) < FRAME_DEGREES && Math.abs(b[key] - at) < FRAME_DEGREES);
  const lines = [];
  for (const ring of rings) {
    const closed = [...ring, ring[0]];
    let line = [];
    for (let at = 1; at < closed.length; at += 1) {
      if (onFrame(closed[at - 1], closed[at])) {
        if (line.length > 1) lines.push(line);
        line = [];
        continue;
      }
      if (!line.length) line.push(closed[at - 1]);
      line.push(closed[at]);
    }
    if (line.length > 1) lines.push(line);
  }
  return lines;
}

function toLeaflet(item, entry, zoom) {
  const base = { renderer: entry.sheet, pane: entry.pane, interactive: false };
  const { view } = item;
  if (item.pass === "halo") {
    item.layer = L.circle(item.point, { ...base, radius: view.properties.accuracy_m, ...haloLook(view, zoom) });
  } else if (item.pass === "point") {
    item.factor = pointFactor(zoom);
    item.layer = new SheetSymbol(item.point, { ...base, factor: item.factor, draw: (factor) => pointNodes(view.style, factor) });
  } else if (view.ground && (item.pass === "rim" || item.pass === "stroke") && entry.frame) {
    item.layer = L.polyline(offFrame(view.parts.flat(), entry.frame), { ...base, smoothFactor: 0.7, ...item.look });
  } else if (view.shape === "polygon") {
    item.layer = new SheetPolygon(view.parts, { ...base, view, smoothFactor: 0.7, ...resolvePattern(item.look) });
  } else {
    item.layer = new SheetLine(view.parts, { ...base, view, smoothFactor: 0.7, ...item.look });
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
      item.layer.setFactor(factor);
    } else if (item.pass === "halo") {
      item.layer.setStyle(haloLook(item.view, zoom));
    } else if (item.pass !== "fill" && item.pass !== "pattern") {
      if (!looks.has(item.view)) looks.set(item.view, new Map(looksOf(item.view, zoom)));
      item.layer.setStyle(looks.get(item.view).get(item.pass));
    }
  }
}
