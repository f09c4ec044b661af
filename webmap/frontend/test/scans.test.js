/** Control points while they are edited: undo, what is saved, where things snap to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { between, nearest, nudge, pixel, Points, snapped } from "../src/scans/points-model.js";

const rows = [
  { row: 0, name: "A", px: [1, 2], at: [104, 30], datum: "gcj02", note: "old" },
  { row: 1, px: [3, 4], ref: "township/a#ne" },
  { row: 2, px: [5, 6], at: [105, 31] },
];
const made = () => new Points(rows, [[104, 30], [104.5, 30.5], null]);

test("every change can be had back, and done again", () => {
  const points = made();
  const [first] = points.list;
  points.change(first.id, { px: [9, 9] });
  points.remove(points.list[1].id);
  assert.deepEqual(points.list.map((one) => one.px), [[9, 9], [5, 6]]);
  assert.ok(points.undo() && points.undo());
  assert.equal(points.undo(), false);
  assert.equal(points.changed, false);
  assert.ok(points.redo() && points.redo());
  assert.equal(points.redo(), false);
  assert.deepEqual(points.gone(), [1]);
});

test("a change after undoing forgets what was undone", () => {
  const points = made();
  points.remove(points.list[0].id);
  points.undo();
  points.add({ px: [7, 8], at: [104, 31], place: [104, 31] });
  assert.equal(points.redo(), false);
  assert.equal(points.list.length, 4);
});

test("a record gets its own fields, a coordinate or a reference, and nothing of the page's", () => {
  const points = made();
  points.change(points.list[0].id, { ref: "place/x" });
  assert.deepEqual(points.fields(), [
    { name: "A", px: [1, 2], ref: "place/x", note: "old" },
    { px: [3, 4], ref: "township/a#ne" },
    { px: [5, 6], at: [105, 31] },
  ]);
});

test("what was saved is what the record has", () => {
  const points = made();
  points.remove(points.list[1].id);
  points.add({ px: [7, 8], at: [104, 31] });
  points.saved();
  assert.equal(points.changed, false);
  assert.deepEqual(points.list.map((one) => one.row), [0, 1, 2]);
  assert.deepEqual(points.gone(), []);
  assert.equal(points.undo(), false);
});

test("pixels stay in the picture, keys move by one or a tenth", () => {
  assert.deepEqual(pixel(-3, 20.0049, 100, 20), [0, 20]);
  assert.deepEqual(pixel(1.239, 0.5, 100, 20), [1.24, 0.5]);
  assert.deepEqual(nudge("ArrowUp", false), [0, -1]);
  assert.deepEqual(nudge("ArrowRight", true), [0.1, 0]);
  assert.equal(nudge("a", false), null);
});

test("the nearest spot within reach, else none", () => {
  const spots = [{ x: 0, y: 0 }, { x: 10, y: 0 }];
  assert.equal(nearest(spots, { x: 6, y: 0 }, 5, (one) => one), spots[1]);
  assert.equal(nearest(spots, { x: 5, y: 9 }, 5, (one) => one), null);
});

test("a vertex snaps to a border's vertex before its side", () => {
  const border = [[[0, 0], [10, 0], [10, 10]]];
  assert.deepEqual(snapped([9, 1], border, 3), [10, 0]);
  assert.deepEqual(snapped([5, 2], border, 3), [5, 0]);
  assert.deepEqual(snapped([5, 4], border, 3), [5, 4]);
  assert.deepEqual(snapped([5, 4], [], 3), [5, 4]);
});

test("between four places of the lattice, and at its edge", () => {
  const lattice = [[0, 0], [2, 0], [0, -4], [2, -4]];
  assert.deepEqual(between(lattice, [50, 25], 100, 100), [1, -1]);
  assert.ok(Math.abs(between(lattice, [100, 100], 100, 100)[0] - 2) < 1e-6);
  assert.equal(between([], [1, 1], 100, 100), null);
});
