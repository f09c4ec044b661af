import assert from "node:assert/strict";
import { test } from "node:test";
import { goesRound } from "../src/map/ground.js";
import { MARK_HEIGHT, byUnit, markWidth, spread } from "../src/map/unit-model.js";

const view = (id, unit) => ({ id, properties: { unit } });

test("features are gathered by the area that they are known to lie in", () => {
  const found = byUnit([view("a", "zone/east"), view("b", "township/x"), view("c", "zone/east")]);
  assert.deepEqual(found.map(({ unit, members }) => [unit, members.map(({ id }) => id)]), [["zone/east", ["a", "c"]], ["township/x", ["b"]]]);
});

test("no mark lies on another, each keeps its column", () => {
  const marks = spread([...Array(5)].map((_, index) => ({ unit: String(index), x: index, y: 0, width: markWidth(3) })));
  assert.deepEqual(marks.map(({ x }) => x), [0, 1, 2, 3, 4]);
  const ys = marks.map(({ y }) => y).sort((a, b) => a - b);
  for (let index = 1; index < ys.length; index += 1) assert.ok(ys[index] - ys[index - 1] >= MARK_HEIGHT);
  // far apart, they stay where they are
  assert.deepEqual(spread([{ x: 0, y: 5, width: 20 }, { x: 90, y: 5, width: 20 }]).map(({ y }) => y), [5, 5]);
});

test("a mark has room for its number", () => {
  assert.ok(markWidth(100) > markWidth(10) && markWidth(10) > markWidth(1));
});

test("the paper lies on ground that goes round the plan, and under everything else", () => {
  const plan = { group: "structure", kinds: ["district"], bounds: [[30, 120], [31, 121]], geometry: "polygon" };
  const around = { group: "ground", kinds: ["neighbour"], bounds: [[29, 119], [32, 122]], geometry: "polygon" };
  const zones = { group: "structure", kinds: ["zone"], bounds: [[30, 120], [31, 121]], geometry: "polygon" };
  const rivers = { group: "ground", kinds: ["river"], bounds: [[30.2, 120.1], [30.8, 121.5]], geometry: "polygon" };
  assert.equal(goesRound([around, zones, plan]), true);
  assert.equal(goesRound([zones, plan]), false);
  assert.equal(goesRound([rivers, zones, plan]), false);
  assert.equal(goesRound([plan]), false);
});
