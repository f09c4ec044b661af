import { test } from "node:test";
import assert from "node:assert/strict";
import { runs } from "../src/map/sheet-model.js";

const groups = [["sea", "ground"], ["paper", "ground"], ["zones", "area"], ["river", ""], ["paint", "area"], ["parks", "area"], ["roads", ""], ["stations", ""]].map(([name, sort]) => ({ name, sort }));

test("all layers share one surface", () => {
  assert.deepEqual(runs(groups, false), [{ sort: "", names: ["sea", "paper", "zones", "river", "paint", "parks", "roads", "stations"] }]);
  assert.deepEqual(runs([], false), []);
});

test("where areas are blended with a base map, each run of a sort has one, in the plan's order", () => {
  assert.deepEqual(runs(groups, true), [
    { sort: "ground", names: ["sea", "paper"] },
    { sort: "area", names: ["zones"] },
    { sort: "", names: ["river"] },
    { sort: "area", names: ["paint", "parks"] },
    { sort: "", names: ["roads", "stations"] },
  ]);
});
