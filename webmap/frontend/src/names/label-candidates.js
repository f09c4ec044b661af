/** Every way a name could be placed, best first; `labels.js` takes the first that hits nothing. */
import L from "leaflet";
import { ink } from "../map/ink.js";
import { ringTest } from "../map/rings.js";
import { iconNode } from "../map/swatch.js";
import { svg } from "../core/dom.js";
import { lightness, widthFactor } from "../map/symbols.js";
import { aroundPoint, boxAround, boxesAlong, breakName, clipLine, distance, isStrip, isThin, resample, smooth, spine, windows } from "./label-geometry.js";
import { shieldText } from "../core/format.js";

export const FONT = '"Source Han Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';
const widths = new Map();
let context = null;

/** Width of a text in pixels, remembered. */
export function measureText(text, size, weight, italic, spacing = 0) {
  const key = `${size}|${weight}|${italic}|${text}`;
  if (!widths.has(key)) {
    context ||= document.createElement("canvas").getContext("2d");
    context.font = `${italic ? "italic " : ""}${weight} ${size}px ${FONT}`;
    widths.set(key, context.measureText(text).width);
  }
  return widths.get(key) + spacing * Math.max(0, [...text].length - 1);
}

const round1 = (value) => Math.round(value * 10) / 10;

/** Size, spacing and line breaks of a name at the present zoom. */
function typeset(job, scene, { single = false, limit = null } = {}) {
  const { spec, lang } = job;
  const large = (spec.size || 12) >= 16;
  const factor = Math.min(1.3, Math.max(large ? 0.8 : 0.9, 1 + (scene.zoom - (large ? 11 : 12)) * (large ? 0.11 : 0.045)));
  const size = round1((spec.size || 12) * factor * (lang === "en" ? 0.94 : 1));
  const weight = spec.weight || 400;
  const spacing = round1((spec.spacing || 0) * size * (lang === "en" ? 0.3 : 1));
  const lines = single ? [job.text] : breakName(job.text, limit || (lang === "en" ? 8.5 : 10), scene.words);
  const width = Math.max(...lines.map((text) => scene.measure(text, size, weight, spec.italic, spacing)));
  return { size, weight, spacing, lines, width, lineHeight: size * 1.18 };
}

/**
 * All options for one job, as a generator: later ones are worked out only when the earlier ones fail. Between them
 * null comes wherever a long search may pause.
 */
export function* candidates(job, scene) {
  const placement = job.spec.placement || job.view.shape;
  if (job.value) yield* valueOptions(job, scene);
  else if (job.view.shape === "point") yield* pointOptions(job, scene);
  else if (placement === "shield") yield* shieldOptions(job, scene);
  else if (placement === "line" || job.view.shape === "line" || (yield* looked(job.view, scene))) yield* lineOptions(job, scene);
  else yield* areaOptions(job, scene);
}

/** Where the name of an area goes in this view: its label point, or the middle of what is seen of it. */
function anchor(job, scene) {
  const { view } = job;
  const label = view.properties.label;
  const latlng = label ? L.latLng(label[1], label[0]) : view.bounds.getCenter();
  const point = scene.project(latlng);
  const { view: box } = scene;
  if (point.x > box.minX && point.x < box.maxX && point.y > box.minY && point.y < box.maxY) return point;
  if (view.shape !== "polygon" || job.extent < 40000) return null;
  const inside = [];
  for (let i = 1; i < 10; i++) {
    for (let j = 1; j < 7; j++) {
      const at = L.point(box.minX + ((box.maxX - box.minX) * i) / 10, box.minY + ((box.maxY - box.minY) * j) / 7);
      const { lat, lng } = scene.map.layerPointToLatLng(at);
      if (outlines(view).some((test) => test(lng, lat))) inside.push(at);
    }
  }
  if (!inside.length) return null;
  const mean = { x: inside.reduce((sum, item) => sum + item.x, 0) / inside.length, y: inside.reduce((sum, item) => sum + item.y, 0) / inside.length };
  return inside.reduce((best, item) => (distance(item, mean) < distance(best, mean) ? item : best));
}

function stacked(type) {
  const top = (-(type.lines.length - 1) * type.lineHeight) / 2;
  return type.lines.map((text, index) => ({ text, dy: top + index * type.lineHeight + type.size * 0.36 }));
}

