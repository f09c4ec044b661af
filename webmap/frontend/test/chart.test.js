import assert from "node:assert/strict";
import { test } from "node:test";
import { barBox, linearScale, niceStep, upperEnd } from "../src/panel/chart.js";

test("a step is 1, 2 or 5 times a power of ten", () => {
  assert.deepEqual([0.7, 1, 1.2, 3, 18.5, 51, 0.03].map(niceStep), [1, 1, 2, 5, 20, 100, 0.05]);
  assert.equal(niceStep(0), 1);
  assert.equal(niceStep(NaN), 1);
});

test("a scale starts at zero and ends at a round number", () => {
  const scale = linearScale([37, 111.1, 12.8], 200);
  // 111.1 / 6 = 18.5, so steps of 20, the sixth of them being the first not below 111.1.
  assert.equal(scale.step, 20);
  assert.deepEqual(scale.ticks, [0, 20, 40, 60, 80, 100, 120]);
  assert.equal(scale.at(0), 0);
  assert.equal(scale.at(60), 100);
  assert.equal(scale.at(120), 200);
});

test("ticks of decimals do not gather rounding errors", () => {
  assert.deepEqual(linearScale([0.3], 100, 3).ticks, [0, 0.1, 0.2, 0.3]);
});

test("negative values get room on the left of zero", () => {
  const scale = linearScale([-10, 30], 100, 4);
  assert.equal(scale.min, -10);
  assert.equal(scale.at(0), 25);
  assert.deepEqual(barBox(scale, -10), { x: 0, width: 25 });
  assert.deepEqual(barBox(scale, 30), { x: 25, width: 75 });
});

test("bars are in proportion to values, tiny ones stay visible, zero and nothing draw none", () => {
  const scale = linearScale([1000], 100, 4);
  assert.equal(scale.max, 1000);
  assert.equal(barBox(scale, 250).width * 2, barBox(scale, 500).width);
  assert.equal(barBox(scale, 0.001).width, 1);
  assert.equal(barBox(scale, 0).width, 0);
  assert.equal(barBox(scale, null), null);
  assert.equal(barBox(scale, NaN), null);
});

test("a scale without values can still be drawn on", () => {
  for (const values of [[], [0], [NaN, null]]) {
    const scale = linearScale(values, 100);
    assert.equal(scale.at(0), 0);
    assert.ok(Number.isFinite(scale.at(1)));
    assert.deepEqual(scale.ticks, [0]);
  }
});

test("a bar ends at the value, at the upper end of a range, and words have no bar", () => {
  assert.equal(upperEnd({ value: 90, comparator: ">" }), 90);
  assert.equal(upperEnd({ value: null, low: 96, high: 97 }), 97);
  assert.equal(upperEnd({ value: null, text: "省市下达指标" }), null);
});
