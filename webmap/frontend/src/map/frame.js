/**
 * How far the map reaches. The ground is cut out of a rectangle: the map stays in it where it fits into it, and
 * beyond it, on screens larger than the rectangle, the ground goes on in its own colour. It zooms out no further
 * than needed to see the whole plan.
 */
import L from "leaflet";
import { limited } from "../core/fit-model.js";
import { GROUND } from "./draw.js";
import { groundFrame } from "./layers.js";

/** Zoom levels below the whole view that stay open: a sheet, a panel or a legend may cover part of the map. */
const SLACK = { full: 0.5, embed: 1 };

export function installFrame(app) {
  const { map, config } = app;
  const found = groundFrame([...app.layerSpecs.values()]);
  const plan = [...app.layerSpecs.values()].filter((spec) => spec.bounds && (spec.kinds || []).includes("district"));
  if (!found || !plan.length) return;
  const frame = L.latLngBounds([found.min, found.max]);
  const whole = L.latLngBounds(plan[0].bounds);
  const view = () => L.latLngBounds((config.view && config.view.bounds) || plan[0].bounds);
  // A ground that does not go round the whole plan is no frame.
  if (!frame.contains(whole.pad(0.02)) || !frame.contains(view())) return;
  goOn(app);
  const limit = () => {
    const size = map.getSize();
    if (!size.x || !size.y || document.body.classList.contains("pm-printing")) return;
    map.options.minZoom = 0;
    const lowest = Math.min(map.getBoundsZoom(whole, false), map.getBoundsZoom(view(), false)) - (SLACK[config.mode] || SLACK.full);
    const least = Math.max(0, Math.min(lowest, map.getBoundsZoom(frame, true)));
    // At once: left to Leaflet, a zoom would begin in the next frame and end after the view has been fitted.
    if (map.getZoom() < least) map.setZoom(least, { animate: false });
    map.setMinZoom(least);
  };
  // Leaflet centres what is larger than its bounds; here such a view may still be shifted, beside a panel for one.
  map._limitCenter = (center, zoom, bounds) => (bounds ? nearest(map, center, zoom, frame, whole.pad(0.5)) : center);
  limit();
  map.setMaxBounds(frame);
  map.on("resize", limit);
  app.on("view", limit);
}

/** The centre nearest to the wished one whose view lies in the frame; where none does, one in the `core`. */
function nearest(map, center, zoom, frame, core) {
  const at = map.project(center, zoom);
  const box = (bounds) => [bounds.getNorthWest(), bounds.getSouthEast()].flatMap((corner) => map.project(corner, zoom)).flatMap(({ x, y }) => [x, y]);
  const { x, y } = limited(at, map.getSize().divideBy(2), box(frame), box(core));
  const point = L.point(x, y);
  return point.distanceTo(at) < 1 ? center : map.unproject(point, zoom);
}

/** Beyond the frame the map has the colour of the ground around the plan. */
function goOn(app) {
  const lowest = [...app.layerSpecs.values()].filter((spec) => spec.group === GROUND).sort((a, b) => (a.order || 0) - (b.order || 0))[0];
  const kind = lowest && app.kinds.get((lowest.kinds || [])[0]);
  const fill = kind && kind.symbol && kind.symbol.fill;
  if (fill && kind.geometry === "polygon") app.map.getContainer().style.setProperty("background-color", fill);
}
