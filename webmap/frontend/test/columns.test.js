import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "../src/core/columns.js";

const PLACES = { place: ["township/a", "township/b", "township/c"], name: ["甲", "乙", "丙"], name_en: ["A", "B", "C"] };

test("columns become the rows that the other form of the answer has", () => {
  const none = { flag: "", note: "", note_en: "" };
  const said = { flag: "assumed", note: "注", note_en: "note" };
  const made = joined({ level: "township", columns: { row: null, value: [1.5, null], said: [{ ...said, at: [1] }] } }, PLACES);
  assert.deepEqual(made, {
    level: "township",
    values: [
      { place: "township/a", name: "甲", name_en: "A", value: 1.5, ...none },
      { place: "township/b", name: "乙", name_en: "B", value: null, ...said },
    ],
  });
});

test("rows that are not in the order of the places say which they are; a note of all is said of all", () => {
  const { values } = joined({ columns: { row: [2, 0], value: [0, 7], said: [{ flag: "", note: "皆", note_en: "all", at: null }] } }, PLACES);
  assert.deepEqual(values.map((one) => [one.place, one.value, one.note]), [["township/c", 0, "皆"], ["township/a", 7, "皆"]]);
});
