/** Classes of a choropleth: where a value falls and how the classes are written. Nothing here touches the page. */
import { formatNumber, round } from "../core/format.js";

/**
 * The class of a value: 0 holds `breaks[0] … breaks[1]` with both ends, every further class i lies above
 * `breaks[i]` and reaches to `breaks[i + 1]`, that end included. -1 without a value.
 */
export function classOf(value, breaks) {
  if (!Number.isFinite(value)) return -1;
  const last = breaks.length - 2;
  for (let index = 0; index <= last; index += 1) if (value <= breaks[index + 1]) return index;
  return last;
}

/**
 * How many decimals the breaks need so that no value, read off at that precision, seems to fall into
 * another class than it does; not fewer than `decimals`, at most two more.
 */
export function breakDecimals(values, breaks, decimals) {
  const finite = values.filter((value) => value !== null);
  for (let digits = decimals; digits < decimals + 2; digits += 1) {
    const shown = breaks.map((item) => round(item, digits));
    if (finite.every((value) => classOf(round(value, digits), shown) === classOf(value, breaks))) return digits;
  }
  return decimals + 2;
}

/** How many decimals a value is written with beside classes of `most`: as few as say it whole, not fewer than `decimals`. */
export function valueDecimals(value, decimals, most) {
  for (let digits = decimals; digits < most; digits += 1) if (round(value, digits) === value) return digits;
  return most;
}

/** A class as its bounds; one without an end says only the other, one of a single value only that. */
function rangeText(from, to, index, write, single) {
  if (single) return write(to);
  if (from === -Infinity) return to === Infinity ? "" : `≤ ${write(to)}`;
  if (to === Infinity) return `> ${write(from)}`;
  return from === to ? write(to) : `${index ? "> " : ""}${write(from)} – ${write(to)}`;
}

/**
 * The legend's entries `{color, text, count}`. The first class is written "a – b", a single figure
 * where both are the same or it is `alone`, every further one "> b – c".
 */
export function classEntries({ breaks, colors, alone = -1 }, values, decimals, lang, digits = breakDecimals(values, breaks, decimals)) {
  const write = (value) => formatNumber(value, lang, digits);
  const counts = colors.map(() => 0);
  for (const value of values) if (Number.isFinite(value)) counts[Math.min(classOf(value, breaks), colors.length - 1)] += 1;
  return colors.map((color, index) => {
    const [from, to] = [breaks[index], breaks[index + 1]];
    const range = rangeText(from, to, index, write, index === alone);
    return { color, text: range, count: counts[index] };
  });
}