const base = (job, type) => ({
  words: job.text,
  size: type.size,
  spacing: type.spacing,
  halo: job.spec.halo,
  haloWidth: type.size >= 16 ? 4 : 3,
});

/** Names of the ground stay inside their own area. */
const GROUND_PRIORITY = 20;

function* areaOptions(job, scene) {
  const at = anchor(job, scene);
  if (!at) return;
  const wide = typeset(job, scene);
  yield null;
  const types = wide.lines.length > 1 || (job.spec.size || 12) < 13 ? [wide] : [wide, typeset(job, scene, { limit: 6 })];
  if (types.length > 1 && wide.width > job.across * 0.7) types.reverse();
  const ground = (job.spec.priority || 0) <= GROUND_PRIORITY;
  const leading = (job.spec.priority || 0) >= LARGE_PRIORITY;
  // Wholly inside its area if anyhow possible, smaller or on more lines if need be; else with its middle inside.
  yield null;
  const narrow = leading ? [1, 0.82, 0.68, 0.6].map((share) => smaller({ ...types[0], lines: narrower(types[0].lines, scene.words) }, share, scene, job)) : [];
  if (leading) yield null;
  const small = [0.82, 0.68].flatMap((share) => types.map((type) => smaller(type, share, scene, job)));
  yield null;
  const rounds = ground || job.view.shape !== "polygon" ? [] : [...types, ...small, ...narrow].map((type) => [type, within]);
  for (const [type, inside] of [...rounds, ...types.map((type) => [type, ground ? within : centred])]) {
    const height = type.lines.length * type.lineHeight;
    const large = inside === within && leading;
    for (const [dx, dy] of [[0, 0], ...(large ? around(job) : shifts(type, height, job))]) {
      const option = areaOption(job, type, height, at.x + dx, at.y + dy);
      yield inside(job.view, scene, option.boxes[0]) ? { ...option, snug: inside === within } : null;
    }
  }
}

/** Each line broken once more, a word or two to a line. */
const narrower = (lines, words) => lines.flatMap((line) => breakName(line, 3, words));

/** The same lines in smaller letters, but never so small that they cannot be read. */
function smaller(type, share, scene, job) {
  const size = round1(Math.max(10.5, type.size * share));
  const spacing = round1((type.spacing * size) / type.size / 2);
  const width = Math.max(...type.lines.map((text) => scene.measure(text, size, type.weight, job.spec.italic, spacing)));
  return { ...type, size, spacing, width, lineHeight: size * 1.18 };
}

/** Names of this priority on are looked a place for all over their area. */
const LARGE_PRIORITY = 95;
const STEP_PX = 9;

/** Places all over an area, near ones first. */
function around({ across, extent }) {
  const [columns, rows] = [across, extent / Math.max(across, 1)].map((size) => Math.min(9, Math.ceil(size / STEP_PX / 2)));
  const places = [];
  for (let i = -columns; i <= columns; i += 1) for (let j = -rows; j <= rows; j += 1) if (i || j) places.push([i * STEP_PX, j * STEP_PX]);
  return places.sort((a, b) => Math.hypot(...a) - Math.hypot(...b));
}

/** Other places for the name of an area, near ones first; large areas have more of them. */
function shifts(type, height, job) {
  const near = [[0, -0.8], [0, 0.8], [0, -1.6], [0, 1.6], [-0.55, 0], [0.55, 0]];
  const far = job.extent > 30 * type.width * height ? [[-0.4, -1.6], [0.4, 1.6], [0, -2.6], [0, 2.6], [-0.8, 0.8], [0.8, -0.8], [-0.8, 0], [0.8, 0], [0, 3.8], [0, -3.8], [-0.3, -0.8], [0.3, -0.8], [-0.3, 0.8], [0.3, 0.8], [-0.25, 0], [0.25, 0], [-0.5, 1.6], [0.5, 1.6], [0.5, -1.6], [-0.5, -1.6], [1.1, 0], [1.1, -0.8], [1.1, 0.8], [0.6, 2.6], [-0.6, 2.6]] : [];
  return [...near, ...far].map(([across, down]) => [across * type.width, down * height]);
}

function within(view, scene, box) {
  return covers(view, scene, [[box.minX, box.minY], [box.maxX, box.minY], [box.minX, box.maxY], [box.maxX, box.maxY]]);
}

