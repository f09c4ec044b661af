/**
 * Small bars in SVG. The picture never is the only carrier of a figure: the table row or the list entry
 * it stands in says the same in words.
 */
import { svg } from "../core/dom.js";

/**
 * A linear scale from values to pixels. It always holds zero, so that the length of a bar is in
 * proportion to its value; the end is a round number.
 */
export function linearScale(values, length, steps = 6) {
  const finite = values.filter((value) => Number.isFinite(value));
  const top = finite.reduce((a, b) => Math.max(a, b), 0);
  const bottom = finite.reduce((a, b) => Math.min(a, b), 0);
  const step = niceStep((top - bottom) / steps);
  const max = top > 0 ? Math.ceil(round(top / step)) * step : 0;
  const min = bottom < 0 ? Math.floor(round(bottom / step)) * step : 0;
  const span = max - min || 1;
  const at = (value) => ((value - min) / span) * length;
  const ticks = [];
  for (let index = 0; min + index * step <= max + step / 1e6; index += 1) ticks.push(Number((min + index * step).toPrecision(12)));
  return { min, max, step, ticks, at, length };
}

// Divisions such as 0.3 / 0.1 = 2.9999999999999996 must not add a step.
const round = (value) => Number(value.toPrecision(12));

/** The smallest 1, 2 or 5 times a power of ten that is not below `raw`; 1 where there is nothing to measure. */
export function niceStep(raw) {
  if (!(raw > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const digit = [1, 2, 5, 10].find((item) => item >= round(raw / power));
  return Number((digit * power).toPrecision(12));
}

/** Where a bar begins and how long it is; a value other than zero keeps a visible sliver. */
export function barBox(scale, value) {
  if (!Number.isFinite(value)) return null;
  const zero = scale.at(0);
  const end = scale.at(value);
  const width = Math.abs(end - zero);
  return { x: Math.min(zero, end), width: value === 0 ? 0 : Math.max(1, width) };
}

/** Tick labels that stay inside: the first starts, the last ends at its tick. */
export function axis(scale, { height = 14, format = String } = {}) {
  const ends = scale.ticks.length > 1 ? [scale.ticks[0], scale.ticks[scale.ticks.length - 1]] : scale.ticks;
  const marks = ends.map((tick, index) =>
    svg("text", {
      x: percent(scale.at(tick), scale),
      y: height - 3,
      class: "pm-axis-text",
      "text-anchor": index === 0 ? "start" : "end",
      text: format(tick),
    }),
  );
  return svg("svg", { class: "pm-axis", width: "100%", height, "aria-hidden": "true" }, marks);
}

/**
 * One bar on a shared scale, as wide as its cell: `{value, color, label, hatched}`; grid lines at the
 * scale's ticks stand in line with those of the bars above and below.
 */
export function rowBar(scale, { value, color, label, hatched = false, height = 14 }) {
  const box = barBox(scale, value);
  const lines = scale.ticks.map((tick) => {
    const x = percent(scale.at(tick), scale);
    return svg("line", { x1: x, x2: x, y1: 0, y2: "100%", class: tick === 0 ? "pm-bar-zero" : "pm-bar-grid" });
  });
  const shape = box && [
    svg("rect", {
      x: percent(box.x, scale),
      width: percent(box.width, scale),
      y: 2,
      height: height - 4,
      class: "pm-bar",
      style: { fill: color },
    }),
    hatched && hatching(box, scale, height),
  ];
  return svg("svg", { class: "pm-row-bar", width: "100%", height, role: "img", "aria-label": label }, [lines, shape || []]);
}

/** Assumed values carry a few oblique cuts, readable in grey print too. */
function hatching(box, scale, height) {
  const cuts = [];
  for (let x = box.x + 4; x < box.x + box.width; x += 5) {
    cuts.push(svg("line", { x1: percent(x, scale), x2: percent(Math.max(box.x, x - 3), scale), y1: 2, y2: height - 2, class: "pm-bar-cut" }));
  }
  return cuts;
}

const percent = (x, scale) => `${Number(((x / scale.length) * 100).toFixed(3))}%`;

/**
 * Baseline and target of one stated indicator as two bars on one scale from zero:
 * `rows = [{value, low, high, comparator, role}]`. A range ends in a lighter piece, a comparator in an
 * open end. Returns null where there is nothing to draw.
 */
export function pairBars(rows, { label, height = 9, gap = 5 } = {}) {
  const drawn = rows.map((row) => ({ ...row, end: upperEnd(row) })).filter((row) => row.end !== null);
  if (!drawn.length) return null;
  const reach = Math.max(...drawn.map((row) => Math.abs(row.end))) || 1;
  const at = (value) => `${Number(((Math.max(0, value) / reach) * 100).toFixed(3))}%`;
  const marks = rows.map((row, index) => {
    const end = upperEnd(row);
    if (end === null) return null;
    const y = index * (height + gap);
    const from = Number.isFinite(row.low) && Number.isFinite(row.high) ? row.low : end;
    return [
      svg("rect", { x: 0, y, width: at(from), height, class: `pm-pair pm-pair-${row.role}` }),
      from < end && svg("rect", { x: at(from), y, width: at(end - from), height, class: "pm-pair pm-pair-range" }),
      row.comparator && openEnd(at(end), y, height, row.comparator),
    ];
  });
  const total = rows.length * height + (rows.length - 1) * gap;
  const base = svg("line", { x1: 0, x2: 0, y1: 0, y2: total, class: "pm-bar-zero" });
  return svg("svg", { class: "pm-pairs", width: "100%", height: total, role: "img", "aria-label": label }, [marks.flat().filter(Boolean), base]);
}

/** The figure a bar ends at: the value, or the upper end of a range; null for words. */
export function upperEnd(row) {
  if (Number.isFinite(row.high)) return row.high;
  return Number.isFinite(row.value) ? row.value : null;
}

function openEnd(x, y, height, comparator) {
  const sign = comparator.startsWith("<") ? "‹" : "›";
  return svg("text", { x, y: y + height - 0.5, dx: -3, class: "pm-pair-open", "text-anchor": "end", text: sign });
}
