/**
 * Where names can go: along a line, around a symbol, down the middle of a river. Plain geometry in
 * screen pixels (`{x, y}`, y down); nothing here knows the page.
 */

export const lerp = (a, b, t) => ({ x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t });
export const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/** Running length at each vertex. */
export function measureLine(points) {
  const sums = [0];
  for (let i = 1; i < points.length; i++) sums.push(sums[i - 1] + distance(points[i - 1], points[i]));
  return sums;
}

/** The point at a running length, clamped to the line. */
export function pointAt(points, sums, at) {
  const total = sums[sums.length - 1];
  if (at <= 0) return points[0];
  if (at >= total) return points[points.length - 1];
  let low = 0;
  let high = sums.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sums[middle] <= at) low = middle;
    else high = middle;
  }
  const span = sums[high] - sums[low];
  return span ? lerp(points[low], points[high], (at - sums[low]) / span) : points[low];
}

/** The line as points about `step` apart, ends kept. */
export function resample(points, step) {
  if (points.length < 2) return points.slice();
  const sums = measureLine(points);
  const total = sums[sums.length - 1];
  const count = Math.max(1, Math.round(total / step));
  return Array.from({ length: count + 1 }, (_, index) => pointAt(points, sums, (total * index) / count));
}

/** Corners rounded by a moving average over `reach` neighbours on either side; ends stay. */
export function smooth(points, reach = 2) {
  return points.map((point, index) => {
    const span = Math.min(reach, index, points.length - 1 - index);
    let x = 0;
    let y = 0;
    for (let i = index - span; i <= index + span; i++) {
      x += points[i].x;
      y += points[i].y;
    }
    return { x: x / (2 * span + 1), y: y / (2 * span + 1) };
  });
}

