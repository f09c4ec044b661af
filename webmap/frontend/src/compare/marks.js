/** What changed, outlined on the side where it is seen, and told in a popup. */
import L from "leaflet";
// `map.openPopup` comes with it.
import "leaflet/src/layer/Popup.js";
import { el } from "../core/dom.js";

const RING_PX = 13;

/** Outlines of all changed features. `of(id)` is a target, or null where neither edition shows it; `tell(target)` opens it. */
export function changeMarks(map, given, sides) {
  const panes = Object.fromEntries(Object.entries(sides).map(([name, side]) => [name, markPane(map, name, side)]));
  const targets = new Map();
  for (const change of given.changed) {
    const target = { change, bounds: L.latLngBounds([]) };
    for (const name of Object.keys(sides)) {
      const view = sides[name].views.get(change[name]);
      if (!view?.bounds.isValid()) continue;
      target.bounds.extend(view.bounds);
      outline(view, panes[name], `change-line change-${change.what}`, () => tell(map, given, target)).forEach((layer) => layer.addTo(map));
    }
    // Where it was, beside where it is.
    const was = change.what === "moved" ? sides.before.views.get(change.before) : null;
    if (was?.bounds.isValid()) outline(was, panes.after, "change-line change-was").forEach((layer) => layer.addTo(map));
    if (target.bounds.isValid()) targets.set(change.after || change.before, target);
  }
  return { of: (id) => targets.get(id) || null, tell: (target) => tell(map, given, target) };
}

function markPane(map, name, side) {
  const pane = `cmp-${name}-marks`;
  const node = map.createPane(pane, side.pane);
  node.style.zIndex = "900";
  return { pane, renderer: L.svg({ pane, padding: 0.2 }) };
}

function outline(view, place, className, onclick = null) {
  const look = { ...place, className, fill: false, weight: 4, interactive: Boolean(onclick), bubblingMouseEvents: false };
  const make = {
    point: () => view.parts.map(([point]) => L.circleMarker(point, { ...look, radius: RING_PX, fill: true, fillOpacity: 0 })),
    line: () => [L.polyline(view.parts, { ...look, weight: 7, opacity: 0.75 })],
    polygon: () => [L.polygon(view.parts, look)],
  }[view.shape];
  const layers = make ? make() : [];
  for (const layer of layers) if (onclick) layer.on("click", onclick);
  return layers;
}

function tell(map, given, { change, bounds }) {
  const pages = Object.entries(change.pages).map(([side, url]) => el("a", { href: url, text: given.words[`page_${side}`] }));
  const content = el("div", { class: "change-popup" }, [
    el("strong", {}, el("bdi", { text: change.name })),
    el("span", { text: change.kind }),
    el("ul", {}, change.told.map((line) => el("li", {}, el("bdi", { text: line })))),
    el("p", {}, pages),
  ]);
  map.openPopup(content, bounds.getCenter(), { maxWidth: 300 });
}