function centred(view, scene, box) {
  return view.shape !== "polygon" || covers(view, scene, [[(box.minX + box.maxX) / 2, (box.minY + box.maxY) / 2]]);
}

function covers(view, scene, places) {
  const some = places.length > 1 ? [...places, ...places.map(([x, y], index) => { const [u, v] = places[(index + 1) % places.length]; return [0.25, 0.5, 0.75].map((t) => [x + (u - x) * t, y + (v - y) * t]); }).flat()] : places;
  return some.every(([x, y]) => {
    const { lat, lng } = scene.map.layerPointToLatLng([x, y]);
    return outlines(view).some((test) => test(lng, lat));
  });
}

/** Tests of a view's outer rings, made once. */
const outlines = (view) => (view.outlines ||= view.parts.map(([outer]) => ringTest(outer)));

function areaOption(job, type, height, x, top) {
  const { mark } = job.spec;
  const markSize = mark ? type.size * 1.05 : 0;
  const y = top + markSize * 0.5;
  return {
    ...base(job, type),
    x,
    y,
    boxes: [boxAround(x, y - markSize * 0.5, type.width + 4, height + markSize + 2)],
    // Side by side in one line two names of areas would read as one.
    room: type.size + type.spacing,
    lines: stacked(type),
    mark: mark && (() => markNode(job.spec, x, y - height / 2 - markSize * 0.52, markSize)),
  };
}