/** Angle of a direction in degrees, turned so that text on it is never upside down: (-90, 90]. */
export function uprightAngle(from, to) {
  const angle = (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
  if (angle > 90) return angle - 180;
  if (angle <= -90) return angle + 180;
  return angle;
}

/** A run of points in reading direction: left to right, top to bottom where it is upright. */
export function readable(points) {
  const first = points[0];
  const last = points[points.length - 1];
  const dx = last.x - first.x;
  const backwards = Math.abs(dx) < 1e-6 ? last.y < first.y : dx < 0;
  return backwards ? points.slice().reverse() : points;
}

/** The parts of a line inside a box, each a list of points; segments are cut at the box's edges. */
export function clipLine(points, box) {
  const runs = [];
  let run = [];
  for (let i = 1; i < points.length; i++) {
    const cut = clipSegment(points[i - 1], points[i], box);
    if (!cut) {
      if (run.length > 1) runs.push(run);
      run = [];
      continue;
    }
    const [a, b] = cut;
    const last = run[run.length - 1];
    if (!last || distance(last, a) > 1e-6) {
      if (run.length > 1) runs.push(run);
      run = [a];
    }
    run.push(b);
  }
  if (run.length > 1) runs.push(run);
  return runs;
}

/** Liang and Barsky: the part of a segment inside a box, or null. */
export function clipSegment(a, b, box) {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  let t0 = 0;
  let t1 = 1;
  for (const [p, q] of [[-dx, a.x - box.minX], [dx, box.maxX - a.x], [-dy, a.y - box.minY], [dy, box.maxY - a.y]]) {
    if (p === 0) {
      if (q < 0) return null;
      continue;
    }
    const r = q / p;
    if (p < 0) t0 = Math.max(t0, r);
    else t1 = Math.min(t1, r);
    if (t0 > t1) return null;
  }
  return [lerp(a, b, t0), lerp(a, b, t1)];
}

/**
 * The stretches of a line on which a text of a width could stand, the best first: straight ones near the
 * middle of the run. Each is `{points, sag, angle, middle}` in reading direction; `sag` is how far the
 * line leaves the chord.
 */
export function windows(run, width, { maxSag = 0.22, step = null } = {}) {
  const sums = measureLine(run);
  const total = sums[sums.length - 1];
  const found = [];
  if (total < width) return found;
  const stride = step || Math.max(6, width / 5);
  const count = Math.max(1, Math.ceil((total - width) / stride));
  for (let index = 0; index <= count; index++) {
    const start = ((total - width) * index) / count;
    const points = [];
    const pieces = Math.max(4, Math.round(width / 8));
    for (let k = 0; k <= pieces; k++) points.push(pointAt(run, sums, start + (width * k) / pieces));
    const chord = distance(points[0], points[pieces]);
    const sag = Math.max(...points.map((point) => offLine(point, points[0], points[pieces])));
    if (chord < width * 0.82 || sag > maxSag * width) continue;
    const offMiddle = Math.abs(start + width / 2 - total / 2) / total;
    found.push({ points: readable(points), sag, score: sag / width + offMiddle * 0.35, middle: pointAt(run, sums, start + width / 2), angle: uprightAngle(points[0], points[pieces]) });
  }
  return found.sort((one, other) => one.score - other.score);
}

function offLine(p, a, b) {
  const length = distance(a, b);
  if (!length) return distance(p, a);
  return Math.abs((b.x - a.x) * (a.y - p.y) - (a.x - p.x) * (b.y - a.y)) / length;
}

/** Upright boxes that cover a text of a height along points; small ones, so that slanted text is not a big box. */
export function boxesAlong(points, height) {
  const boxes = [];
  for (let i = 1; i < points.length; i++) {
    const a = points[i - 1];
    const b = points[i];
    const pad = height / 2;
    boxes.push({ minX: Math.min(a.x, b.x) - pad, maxX: Math.max(a.x, b.x) + pad, minY: Math.min(a.y, b.y) - pad, maxY: Math.max(a.y, b.y) + pad });
  }
  return boxes;
}

/** A box of a size around a centre. */
export function boxAround(x, y, width, height) {
  return { minX: x - width / 2, maxX: x + width / 2, minY: y - height / 2, maxY: y + height / 2 };
}

/**
 * Eight places for a name around a symbol, best first: right, upper right, above, lower right, below,
 * left, upper left, lower left. Each is the text's centre and anchor.
 */
export function aroundPoint(x, y, radius, width, height) {
  const gap = radius + 3;
  const slant = gap * 0.72;
  const right = (dx, dy) => ({ x: x + dx + width / 2, y: y + dy });
  const left = (dx, dy) => ({ x: x - dx - width / 2, y: y + dy });
  const off = height / 2;
  return [
    right(gap, 0),
    right(slant, -slant - off * 0.4),
    { x, y: y - gap - off },
    right(slant, slant + off * 0.4),
    { x, y: y + gap + off },
    left(gap, 0),
    left(slant, -slant - off * 0.4),
    left(slant, slant + off * 0.4),
  ];
}

/**
 * The middle line of a strip such as a river: the ring is cut into two banks where the banks lie closest
 * together on the whole, and the line runs midway between them. `ring` is closed or open, any unit.
 * Gives `{line, width}`: the points, and the mean distance between the banks.
 */
export function spine(ring, samples = 96) {
  const closed = distance(ring[0], ring[ring.length - 1]) < 1e-9 ? ring : [...ring, ring[0]];
  const sums = measureLine(closed);
  const total = sums[sums.length - 1];
  if (!total) return { line: [], width: 0 };
  const points = Array.from({ length: samples }, (_, index) => pointAt(closed, sums, (total * index) / samples));
  const half = samples / 2;
  let best = null;
  for (let start = 0; start < half; start++) {
    for (let skew = -samples / 8; skew <= samples / 8; skew += 2) {
      const width = bankWidth(points, start, half + skew, samples);
      if (!best || width < best.width) best = { width, start, length: half + skew };
    }
  }
  const steps = 40;
  const line = [];
  for (let k = 0; k <= steps; k++) {
    const a = at(points, best.start + (best.length * k) / steps, samples);
    const b = at(points, best.start - ((samples - best.length) * k) / steps, samples);
    line.push(lerp(a, b, 0.5));
  }
  return { line: smooth(line, 2), width: best.width };
}

/**
 * Could a ring be a strip at all? A cheap look before `spine`: the square of its length against its area,
 * 1 for a circle, 2.3 for a strip of 1 : 5. The coarse outline is taken, since a ragged one is long anyhow.
 */
export function isThin(ring) {
  const coarse = resample(ring, measureLine(ring)[ring.length - 1] / 40);
  let area = 0;
  let length = 0;
  for (let i = 1; i < coarse.length; i++) {
    area += coarse[i - 1].x * coarse[i].y - coarse[i].x * coarse[i - 1].y;
    length += distance(coarse[i - 1], coarse[i]);
  }
  return (length * length) / (4 * Math.PI * Math.abs(area / 2 || 1e-9)) > 2.3;
}

/** Is a shape with this middle line a strip (a river, a belt) rather than a patch? */
export function isStrip({ line, width }) {
  if (line.length < 2 || !width) return false;
  const sums = measureLine(line);
  return sums[sums.length - 1] / width > 6;
}

function at(points, index, samples) {
  const whole = Math.floor(index);
  const wrap = (value) => points[((value % samples) + samples) % samples];
  return lerp(wrap(whole), wrap(whole + 1), index - whole);
}

function bankWidth(points, start, length, samples) {
  let sum = 0;
  for (let k = 1; k < 12; k++) {
    const a = at(points, start + (length * k) / 12, samples);
    const b = at(points, start - ((samples - length) * k) / 12, samples);
    sum += distance(a, b);
  }
  return sum / 11;
}

/** Letters in ems of the font: Chinese ones are square. */
const ems = (text) => [...text].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 0x2e80 ? 1 : 0.55), 0);
const LATIN = /[0-9A-Za-z.+%#/-]/;
/** A word's end must leave at least this share of the name on either line. */
const LEAST_SHARE = 0.25;

/**
 * A name broken into at most two lines of about equal length; `limit` is in ems of the font, `words` are words
 * after which a name without spaces may break ("国际"). Digits and Latin letters ("80G") are never parted.
 */
export function breakName(text, limit, words = []) {
  if (ems(text) <= limit) return [text];
  const places = (pattern) => [...text].map((letter, index) => (pattern.test(letter) ? index : -1)).filter((index) => index > 0);
  const spaces = places(/\s/).length ? places(/\s/) : places(/[—–-]/);
  const middle = text.length / 2;
  const nearest = (cuts) => cuts.reduce((best, index) => (Math.abs(index - middle) < Math.abs(best - middle) ? index : best));
  const chinese = /[\u2e80-\uffff]/.test(text);
  if (spaces.length && !chinese) {
    const cut = nearest(spaces);
    const keep = text[cut] === " " ? 0 : 1;
    return [text.slice(0, cut + keep).trim(), text.slice(cut + 1).trim()].filter(Boolean);
  }
  if (!chinese) return [text];
  const cuts = wordCuts(text, words);
  return cuts.length ? parted(text, nearest(cuts)) : [text];
}

const parted = (text, cut) => [text.slice(0, cut).trim(), text.slice(cut).trim()].filter(Boolean);

/** No line of a name begins with one of these. */
const NO_START = /[、，；：·）)】》”—–\-的]/;

/**
 * Where a Chinese name may break: after the words given, after a mark or a space, before and after brackets; else
 * before a word, else anywhere; never inside a word or a number.
 */
function wordCuts(text, words) {
  const spans = [];
  for (const word of words) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) spans.push([at, at + word.length]);
  }
  const least = Math.max(2, text.length * LEAST_SHARE);
  const whole = (at) => !spans.some(([start, end]) => start < at && at < end) && !(LATIN.test(text[at - 1]) && LATIN.test(text[at])) && !NO_START.test(text[at]);
  const every = [...Array(text.length).keys()].slice(1).filter(whole);
  const good = (holds) => every.filter((at) => at >= least && at <= text.length - least && holds(at));
  const after = good((at) => spans.some(([, end]) => end === at) || /[、，；：·\s）)】》”—–-]/.test(text[at - 1]) || /[（(【《“]/.test(text[at]));
  if (after.length) return after;
  const before = good((at) => spans.some(([start, end]) => start === at && end - start > 1));
  return before.length ? before : every;
}
