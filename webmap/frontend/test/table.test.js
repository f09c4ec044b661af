import assert from "node:assert/strict";
import { test } from "node:test";
import { ranks, sortRows } from "../src/panel/table.js";

const ROWS = [
  { name: "新街街道", value: 61.4 },
  { name: "城厢街道", value: null },
  { name: "北干街道", value: 0 },
  { name: "衙前镇", value: 61.4 },
  { name: "瓜沥镇", value: 104 },
];
const names = (rows) => rows.map((row) => row.name);

test("by value: greatest first, ties by name, no value last", () => {
  assert.deepEqual(names(sortRows(ROWS, "value", "descending", "zh")), ["瓜沥镇", "新街街道", "衙前镇", "北干街道", "城厢街道"]);
});

test("by value, the other way: no value is still last, zero is a value", () => {
  assert.deepEqual(names(sortRows(ROWS, "value", "ascending", "zh")), ["北干街道", "新街街道", "衙前镇", "瓜沥镇", "城厢街道"]);
});

test("by name: in the order of pinyin", () => {
  // běigàn, chéngxiāng, guālì, xīnjiē, yáqián
  assert.deepEqual(names(sortRows(ROWS, "name", "ascending", "zh")), ["北干街道", "城厢街道", "瓜沥镇", "新街街道", "衙前镇"]);
  assert.deepEqual(names(sortRows(ROWS, "name", "descending", "zh")).at(-1), "北干街道");
});

test("by name in English: numbers count as numbers, case does not", () => {
  const rows = ["Line 10", "line 2", "Airport"].map((name) => ({ name, value: 1 }));
  assert.deepEqual(names(sortRows(rows, "name", "ascending", "en")), ["Airport", "line 2", "Line 10"]);
});

test("the given rows stay as they are", () => {
  const before = names(ROWS);
  sortRows(ROWS, "value", "descending", "zh");
  assert.deepEqual(names(ROWS), before);
});

test("equal values share a rank, the next one counts them all", () => {
  assert.deepEqual(ranks([61.4, null, 0, 61.4, 104]), [2, null, 4, 2, 1]);
  assert.deepEqual(ranks([]), []);
  assert.deepEqual(ranks([null]), [null]);
});
