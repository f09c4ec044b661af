/**
 * The map's size and what it shows. A map that nobody has moved shows its view as a whole, whatever becomes of its
 * frame: hidden at first, without size, resized. One that somebody has moved keeps its centre and its zoom.
 */
import { reducedMotion } from "./motion.js";

export function installFitting(app) {
  const { map } = app;
  const box = map.getContainer();
  let fitting = false;
  /** Where the last fit has put the map; null where it has not been fitted yet. */
  let fitted = null;
  /** Where the map looked when it last had a size. */
  let kept = null;
  const here = () => ({ center: map.getCenter(), zoom: map.getZoom() });
  const hasSize = () => (sized = box.clientWidth > 0 && box.clientHeight > 0);
  /** Had it when last asked: to ask has the page laid out, which every move would do twice. */
  let sized = false;
  /** A fit is due: the view has not been seen in any size yet. */
  let due = false;

  const parts = {
    /** The whole of the view that is open. */
    fitView({ animate = false, reset = false } = {}) {
      const bounds = app.config.view && app.config.view.bounds;
      if (!bounds) return;
      due = !hasSize();
      if (due) return;
      finishZoom(map);
      fitting = true;
      map.fitBounds(bounds, { ...app.fitPadding(), animate: animate && !reducedMotion(), reset });
    },
    /** Has nobody moved the map since it was fitted to its view? */
    untouched() {
      if (due) return true;
      if (!fitted || fitting) return fitting;
      return fitted.zoom === map.getZoom() && map.project(fitted.center).distanceTo(map.project(map.getCenter())) < 1.5;
    },
    /** The page itself has shifted the map: for the reader it still is where it was. */
    shifted(before) {
      if (before && !due) fitted = here();
    },
    /** Somebody or a link says where to look. */
    lookAt({ lat, lng, zoom }) {
      due = false;
      fitting = false;
      finishZoom(map);
      map.setView([lat, lng], zoom, { animate: false, reset: true });
      kept = here();
    },
  };

  map.on("moveend", () => {
    if (!sized) return;
    kept = here();
    if (fitting) fitted = kept;
    fitting = false;
  });
  map.on("dragstart", () => (fitting = false));

  const follow = () => {
    const size = map.getSize();
    // The panel has just been opened, and fits the map itself.
    if (app.panel?.fits) return;
    if (!hasSize() || document.body.classList.contains("pm-printing")) return;
    if (!due && size.x === box.clientWidth && size.y === box.clientHeight) return;
    const fit = app.untouched();
    const before = kept;
    if (fit || before) drawOnce(map);
    map.invalidateSize({ pan: false, animate: false });
    if (fit) app.fitView({ reset: true });
    else if (before) map.setView(before.center, before.zoom, { animate: false, reset: true });
    app.emit("resized");
  };
  hasSize();
  // Not Leaflet's own watch over the window: a frame can change without it, and a pan rounds to pixels.
  new ResizeObserver(follow).observe(box);
  return parts;
}

/** Leaflet ignores a new view while it animates the last one: bring that to its end first. */
export function finishZoom(map) {
  if (map._animatingZoom) map._onZoomTransitionEnd();
}

/** The view is set anew in a moment: until then the sheets draw nothing (`map/sheet.js`), as Leaflet itself says it. */
export function drawOnce(map) {
  map.fire("viewprereset");
}
