import assert from "node:assert/strict";
import { test } from "node:test";
import { clauseOf, countValues, formatFilter, isSet, parseFilter, passes, unlistedOf, valuesOf } from "../src/core/filter-model.js";

const CONTEXT = {
  boxChapters: { 专栏2: 2, 表1: 1 },
  groupOf: (layer) => ({ metro: "transport", hospitals: "services" })[layer] || "",
  claimsOf: (id) => (id === "metro/1" ? ["rail"] : []),
};
const METRO = { id: "metro/1", kind: "metro_line", layer: "metro", zone: ["central", "east"], status: "operating", basis: "osm", label: [120, 30], cites: ["2.4.2", "专栏2-3"], lead_units: ["交通局"] };
const HOSPITAL = { id: "hospital/1", kind: "hospital", layer: "hospitals", zone: [], status: "planned", basis: "township", label: [120, 30], cites: ["11.3.1"], lead_units: [] };
const UNPLACED = { id: "hospital/2", kind: "hospital", layer: "hospitals", zone: ["east"], status: "", basis: "", label: null, cites: [], lead_units: ["卫健局", "交通局"] };
const ALL = [METRO, HOSPITAL, UNPLACED];
const found = (chosen) => ALL.filter((feature) => passes(feature, chosen, CONTEXT)).map((feature) => feature.id);

test("a citation has a chapter, and a box or table where it is one", () => {
  assert.deepEqual(clauseOf("7.1.3", {}), { chapter: "7", box: "" });
  assert.deepEqual(clauseOf("12.1", {}), { chapter: "12", box: "" });
  assert.deepEqual(clauseOf("专栏2-4", CONTEXT.boxChapters), { chapter: "2", box: "专栏2" });
  assert.deepEqual(clauseOf("表1", CONTEXT.boxChapters), { chapter: "1", box: "表1" });
  assert.deepEqual(clauseOf("专栏9", CONTEXT.boxChapters), { chapter: "", box: "专栏9" });
});

test("any value of a filter will do, all filters must hold", () => {
  assert.deepEqual(found({}), ["metro/1", "hospital/1", "hospital/2"]);
  assert.deepEqual(found({ chapter: ["2"] }), ["metro/1"]);
  assert.deepEqual(found({ chapter: ["2", "11"] }), ["metro/1", "hospital/1"]);
  assert.deepEqual(found({ box: ["专栏2"] }), ["metro/1"]);
  assert.deepEqual(found({ lead: ["交通局"] }), ["metro/1", "hospital/2"]);
  assert.deepEqual(found({ lead: ["交通局"], group: ["services"] }), ["hospital/2"]);
  assert.deepEqual(found({ zone: ["east"], status: ["operating"] }), ["metro/1"]);
  assert.deepEqual(found({ claim: ["rail"] }), ["metro/1"]);
  assert.deepEqual(found({ chapter: [] }), ["metro/1", "hospital/1", "hospital/2"]);
});

test("what has none of something can be asked for; without a position there is no basis", () => {
  assert.deepEqual(found({ zone: ["none"] }), ["hospital/1"]);
  assert.deepEqual(found({ lead: ["none"] }), ["hospital/1"]);
  assert.deepEqual(found({ basis: ["none"] }), ["hospital/2"]);
  assert.deepEqual(found({ basis: ["township"] }), ["hospital/1"]);
  assert.deepEqual(found({ status: ["none"] }), ["hospital/2"]);
});

test("two citations of one chapter count once", () => {
  assert.deepEqual(valuesOf(METRO, "chapter", CONTEXT), ["2"]);
  assert.deepEqual([...countValues(ALL, "chapter", {}, CONTEXT)], [["2", 1], ["11", 1]]);
});

test("a filter's counts heed the others, not itself", () => {
  const chosen = { group: ["services"], lead: ["卫健局"] };
  assert.deepEqual([...countValues(ALL, "lead", chosen, CONTEXT)], [["none", 1], ["卫健局", 1], ["交通局", 1]]);
  assert.deepEqual([...countValues(ALL, "group", chosen, CONTEXT)], [["services", 1]]);
});

test("layers that no list has are told apart: of the group asked for, not of the ground, and whether the map filters them", () => {
  const kinds = { metro: [{ id: "metro_line" }], hospitals: [{ id: "township" }], rivers: [{ id: "river", cited: false }] };
  const told = (chosen) => unlistedOf(Object.keys(kinds).map((layer) => ({ layer, count: 20000 })), chosen, CONTEXT, (layer) => kinds[layer], new Set(["township"]));
  assert.deepEqual(told({}), [{ layer: "metro", count: 20000, veiled: true }, { layer: "hospitals", count: 20000, veiled: false }]);
  assert.deepEqual(told({ group: ["services"], status: ["planned"] }).map((one) => one.layer), ["hospitals"]);
});

test("there and back through the address", () => {
  const chosen = { chapter: ["2", "11"], lead: ["区人力社保局（含,;: 号）"], basis: ["none"] };
  const text = formatFilter(chosen);
  assert.equal(text.startsWith("chapter:2,11;lead:%E5%8C%BA"), true);
  assert.deepEqual(parseFilter(text), chosen);
  assert.equal(formatFilter(parseFilter(text)), text);
  assert.equal(formatFilter({ chapter: [] }), "");
  assert.equal(isSet({ chapter: [], lead: ["x"] }), true);
  assert.equal(isSet({ chapter: [] }), false);
});

test("what makes no sense in an address is left out", () => {
  for (const text of ["", ":", "nope:1", "chapter", "chapter:", "__proto__:x", "lead:%E5%8", "constructor:a", ";;;"]) assert.deepEqual(parseFilter(text), {});
  assert.equal(parseFilter(`lead:${Array.from({ length: 999 }, (_, index) => index).join(",")}`).lead.length, 40);
  assert.deepEqual(parseFilter("chapter:7,7,7"), { chapter: ["7"] });
});
