/**
 * Classes of values that the page reckons itself: own data, ratios, differences, all years together. By the rules of the server's
 * `layers/measure/classify.py`; `tests/classes.json` has the cases that both must pass. Nothing here touches the page.
 *
 * Breaks are `[min, …, max]`, see `classes.js`. Numbers are reckoned as they are written (0.1 is one tenth), as whole numbers
 * of their last decimal, so that ties stay together.
 */

export const METHODS = ["quantiles", "equal_interval", "natural_breaks", "pretty", "deviation"];
export const MOST_CLASSES = 5;

/** More values than these are thinned for natural breaks, whose time grows with the square. */
const NATURAL_SAMPLE = 300;
/** Digits that a standard deviation has more than the values. */
const ROOT_DIGITS = 6;

/** The class breaks of values by a method, `[]` without any; `decimals` are those that values are shown with, or null. */
export function breaks(values, method, most = MOST_CLASSES, decimals = null) {
  const finite = values.filter((value) => typeof value === "number" && Number.isFinite(value)).map((value) => value + 0);
  const distinct = [...new Set(finite.map((value) => (value === 0 ? 0 : value)))].sort((a, b) => a - b);
  if (!distinct.length) return [];
  const [low, high] = [distinct[0], distinct[distinct.length - 1]];
  const count = Math.min(most, distinct.length);
  if (count === 1) return [low, high];
  const scale = new Scale(distinct);
  const sorted = [...finite].sort((a, b) => a - b);
  const full = method === "quantiles" || method === "natural_breaks";
  return [low, ...bounds(UPPERS[method](scale, sorted, distinct, count), scale, distinct, decimals, !full), high];
}

const UPPERS = {
  quantiles: (scale, sorted, _distinct, count) => steps(count).map((step) => {
    const at = step * (sorted.length - 1);
    const [rank, rest] = [Math.floor(at / count), at % count];
    const lower = scale.whole(sorted[rank]);
    return rest ? ratio(lower * BigInt(count) + (scale.whole(sorted[rank + 1]) - lower) * BigInt(rest), BigInt(count)) : ratio(lower);
  }),
  equal_interval: (scale, _sorted, distinct, count) => {
    const [low, high] = [scale.whole(distinct[0]), scale.whole(distinct[distinct.length - 1])];
    return steps(count).map((step) => ratio(low * BigInt(count) + (high - low) * BigInt(step), BigInt(count)));
  },
  natural_breaks: (scale, sorted, _distinct, count) => natural(sorted, count).map((value) => ratio(scale.whole(value))),
  pretty: (scale, _sorted, distinct, count) => rounds(scale, distinct, count),
  deviation: (scale, sorted, _distinct, count) => deviations(scale, sorted, count),
};

const steps = (count) => Array.from({ length: count - 1 }, (_, at) => at + 1);

/** A fraction of two whole numbers, the lower one positive. */
const ratio = (over, under = 1n) => ({ over, under });
const notAbove = (a, b) => a.over * b.under <= b.over * a.under;
const floorDiv = (over, under) => over / under - (over % under !== 0n && over < 0n ? 1n : 0n);

/** Values as whole numbers of the last decimal that any of them is written with. */
class Scale {
  constructor(values) {
    this.digits = Math.max(...values.map((value) => Math.max(0, -written(value).exponent)));
  }

  whole(value) {
    const { digits, exponent } = written(value);
    return digits * 10n ** BigInt(exponent + this.digits);
  }

  /** The double nearest to a fraction: as it is written to more digits than a double has. */
  number({ over, under }) {
    const sign = over < 0n ? "-" : "";
    const size = over < 0n ? -over : over;
    if (size === 0n) return 0;
    // Twenty-five significant digits: what is cut off cannot change the double but at a tie that does not occur.
    const shift = Math.max(0, 25 - (String(size).length - String(under).length));
    return Number(`${sign}${(size * 10n ** BigInt(shift)) / under}e${-shift - this.digits}`);
  }
}

/** A number as it is written: `digits · 10^exponent`. */
function written(value) {
  const [mantissa, power = "0"] = String(value).split("e");
  const [whole, part = ""] = mantissa.split(".");
  return { digits: BigInt(whole + part), exponent: Number(power) - part.length };
}

