/** Classes that the page makes itself: the server's cases, which its own tests read too. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { around, breaks, classesBy, colors, typedClasses } from "../src/panel/breaks.js";
import { classEntries, classOf } from "../src/panel/classes.js";

const CASES = JSON.parse(readFileSync(new URL("../../../tests/classes.json", import.meta.url), "utf8"));

test("the page classes as the server does", () => {
  const wrong = CASES.breaks.filter((one) => {
    const found = breaks(one.values, one.method, one.most ?? 5, one.decimals);
    return JSON.stringify(found) !== JSON.stringify(one.expected) && console.log(one.why, found) === undefined;
  });
  assert.deepEqual(wrong, []);
  for (const one of CASES.colors) assert.deepEqual(colors(one.ramp, one.count), one.expected);
  for (const one of CASES.around) assert.deepEqual(around(one.values, one.middle, ["#000000", "#333333", "#cccccc", "#ffffff"])?.breaks ?? null, one.expected);
});

test("awkward numbers end, and every value has a class", () => {
  const awkward = [[1e308, -1e308, 0, 5], [5e-324, 1e-323, 2e-323], [1e9 + 1, 1e9 + 2, 1e9 + 50, 1e9 + 51], [NaN, Infinity, 3, -0, 0], [1e-7, 2e21, 3]];
  for (const values of awkward) {
    for (const method of ["quantiles", "equal_interval", "natural_breaks", "pretty", "deviation"]) {
      const found = breaks(values, method);
      for (const value of values.filter(Number.isFinite)) assert.ok(classOf(value, found) >= 0, `${method} ${values}`);
      for (let at = 2; at < found.length; at += 1) assert.ok(found[at] > found[at - 1], `${method} ${found}`);
    }
  }
});

test("a thousand values are thinned for natural breaks and come in the same classes each time", () => {
  const values = Array.from({ length: 1200 }, (_, at) => (at * 7919) % 1201);
  const found = breaks(values, "natural_breaks");
  assert.equal(found.length, 6);
  assert.deepEqual(breaks([...values].reverse(), "natural_breaks"), found);
});

test("typed classes are open at both ends and say so", () => {
  const typed = typedClasses([20, 10, 10], ["#ffffff", "#000000"]);
  assert.deepEqual(typed.breaks, [-Infinity, 10, 20, Infinity]);
  const entries = classEntries(typed, [5, 10, 11, 99, null], 0, "en");
  assert.deepEqual(entries.map((entry) => [entry.text, entry.count]), [["≤ 10", 2], ["> 10 – 20", 1], ["> 20", 1]]);
  assert.deepEqual(classesBy([1, 2, 3], "pretty", ["#ffffff", "#000000"], null).breaks, [1, 2, 3]);
});

test("values at the middle have a class and a colour of their own", () => {
  const made = around([-1, 0, 3], 0, ["#000000", "#333333", "#cccccc", "#ffffff"]);
  assert.deepEqual(made.colors, ["#000000", "#333333", "#808080", "#cccccc", "#ffffff"]);
  assert.deepEqual([-1, 0, 3].map((value) => classOf(value, made.breaks)), [1, 2, 4]);
  for (const lang of ["zh", "en"]) {
    const texts = classEntries(made, [-1, 0, 3], 1, lang).map((entry) => `${entry.text} (${entry.count})`);
    assert.deepEqual(texts, ["−3.0 – −1.5 (0)", "> −1.5 – −1.0 (1)", "0 (1)", "> 0 – 1.5 (0)", "> 1.5 – 3.0 (1)"]);
  }
  // Nothing at the middle: nothing of its own.
  const without = around([-1, 3], 0, ["#000000", "#ffffff"]);
  assert.deepEqual([without.colors, classEntries(without, [-1, 3], 0, "en").map((entry) => entry.text)], [["#000000", "#ffffff"], ["−3 – 0", "> 0 – 3"]]);
});
