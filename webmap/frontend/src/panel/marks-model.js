/** Sizes and parts of what is drawn on the units, as plain data; nothing here touches the page. */
import { niceStep } from "./chart.js";
import { tidy } from "./breaks.js";

/** The radius of a value's circle: its area is in proportion to the value, that of the greatest has `most` pixels. */
export function radiusOf(value, greatest, most) {
  return greatest > 0 ? most * Math.sqrt(Math.abs(value) / greatest) : 0;
}

/** Circles of a legend, the largest first: round values of about the greatest, a third and a tenth of it. */
export function nested(greatest, most) {
  if (!(greatest > 0)) return [];
  const values = [1, 0.33, 0.08].map((share) => roundBelow(greatest * share));
  return [...new Set(values)].map((value) => ({ value, radius: radiusOf(value, greatest, most) }));
}

/** The greatest 1, 2 or 5 times a power of ten that is not above a number; of two significant digits where that is near. */
function roundBelow(value) {
  const step = niceStep(value);
  if (step <= value) return step;
  const power = 10 ** Math.floor(Math.log10(value));
  const digit = [5, 2, 1].find((one) => one * power <= tidy(value));
  return tidy(digit * power);
}

/**
 * Heights of bars in pixels, null where a value is missing, below zero for what is below zero. `parts` are
 * `{value, color, most}`: each is drawn against its own `most`, which parts of one unit share.
 */
export function barHeights(parts, high) {
  return parts.map(({ value, most }) => (value === null || !(most > 0) ? null : (value / most) * high));
}

/** Slices of a pie, `{color, from, to}` in shares of the whole from the top on. */
export function pieSlices(parts) {
  const all = parts.reduce((sum, part) => sum + part.value, 0);
  let at = 0;
  return parts.filter((part) => part.value > 0).map(({ value, color }) => {
    const from = at;
    at += value / all;
    return { color, from, to: at };
  });
}

/**
 * What is drawn on each unit, largest first so that small ones lie on top: `{form, most, color, items: [{id, value, color?, parts?}]}`.
 * @param form "symbols", "bars" or "pies"
 * @param rows `[{id, value}]` of what the overlay shows
 * @param parts for bars and pies: `[{name, unit, values: Map(id → value), color}]`
 * @param given `{most, color, below}`: the greatest value of all periods, colours of values above and below zero
 */
export function marksModel(form, rows, parts, { most, color, below }) {
  if (form === "symbols") {
    const items = rows.filter((row) => row.value !== null && row.value !== 0).map((row) => ({ id: row.id, value: row.value, color: row.value < 0 ? below : color }));
    return { form, most, color, items: items.sort((a, b) => Math.abs(b.value) - Math.abs(a.value)) };
  }
  const greatest = greatestByUnit(parts);
  const made = rows.map((row) => ({ id: row.id, parts: parts.map((part) => ({ value: part.values.get(row.id) ?? null, color: part.color, most: greatest.get(part.unit) })) }));
  if (form === "bars") return { form, items: made.filter((item) => item.parts.some((part) => part.value !== null)) };
  // A pie is of what adds up: nothing missing, nothing below zero.
  const whole = made.filter((item) => item.parts.every((part) => part.value !== null && part.value >= 0)).map((item) => ({ ...item, value: item.parts.reduce((sum, part) => sum + part.value, 0) }));
  const items = whole.filter((item) => item.value > 0).sort((a, b) => b.value - a.value);
  return { form, most: Math.max(0, ...items.map((item) => item.value)), items };
}

function greatestByUnit(parts) {
  const found = new Map();
  for (const part of parts) found.set(part.unit, Math.max(found.get(part.unit) || 0, ...[...part.values.values()].filter((one) => one !== null).map(Math.abs)));
  return found;
}
