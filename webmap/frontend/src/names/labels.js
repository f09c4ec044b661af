/**
 * Names on the map: chosen by priority, placed without collision, redrawn whenever the view changes, in short tasks
 * after what they name has been drawn. All names are SVG text in one pane above the layers.
 */
import L from "leaflet";
import RBush from "rbush";
import { svg } from "../core/dom.js";
import { inSlices, nextFrame } from "../core/slices.js";
import { ink } from "../map/ink.js";
import { PAINTED_KINDS, PANES, addPane } from "../map/layers.js";
import { boxAround } from "./label-geometry.js";
import { picturedNames } from "./pictured.js";
import { candidates, measureText } from "./label-candidates.js";
import { pointFactor } from "../map/symbols.js";

const PAD = 0.12;
/** The same words are not written twice within this many pixels. */
const REPEAT_PX = 190;
/** Names of this priority on rather hide a symbol than stay away. */
const OVER_SYMBOLS = 95;
/** So many names are laid out in one frame. */
const BATCH = 12;

export function installLabels(app) {
  const { map } = app;
  const pane = addPane(map, "pm-labels", PANES.labels);
  pane.classList.add("leaflet-zoom-hide");
  const root = svg("svg", { class: "pm-labels", width: 1, height: 1, "aria-hidden": "true", focusable: "false" });
  pane.append(root);
  const values = new Map();
  const finished = { taken: new RBush(), origin: null };
  let turn = 0;
  let latest = Promise.resolve();

  /** Names of another zoom stand in the wrong places. */
  const dropStale = () => {
    if (!finished.origin || finished.origin.equals(map.getPixelOrigin())) return;
    root.replaceChildren();
    Object.assign(finished, { taken: new RBush(), origin: null });
  };
  const finish = (scene, group) => {
    group.removeAttribute("visibility");
    root.replaceChildren(group);
    Object.assign(finished, { taken: scene.taken, origin: scene.origin });
    Object.assign(labels, { count: group.childElementCount, placing: false });
  };
  /** Place in short tasks after `wait`, when what is named has been drawn; a later call ends an earlier one. */
  const start = async (wait) => {
    const mine = (turn += 1);
    labels.placing = true;
    await wait;
    if (turn !== mine) return;
    const begun = performance.now();
    const scene = makeScene(app);
    const stale = () => turn !== mine || !scene.origin.equals(map.getPixelOrigin());
    const placed = [];
    if (!(await inSlices(naming(scene, values, placed), { stale }))) return;
    labels.milliseconds = performance.now() - begun;
    // Out of sight until all are there: laying out many texts at once would be a long task.
    const group = svg("g", { visibility: "hidden" });
    root.append(group);
    for (let at = 0; at < placed.length && !stale(); at += BATCH) {
      if (at) await nextFrame();
      group.append(...placed.slice(at, at + BATCH).map(([option, job]) => render(option, job)));
    }
    if (stale()) group.remove();
    else finish(scene, group);
  };

  const labels = {
    milliseconds: 0,
    count: 0,
    /** True while a placement is due or under way. */
    placing: false,
    /** Place now; resolves when this placement, or the one that has overtaken it, is done. */
    async place() {
      // Text is measured with the font it is drawn in.
      if (document.fonts && document.fonts.ready) await document.fonts.ready;
      latest = start(nextFrame());
      for (let seen = null; seen !== latest; ) await (seen = latest);
    },
    /** Place in one go, for what cannot wait. */
    placeNow() {
      turn += 1;
      const scene = makeScene(app);
      const placed = [];
      for (const work = naming(scene, values, placed); !work.next().done; );
      finish(scene, svg("g", {}, placed.map(([option, job]) => render(option, job))));
    },
    /** Place once what has changed has been drawn. */
    refresh() {
      dropStale();
      latest = start(nextFrame());
    },
    /** Values written under the names of a layer's features: a `Map(id → text)` or object; null takes them away. */
    setValues(layerId, next) {
      const own = next instanceof Map ? next : new Map(Object.entries(next || {}));
      if (own.size) values.set(layerId, own);
      else values.delete(layerId);
      labels.refresh();
    },
    /** The feature whose name is at a layer point, or null. */
    at(point) {
      const [hit] = finished.taken.search({ minX: point.x, maxX: point.x, minY: point.y, maxY: point.y }).filter((box) => box.clickable);
      return hit ? hit.id : null;
    },
  };
  map.on("moveend zoomend resize", labels.refresh);
  for (const event of ["layers", "opacity"]) app.on(event, labels.refresh);
  return { labels };
}

function* naming(scene, values, placed) {
  yield* gather(scene, values);
  yield* placing(scene, placed);
}