/** Inner bounds, each from the last value of its class to below the first of the next, cut to the decimals where no value lies between. */
function bounds(uppers, scale, distinct, decimals, empty) {
  const exact = distinct.map((value) => ratio(scale.whole(value)));
  const found = [];
  let [seen, at] = [-1, 0];
  for (const upper of uppers) {
    while (at + 1 < exact.length && notAbove(exact[at + 1], upper)) at += 1;
    if (at + 1 === exact.length || (at === seen && !empty)) continue;
    seen = at;
    const cut = decimals === null ? upper : cutTo(upper, scale.digits, decimals);
    let bound = scale.number(notAbove(exact[at], cut) ? cut : upper);
    if (bound >= distinct[at + 1]) bound = distinct[at];
    if (!found.length || bound > found[found.length - 1]) found.push(bound);
  }
  return found;
}

function cutTo({ over, under }, digits, decimals) {
  if (digits <= decimals) return ratio(floorDiv(over * 10n ** BigInt(decimals - digits), under), 10n ** BigInt(decimals - digits));
  const power = 10n ** BigInt(digits - decimals);
  return ratio(floorDiv(over, under * power) * power);
}

/** Multiples of the least round step that leaves no more than `count` classes. */
function rounds(scale, distinct, count) {
  const [low, high] = [distinct[0], distinct[distinct.length - 1]].map((value) => scale.whole(value));
  const room = BigInt(count);
  // In tenths of the last decimal, so that a step of 2.5 is a whole number too; where that does not do, finer.
  const width = (high - low) / room;
  const power = width > 0n ? String(width).length - 1 : 0;
  for (let exponent = power - FINER; exponent < power + 4; exponent += 1) {
    for (const base of [10n, 20n, 25n, 50n]) {
      const over = exponent >= 1 ? base * 10n ** BigInt(exponent - 1) : base;
      const under = exponent >= 1 ? 1n : 10n ** BigInt(1 - exponent);
      const first = floorDiv(low * under, over) + 1n;
      const last = -floorDiv(-high * under, over) - 1n;
      if (last - first + 2n <= room) return Array.from({ length: Number(last - first + 1n) }, (_, at) => ratio((first + BigInt(at)) * over, under));
    }
  }
  return [];
}

/** Powers of ten below the width that may be needed where values are whole and few. */
const FINER = 3;

/** One standard deviation wide around the mean, the outer classes open. */
function deviations(scale, sorted, count) {
  const numbers = sorted.map((value) => scale.whole(value));
  const many = BigInt(numbers.length);
  const sum = numbers.reduce((all, one) => all + one, 0n);
  const squares = numbers.reduce((all, one) => all + one * one, 0n);
  const finer = 10n ** BigInt(ROOT_DIGITS);
  const spread = root(((many * squares - sum * sum) * finer * finer) / (many * many));
  const found = [];
  for (let half = 2 - count; half < count; half += 2) {
    const bound = ratio(2n * sum * finer + BigInt(half) * spread * many, 2n * many * finer);
    if (notAbove(ratio(numbers[0]), bound)) found.push(bound);
  }
  return found;
}

