/**
 * Pointing at features: which lie under the pointer, which is meant, and how hovered and selected ones
 * stand out. The test is on geometry, not on drawn paths, so that see-through areas can be pointed at and
 * a second click reaches what lies below.
 */
import L from "leaflet";
import { PANES, addPane } from "./layers.js";
import { inRing } from "./rings.js";
import { metresPerPixel, passes } from "./symbols.js";
import { el, svg } from "../core/dom.js";
import { ink } from "./ink.js";
import { reducedMotion } from "../core/motion.js";

/** Distance from a point to a segment, all `{x, y}`. */
export function segmentDistance(p, a, b) {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length2 = dx * dx + dy * dy;
  const at = length2 ? Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2)) : 0;
  return Math.hypot(p.x - a.x - at * dx, p.y - a.y - at * dy);
}

function hits(map, view, latlng, point, reach) {
  const pad = (reach + view.style.size) * metresPerPixel(latlng.lat, map.getZoom()) * 1e-5;
  if (!view.bounds.isValid() || !view.bounds.pad(0).contains(latlng)) {
    const box = view.bounds;
    if (!box.isValid()) return false;
    if (latlng.lat < box.getSouth() - pad || latlng.lat > box.getNorth() + pad) return false;
    if (latlng.lng < box.getWest() - pad * 1.3 || latlng.lng > box.getEast() + pad * 1.3) return false;
  }
  if (view.shape === "polygon") {
    return view.parts.some(([outer, ...holes]) => inRing(latlng.lng, latlng.lat, outer) && !holes.some((hole) => inRing(latlng.lng, latlng.lat, hole)));
  }
  if (view.shape === "point") {
    return view.parts.some(([place]) => map.latLngToLayerPoint(place).distanceTo(point) <= view.style.size / 2 + reach);
  }
  return view.parts.some((part) => {
    let last = null;
    for (const vertex of part) {
      const here = map.latLngToLayerPoint(vertex);
      if (last && segmentDistance(point, last, here) <= reach + view.style.width / 2) return true;
      last = here;
    }
    return false;
  });
}

const CLASS_RANK = { point: 0, line: 1, polygon: 2 };

/**
 * Extent of a view for ranking, in square degrees; a see-through area counts half as large again, an area
 * painted by an indicator comes before all others: its colour is what the reader points at.
 */
function weight(app, view) {
  const box = view.bounds;
  const area = (box.getEast() - box.getWest()) * (box.getNorth() - box.getSouth());
  if (app.layers.entry?.(view.layerId)?.paint) return area * 1e-6;
  return view.style.fillOpacity > 0.05 ? area : area * 1.5;
}

/** Features under a place on the map, the likeliest first. */
export function featuresAt(app, latlng, reach) {
  const point = app.map.latLngToLayerPoint(latlng);
  const named = app.labels?.at(point);
  const found = app.layers
    .shown((large) => large.near(latlng, reach))
    .filter((view) => !view.kind?.beyond && app.layers.opacity(view.layerId) > 0.02 && hits(app.map, view, latlng, point, reach))
    .sort((a, b) => CLASS_RANK[a.shape] - CLASS_RANK[b.shape] || (a.shape === "polygon" ? weight(app, a) - weight(app, b) : 0));
  // Whoever points at a name means what it names, unless a line or a symbol lies there.
  const at = found.length && found[0].shape === "polygon" ? found.findIndex((view) => view.id === named) : -1;
  if (at > 0) found.unshift(...found.splice(at, 1));
  return found;
}

export function installPicking(app) {
  installEmphasis(app);
  installHover(app);
  installClick(app);
}

function installEmphasis(app) {
  const { map } = app;
  addPane(map, "pm-select", PANES.select);
  const renderer = L.svg({ pane: "pm-select", padding: 0.2 });
  const marks = { hover: L.layerGroup().addTo(map), select: L.layerGroup().addTo(map) };
  const emphasise = (which, view) => {
    marks[which].clearLayers();
    if (view) for (const layer of emphasis(map, view, renderer, which === "select", app.layers.unitOf(view))) marks[which].addLayer(layer);
  };
  const redraw = () => {
    emphasise("select", app.selected && app.layers.view(app.selected));
    emphasise("hover", app.hovered && app.hovered !== app.selected && app.layers.view(app.hovered));
  };
  for (const event of ["select", "hover", "layers"]) app.on(event, redraw);
  app.on("select", ({ id }) => id && !app.restoring && setTimeout(() => reveal(app, id), 90));
  map.on("zoomend", redraw);
}

function installHover(app) {
  const { map } = app;
  // A finger does not hover; its taps would leave tips behind.
  if (window.matchMedia("(hover: none)").matches) return;
  const tip = el("div", { class: "pm-tip", "aria-hidden": "true" });
  tip.hidden = true;
  map.getContainer().append(tip);
  let frame = 0;
  const leave = () => {
    cancelAnimationFrame(frame);
    tip.hidden = true;
  };
  const point = (event) => {
    if (app.busy || (map.dragging && map.dragging.moving())) return;
    const [view] = featuresAt(app, event.latlng, 5);
    map.getContainer().classList.toggle("pm-pointing", Boolean(view));
    app.hover(view ? view.id : null);
    tip.hidden = !view || !view.properties.name;
    if (tip.hidden) return;
    tip.replaceChildren(el("strong", { text: app.name(view.properties) }), el("span", { text: app.name(view.kind || {}) }));
    const size = map.getSize();
    const { x, y } = event.containerPoint;
    tip.style.transform = `translate(${Math.min(x + 14, size.x - tip.offsetWidth - 6)}px, ${Math.min(y + 16, size.y - tip.offsetHeight - 6)}px)`;
  };
  map.on("mousemove", (event) => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => point(event));
  });
  map.on("mouseout", () => {
    leave();
    app.hover(null);
  });
  map.on("movestart", leave);
}

