import { test } from "node:test";
import assert from "node:assert/strict";
import { inRing, ringTest } from "../src/map/rings.js";
import { inSlices } from "../src/core/slices.js";

const ring = (...pairs) => pairs.map(([lng, lat]) => ({ lng, lat }));

test("a place in a ring, by hand", () => {
  const u = ring([0, 0], [6, 0], [6, 5], [4, 5], [4, 2], [2, 2], [2, 5], [0, 5]);
  for (const inside of [inRing, (x, y, shape) => ringTest(shape)(x, y)]) {
    assert.equal(inside(1, 4, u), true);
    assert.equal(inside(3, 4, u), false);
    assert.equal(inside(3, 1, u), true);
    assert.equal(inside(5, 4.9, u), true);
    assert.equal(inside(-1, 1, u), false);
    assert.equal(inside(3, 9, u), false);
    assert.equal(inside(3, -9, u), false);
  }
});

test("the quick test says what the plain one says, of awkward rings too", () => {
  const spike = ring([0, 0], [4, 0], [4, 4], [4, 9], [4, 4], [0, 4], [0, 0]);
  const eight = ring([0, 0], [4, 4], [4, 0], [0, 4]);
  const flat = ring([0, 1], [5, 1], [2, 1]);
  const coast = Array.from({ length: 400 }, (_, at) => ({ lng: (10 + 3 * Math.sin(at * 7)) * Math.cos(at / 63.7), lat: (10 + 3 * Math.cos(at * 5)) * Math.sin(at / 63.7) }));
  for (const shape of [spike, eight, flat, coast, [], ring([1, 1])]) {
    const quick = ringTest(shape);
    const off = [];
    for (let x = -14; x <= 14; x += 0.5) for (let y = -14; y <= 14; y += 0.5) if (quick(x, y) !== inRing(x, y, shape)) off.push([x, y]);
    assert.deepEqual(off, []);
  }
});

test("work in slices makes room for others, comes to its end, and can be ended before", async () => {
  const seen = [];
  function* work(name, steps) {
    for (let at = 0; at < steps; at += 1) {
      seen.push(name);
      yield;
    }
  }
  // No time at all: every step is a task of its own, so two works take turns.
  const both = [inSlices(work("a", 3), { milliseconds: 0 }), inSlices(work("b", 3), { milliseconds: 0 })];
  assert.deepEqual(await Promise.all(both), [true, true]);
  assert.equal(seen.join(""), "ababab");
  seen.length = 0;
  assert.equal(await inSlices(work("c", 1000), { milliseconds: 0, stale: () => seen.length === 4 }), false);
  assert.equal(seen.length, 4);
});