/** The mark over a name; made only for the place that is taken. */
function markNode({ mark, halo, color }, x, y, size) {
  const icon = iconNode(mark, size, color);
  if (!icon) return null;
  if (halo) {
    for (const [name, value] of [["stroke", halo], ["stroke-width", 3], ["paint-order", "stroke"], ["stroke-linejoin", "round"]]) icon.setAttribute(name, value);
  }
  return svg("g", { transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` }, icon);
}

function* valueOptions(job, scene) {
  const at = anchor(job, scene);
  if (!at) return;
  const type = typeset({ ...job, spec: { ...job.spec, size: Math.min(job.spec.size || 12, 13), spacing: 0 } }, scene);
  const size = type.size + 0.5;
  const valueWidth = scene.measure(job.value, size, 700, false);
  const options = [type.lines, []];
  for (const names of options) {
    const count = names.length + 1;
    const top = (-(count - 1) * type.lineHeight) / 2;
    const lines = names.map((text, index) => ({ text, dy: top + index * type.lineHeight + type.size * 0.36 }));
    lines.push({ text: job.value, dy: top + names.length * type.lineHeight + size * 0.36, weight: 700, size });
    const width = Math.max(valueWidth, names.length ? type.width : 0);
    for (const dy of [0, -type.lineHeight * 0.7, type.lineHeight * 0.7]) {
      yield { ...base(job, type), spacing: 0, apart: 1, color: ink(), halo: "#ffffff", x: at.x, y: at.y + dy, boxes: [boxAround(at.x, at.y + dy, width + 2, count * type.lineHeight)], lines };
    }
  }
}

function* pointOptions(job, scene) {
  const type = typeset(job, scene);
  const height = type.lines.length * type.lineHeight;
  for (const [latlng] of job.view.parts) {
    const { x, y } = scene.project(latlng);
    if (x < scene.view.minX || x > scene.view.maxX || y < scene.view.minY || y > scene.view.maxY) continue;
    for (const place of aroundPoint(x, y, job.view.style.size / 2, type.width, height)) {
      yield { ...base(job, type), ...place, boxes: [boxAround(place.x, place.y, type.width + 3, height)], lines: stacked(type) };
    }
  }
}

/** The line, or the middle line of an area, in screen pixels. */
function runs(job, scene) {
  const { view } = job;
  let lines = view.parts;
  if (view.shape === "polygon") {
    lines = [strip(view, scene) || []];
  }
  return lines.flatMap((line) => clipLine(line.map(scene.project), scene.inner));
}

/** The middle line of an area that is a strip, as places on the ground; null for others. Worked out once. */
function strip(view, scene) {
  if (view.spine === undefined) view.spine = view.shape === "polygon" ? spineOf(view, scene.map) : null;
  return view.spine;
}

/** The same; to work it out is a step of its own. */
function* looked(view, scene) {
  const first = view.spine === undefined;
  if (first) yield null;
  const found = strip(view, scene);
  if (first) yield null;
  return found;
}

function spineOf(view, map) {
  const rings = view.parts.map(([outer]) => outer.map((latlng) => map.project(latlng, 13)));
  const largest = rings.reduce((best, ring) => (extentOf(ring) > extentOf(best) ? ring : best), rings[0]);
  if (!isThin(largest)) return null;
  const found = spine(largest);
  return isStrip(found) ? found.line.map(({ x, y }) => map.unproject([x, y], 13)) : null;
}

function extentOf(ring) {
  const xs = ring.map((point) => point.x);
  const ys = ring.map((point) => point.y);
  return Math.hypot(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
}

function* lineOptions(job, scene) {
  const type = typeset(job, scene, { single: true });
  const area = job.view.shape === "polygon";
  const room = type.width + (area ? type.size : 10);
  yield null;
  const lines = [];
  for (const part of runs(job, scene)) {
    yield null;
    const run = smooth(resample(part, 7), 3);
    lines.push({ run, length: run.length * 7 });
  }
  lines.sort((a, b) => b.length - a.length);
  // A long line carries its name again and again.
  const total = lines.reduce((sum, item) => sum + item.length, 0);
  const repeat = Math.max(1, Math.min(3, Math.floor(total / (area ? 1100 : 620))));
  const shift = area ? 0 : job.view.style.width * widthFactor(scene.zoom) * 0.5 + type.size * 0.28;
  for (const { run } of lines.slice(0, 4)) {
    yield null;
    for (const stretch of windows(run, room, { maxSag: area ? 0.3 : 0.2 }).slice(0, 14)) {
      yield { ...alongOption(stretch, type, shift, area), ...base(job, type), repeat, apart: 380 };
    }
  }
  if (area) yield* areaOptions(job, scene);
}

function alongOption(stretch, type, shift, area) {
  const { points, middle, angle } = stretch;
  const turn = (angle * Math.PI) / 180;
  const up = { x: Math.sin(turn) * (shift + (area ? 0 : type.size * 0.36)), y: -Math.cos(turn) * (shift + (area ? 0 : type.size * 0.36)) };
  const moved = points.map((point) => ({ x: point.x + up.x, y: point.y + up.y }));
  const boxes = boxesAlong(thin(moved), type.size * 1.1);
  const place = { x: middle.x + up.x, y: middle.y + up.y, boxes };
  if (stretch.sag < type.size * 0.12) {
    const chord = { x: (moved[0].x + moved[moved.length - 1].x) / 2, y: (moved[0].y + moved[moved.length - 1].y) / 2 };
    return { ...place, ...chord, angle, lines: [{ text: type.lines[0], dy: type.size * 0.36 }] };
  }
  const path = smooth(moved, 2).map((point, index) => `${index ? "L" : "M"}${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join("");
  return { ...place, path, dy: round1(type.size * 0.36), lines: [{ text: type.lines[0], dy: 0 }] };
}

/** Every other point is enough for boxes. */
function thin(points) {
  return points.filter((_, index) => index % 2 === 0 || index === points.length - 1);
}

function* shieldOptions(job, scene) {
  const text = shieldText(job.text);
  const size = round1((job.spec.size || 11) * (scene.zoom < 11 ? 0.92 : 1));
  const weight = job.spec.weight || 700;
  const width = scene.measure(text, size, weight, false) + 9;
  const height = size + 6;
  const color = job.view.style.stroke;
  const letters = lightness(color) > 0.72 ? ink() : "#ffffff";
  for (const run of runs(job, scene)) {
    const points = resample(run, 12);
    const length = (points.length - 1) * 12;
    if (length < 40) continue;
    const repeat = Math.max(1, Math.min(4, Math.round(length / 460)));
    const order = Array.from(points.keys()).sort((a, b) => Math.abs(a - points.length / 2) - Math.abs(b - points.length / 2));
    for (const index of order.filter((_, at) => at % 2 === 0)) {
      const { x, y } = points[index];
      yield { words: text, x, y, size, spacing: 0, color: letters, halo: "", repeat, apart: 300, boxes: [boxAround(x, y, width + 4, height + 4)], lines: [{ text, dy: size * 0.36 }], shield: { width, height, color } };
    }
  }
}