function installClick(app) {
  const { map } = app;
  let stack = { ids: "", at: null };
  const choose = (latlng, place, reach) => {
    const list = featuresAt(app, latlng, reach);
    if (!list.length) {
      app.select(null);
      return;
    }
    const ids = list.map((view) => view.id).join("|");
    // Choosing at the same spot again goes one layer down.
    const again = stack.ids === ids && stack.at && stack.at.distanceTo(place) < 6;
    const at = again ? (list.findIndex((view) => view.id === app.selected) + 1) % list.length : 0;
    stack = { ids, at: place };
    app.select(list[at].id);
  };
  map.on("click", (event) => {
    if (app.busy) return;
    const touch = event.originalEvent && event.originalEvent.pointerType === "touch";
    choose(event.latlng, event.containerPoint, touch ? 12 : 5);
  });
  // By key: what lies under the cross-hair in the middle.
  const cross = svg("svg", { class: "pm-cross", viewBox: "0 0 25 25", "aria-hidden": "true", focusable: "false" }, svg("path", { d: "M12.5 0.5V10M12.5 15V24.5M0.5 12.5H10M15 12.5H24.5", fill: "none", stroke: "currentColor", "stroke-width": 1.8 }));
  map.getContainer().append(cross);
  map.on("keydown", ({ originalEvent: event }) => {
    if (event.key !== "Enter" || app.busy || event.target !== map.getContainer() || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const middle = map.getSize().divideBy(2);
    choose(map.containerPointToLatLng(middle), middle, 8);
  });
}

/** Move the map so that a selected feature is not behind the panel that has just opened. */
function reveal(app, id) {
  const view = app.selected === id && app.layers.view(id);
  const bounds = view && (app.layers.unitOf(view) || view).bounds;
  if (!bounds || !bounds.isValid() || !window.__ready) return;
  const { map } = app;
  const size = map.getSize();
  const pad = app.fitPadding();
  const [left, top] = pad.paddingTopLeft;
  const [right, bottom] = pad.paddingBottomRight;
  const low = map.latLngToContainerPoint(bounds.getSouthWest());
  const high = map.latLngToContainerPoint(bounds.getNorthEast());
  // Some of it in sight is enough.
  if (low.x < size.x - right - 60 && high.x > left + 60 && high.y < size.y - bottom - 60 && low.y > top + 60) return;
  const label = view.properties.label;
  const at = label ? L.latLng(label[1], label[0]) : bounds.getCenter();
  map.panInside(at, { paddingTopLeft: L.point(left + 40, top + 40), paddingBottomRight: L.point(right + 40, bottom + 40), animate: !reducedMotion() });
}

function emphasis(map, view, renderer, selected, unit) {
  const accent = ink("focus");
  const base = { renderer, pane: "pm-select", interactive: false, smoothFactor: 0.7, fill: false, lineCap: "round", lineJoin: "round" };
  const make = (options) =>
    view.shape === "polygon" ? L.polygon(view.parts, { ...base, ...options }) : L.polyline(view.parts, { ...base, ...options });
  const accuracy = view.style.uncertain ? view.properties.accuracy_m || 0 : 0;
  const zoom = map.getZoom();
  const layers = [];
  // The unit is all that is known.
  if (unit) layers.push(L.polygon(unit.parts, { ...base, color: accent, weight: 1.4, opacity: 0.7, dashArray: "4 4", fill: true, fillColor: accent, fillOpacity: 0.08 }));
  // A feature without geometry has nothing else to be emphasised.
  if (!view.bounds.isValid()) return layers;
  if (view.shape === "point") {
    for (const [place] of view.parts) {
      if (accuracy) layers.push(L.circle(place, { ...base, radius: accuracy, stroke: true, color: accent, weight: 1, opacity: 0.5, fill: true, fillColor: accent, fillOpacity: 0.1, dashArray: "4 4" }));
      layers.push(L.circleMarker(place, { ...base, radius: view.style.size / 2 + 5, color: "#ffffff", weight: 5, opacity: 0.9 }));
      layers.push(L.circleMarker(place, { ...base, radius: view.style.size / 2 + 5, color: accent, weight: selected ? 2.6 : 1.8 }));
    }
    return layers;
  }
  if (accuracy) {
    const band = (2 * accuracy) / metresPerPixel(view.bounds.getCenter().lat, zoom);
    if (band < 700) layers.push(make({ color: accent, weight: band, opacity: selected ? 0.16 : 0.1 }));
  }
  if (view.shape === "polygon") {
    layers.push(make({ color: "#ffffff", weight: selected ? 6 : 4.5, opacity: 0.85 }));
    layers.push(make({ color: accent, weight: selected ? 3 : 2 }));
    return layers;
  }
  const own = passes(view.style, zoom);
  const widest = Math.max(...own.map(([, look]) => look.weight || 0));
  layers.push(make({ color: "#ffffff", weight: widest + (selected ? 10 : 7), opacity: 0.9 }));
  layers.push(make({ color: accent, weight: widest + (selected ? 6 : 4), opacity: 0.95 }));
  layers.push(make({ color: "#ffffff", weight: widest + 1.6 }));
  for (const [, look] of own) layers.push(make(look));
  return layers;
}