/** Names of a scene, the weightiest first, pushed to `placed` as `[option, job]`; each `yield` is a place to pause. */
function* placing(scene, placed) {
  let kept = false;
  for (const job of scene.jobs) {
    const large = isLarge(job);
    if (!large && !kept) yield* keepPictured(scene, placed);
    kept ||= !large;
    // The largest names rather lie over symbols than leave their area, and rather leave it than be missing.
    for (const [heed, snug] of large ? [[true, true], [false, true], [true, false], [false, false]] : [[true, false]]) {
      // Of those that have their place already, lines may be named again further on.
      if (!job.done || (job.kept && job.view.shape === "line")) yield* placeJob(job, scene, placed, heed, snug);
    }
  }
  // Far in, what the view lies in is named, the smallest unit first, where nothing says so already.
  for (const job of scene.around) {
    if (placed.length && scene.jobs.some((other) => other.done && PAINTED_KINDS.has(other.view.properties.kind))) break;
    yield* placeJob(job, scene, placed, false);
    if (job.done) break;
  }
}

const isLarge = (job) => job.priority >= OVER_SYMBOLS && job.view.shape === "polygon";

/**
 * Names stay where the picture has them, but for the largest, which are looked a better place for, those of rivers, which follow
 * them, and those in the way of what the picture does not show, such as discs and controls.
 */
function* keepPictured(scene, placed) {
  yield;
  const pictured = yield* picturedNames(scene.app);
  const kept = [];
  for (const job of scene.jobs) {
    const option = job.value || isLarge(job) || job.spec.italic ? null : pictured.get(job.view.id);
    if (option && !scene.collides(option, job, false)) kept.push([{ ...option, words: job.text }, job]);
    yield;
  }
  for (const [option, job] of kept) {
    scene.take(option, job);
    placed.push([option, job]);
    Object.assign(job, { done: 1, kept: true });
  }
}

function* placeJob(job, scene, placed, heedSymbols, snug = false) {
  for (const option of optionsOf(job, scene)) {
    yield;
    if (!option || (snug && !option.snug)) continue;
    if (job.done >= (option.repeat || 1)) return;
    if (scene.collides(option, job, heedSymbols)) continue;
    scene.take(option, job);
    placed.push([option, job]);
    job.done += 1;
    if (job.done >= (option.repeat || 1)) return;
  }
}

/** A job's options, worked out once however often they are gone through; null where the search may pause. */
function* optionsOf(job, scene) {
  job.options ||= { known: [], source: candidates(job, scene) };
  const { known, source } = job.options;
  for (let at = 0; ; ) {
    if (at < known.length) {
      yield known[at];
      at += 1;
      continue;
    }
    const { value, done } = source.next();
    if (done) return;
    if (value) known.push(value);
    else yield null;
  }
}

function makeScene(app) {
  const { map } = app;
  const size = map.getSize();
  const origin = map.containerPointToLayerPoint([0, 0]);
  const pad = L.point(size.x * PAD, size.y * PAD);
  const frame = { minX: origin.x - pad.x, minY: origin.y - pad.y, maxX: origin.x + size.x + pad.x, maxY: origin.y + size.y + pad.y };
  const taken = new RBush();
  const words = new Map();
  const scene = {
    map,
    app,
    origin: map.getPixelOrigin(),
    frame,
    // Names along lines stay clear of the edge.
    inner: { minX: origin.x + 8, minY: origin.y + 8, maxX: origin.x + size.x - 8, maxY: origin.y + size.y - 8 },
    view: { minX: origin.x, minY: origin.y, maxX: origin.x + size.x, maxY: origin.y + size.y },
    zoom: map.getZoom(),
    words: app.t("words.breaks").split("|").filter(Boolean),
    taken,
    jobs: [],
    around: [],
    project: (latlng) => map.latLngToLayerPoint(latlng),
    measure: measureText,
    collides(option, job, heedSymbols) {
      if (option.boxes.some((box) => cut(box, scene.view))) return true;
      const near = words.get(option.words);
      const apart = option.apart || REPEAT_PX;
      if (near && near.some((point) => Math.hypot(point.x - option.x, point.y - option.y) < apart)) return true;
      const { room = 0 } = option;
      const beside = (box) => taken.search({ ...box, minX: box.minX - room, maxX: box.maxX + room }).some((other) => other.room);
      if (room && option.boxes.some(beside)) return true;
      return option.boxes.some((box) => taken.search(box).some((other) => (other.symbol ? heedSymbols && other.id !== job.view.id : true)));
    },
    take(option, job) {
      for (const box of option.boxes) taken.insert({ ...box, id: job.view.id, clickable: true, room: option.room || 0 });
      if (!words.has(option.words)) words.set(option.words, []);
      words.get(option.words).push({ x: option.x, y: option.y });
    },
  };
  return scene;
}