/** The whole root of a whole number. */
function root(square) {
  if (square < 2n) return square;
  let guess = 1n << BigInt((square.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (guess + square / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** Largest value of each class but the last by Fisher's exact method; of two equal sums the one with the lower bound. */
function natural(sorted, count) {
  let values = sorted;
  if (new Set(sorted).size > NATURAL_SAMPLE) values = Array.from({ length: NATURAL_SAMPLE }, (_, at) => sorted[halfEven((at * (sorted.length - 1)) / (NATURAL_SAMPLE - 1))]);
  const distinct = [...new Set(values)];
  const size = distinct.length;
  const classes = Math.min(count, size);
  const weights = distinct.map((value) => values.filter((one) => one === value).length);
  const { spread, slack } = spreads(distinct, weights);
  let least = spread[0];
  const taken = [];
  for (let step = 1; step < classes; step += 1) {
    const next = new Array(size + 1).fill(Infinity);
    const from = new Array(size + 1).fill(0);
    for (let end = 0; end <= size; end += 1) {
      for (let start = 0; start < end; start += 1) next[end] = Math.min(next[end], least[start] + spread[start][end]);
      from[end] = Math.max(0, least.findIndex((sum, start) => start < end && sum + spread[start][end] <= next[end] + slack));
    }
    taken.push(from);
    least = next;
  }
  const uppers = [];
  let at = size;
  for (const from of taken.reverse()) {
    at = from[at];
    if (at > 0) uppers.unshift(distinct[at - 1]);
  }
  return uppers;
}

/** Sums of squared deviations of the values from start to before end, and what sums may differ by rounding only. */
function spreads(distinct, weights) {
  const scale = Math.max(...distinct.map(Math.abs)) || 1;
  const total = weights.reduce((all, one) => all + one, 0);
  const mean = distinct.reduce((all, value, at) => all + (value / scale) * weights[at], 0) / total;
  const sums = [0, 1, 2].map((power) => {
    const running = [0];
    distinct.forEach((value, at) => running.push(running[at] + weights[at] * (value / scale - mean) ** power));
    return running;
  });
  const [count, first, second] = sums;
  const size = distinct.length;
  const spread = Array.from({ length: size + 1 }, (_, start) => Array.from({ length: size + 1 }, (_unused, end) => {
    if (end <= start) return Infinity;
    const sum = first[end] - first[start];
    return Math.max(0, second[end] - second[start] - (sum * sum) / (count[end] - count[start]));
  }));
  return { spread, slack: 1e-12 * second[size] };
}

const halfEven = (value) => (value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

/** A ramp sampled at equal steps from its first to its last colour; a single one is taken from the middle. */
export function colors(ramp, count) {
  if (count < 1) return [];
  const stops = ramp.map((color) => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)));
  return Array.from({ length: count }, (_, step) => {
    const place = (count === 1 ? 0.5 : step / (count - 1)) * (stops.length - 1);
    const at = Math.min(Math.floor(place), stops.length - 2);
    if (stops.length === 1) return ramp[0];
    const mixed = [0, 1, 2].map((channel) => Math.floor(stops[at][channel] + (stops[at + 1][channel] - stops[at][channel]) * (place - at) + 0.5));
    return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
  });
}

/**
 * Equal steps on both sides of a middle that means something, as far as the value farthest from it; null where none is off it. Values
 * at the middle, where there are any, have a class of their own, in the colour between both sides: `alone` says which.
 */
export function around(values, middle, ramp) {
  const finite = values.filter(Number.isFinite);
  const most = Math.max(0, ...finite.map((value) => Math.abs(tidy(value - middle))));
  const half = ramp.length / 2;
  if (!most || half < 1 || ramp.length % 2) return null;
  const breaks = Array.from({ length: ramp.length + 1 }, (_, at) => tidy(middle + (most * (at - half)) / half));
  const tints = [...ramp];
  if (finite.includes(middle)) {
    const last = breaks[half - 1];
    const below = finite.filter((value) => last < value && value < middle);
    breaks.splice(half, 0, below.length ? below.reduce((one, other) => Math.max(one, other)) : tidy((last + middle) / 2));
    tints.splice(half, 0, colors([ramp[half - 1], ramp[half]], 3)[1]);
    return { breaks, colors: tints, alone: half };
  }
  return { breaks, colors: tints };
}

/** The classes of a method, `{breaks, colors}`. */
export function classesBy(values, method, ramp, decimals) {
  const found = breaks(values, method, MOST_CLASSES, decimals);
  return { breaks: found, colors: colors(ramp, Math.max(0, found.length - 1)) };
}

/** Classes at typed bounds; the outer ones are open, so that they hold in every year. */
export function typedClasses(typed, ramp) {
  const inner = [...new Set(typed)].sort((a, b) => a - b);
  return { breaks: [-Infinity, ...inner, Infinity], colors: colors(ramp, inner.length + 1), open: true };
}

/** A number without the last digits, which reckoning in doubles makes up. */
export const tidy = (value) => Number(value.toPrecision(12));