/** What is in the way of names, and what there is to name; each `yield` is a place to pause. */
function* gather(scene, values) {
  const { app, taken } = scene;
  reserveControls(scene);
  for (const box of [...(app.clusters?.boxes() || []), ...(app.units?.boxes() || [])]) taken.insert(box);
  for (const view of app.layers.shown()) {
    reserveSymbol(scene, view);
    const job = jobOf(app, view, scene, values);
    if (job) (job.beyond ? scene.around : scene.jobs).push(job);
    yield;
  }
  scene.around.sort((a, b) => a.extent - b.extent);
  scene.jobs.sort((a, b) => b.priority - a.priority || b.extent - a.extent);
}

/** Does the edge of the view cut this box? */
function cut(box, view) {
  return box.minX < view.minX || box.maxX > view.maxX || box.minY < view.minY || box.maxY > view.maxY;
}

/** No name under the tool bar or the corners' controls. */
function reserveControls(scene) {
  const container = scene.map.getContainer();
  const frame = container.getBoundingClientRect();
  const nodes = [...container.querySelectorAll(".leaflet-control"), document.getElementById("pm-tools"), document.querySelector(".pm-embed-title")];
  for (const node of nodes) {
    const box = node && node.getBoundingClientRect();
    if (!box || !box.width) continue;
    const minX = scene.view.minX + box.left - frame.left;
    const minY = scene.view.minY + box.top - frame.top;
    scene.taken.insert({ minX, minY, maxX: minX + box.width, maxY: minY + box.height });
  }
}

/** Every symbol that is drawn, at the size it is drawn in: stations are small and just what is looked for. */
function reserveSymbol(scene, view) {
  if (view.shape !== "point") return;
  const size = view.style.size * pointFactor(scene.zoom) + view.style.width;
  for (const [latlng] of view.parts) {
    const point = scene.project(latlng);
    scene.taken.insert({ ...boxAround(point.x, point.y, size, size), id: view.id, symbol: true });
  }
}

function jobOf(app, view, scene, values) {
  const spec = (view.kind && view.kind.label) || {};
  const text = app.name(view.properties);
  const value = values.get(view.layerId)?.get(view.id);
  const { zoom } = scene;
  if (app.layers.opacity(view.layerId) < 0.15) return null;
  if (!value) {
    // Beside values by township the names of the zones would only be in the way.
    if (values.size && !values.has(view.layerId) && PAINTED_KINDS.has(view.properties.kind)) return null;
    if (!text || !spec.size || zoom < (spec.min_zoom ?? 0) - 0.01) return null;
  }
  const beyond = !value && zoom > (spec.max_zoom ?? 30) + 0.99;
  if (beyond && !PAINTED_KINDS.has(view.properties.kind)) return null;
  if (!view.bounds.isValid()) return null;
  const low = scene.project(view.bounds.getSouthWest());
  const high = scene.project(view.bounds.getNorthEast());
  const { frame } = scene;
  if (low.x > frame.maxX || high.x < frame.minX || high.y > frame.maxY || low.y < frame.minY) return null;
  const extent = (high.x - low.x) * (low.y - high.y);
  return { view, spec, text, value, extent, across: high.x - low.x, lang: app.lang, priority: value ? 500 : spec.priority || 0, done: 0, beyond };
}

/** One placed name as SVG. */
function render(option, job) {
  const { spec } = job;
  const group = svg("g", { class: "pm-label", "data-id": job.view.id });
  if (option.shield) {
    group.append(svg("rect", { x: option.x - option.shield.width / 2, y: option.y - option.shield.height / 2, width: option.shield.width, height: option.shield.height, rx: 3.5, fill: option.shield.color, stroke: "#ffffff", "stroke-width": 1.4 }));
  }
  const look = {
    "font-size": option.size,
    "font-weight": spec.weight || 400,
    "font-style": spec.italic ? "italic" : null,
    "letter-spacing": option.spacing ? `${option.spacing}px` : null,
    "text-anchor": "middle",
    fill: option.color || spec.color || ink(),
  };
  if (option.halo) Object.assign(look, { stroke: option.halo, "stroke-width": option.haloWidth || 3, "paint-order": "stroke", "stroke-linejoin": "round" });
  const mark = option.mark && option.mark();
  if (mark) group.append(mark);
  if (option.path) {
    const id = `pm-path-${Math.random().toString(36).slice(2)}`;
    group.append(svg("path", { id, d: option.path, fill: "none" }));
    group.append(svg("text", { ...look, dy: option.dy }, svg("textPath", { href: `#${id}`, startOffset: "50%", text: option.lines[0].text })));
    return group;
  }
  for (const line of option.lines) {
    const node = svg("text", { ...look, x: option.x + option.spacing / 2, y: option.y + line.dy, text: line.text });
    if (line.weight) node.setAttribute("font-weight", line.weight);
    if (line.size) node.setAttribute("font-size", line.size);
    if (option.angle) node.setAttribute("transform", `rotate(${option.angle.toFixed(2)} ${option.x.toFixed(1)} ${option.y.toFixed(1)})`);
    group.append(node);
  }
  return group;
}
