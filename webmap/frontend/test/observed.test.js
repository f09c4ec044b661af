import assert from "node:assert/strict";
import test from "node:test";

import { formatHash, parseHash } from "../src/core/permalink-model.js";
import { overlayModel } from "../src/panel/overlay-model.js";

const t = (key) => key;
const context = { t, lang: "zh", noData: "none", course: ["r", "a", "o", "b", "f", "u"] };
const states = ["reached", "ahead", "on", "behind", "far", "unknown"];
const indicator = { name: "生产总值", unit: "亿元", decimals: 1, origin: "stated", cites: [] };
const place = (id, value) => ({ place: id, name: id, value, flag: "", note: "" });

test("a course is told in words and by the colours of its states; what cannot be told is missing", () => {
  const values = [place("a", "far"), place("b", "reached"), place("c", "unknown"), place("d", null)];
  const model = overlayModel({ indicator, level: "township", values, classes: {}, states, show: "course", period: "2023" }, "quantiles", context);
  assert.deepEqual([...model.paint.values()], ["f", "r", "none", "none"]);
  assert.deepEqual(model.rows.map((row) => row.text), ["panels.overlay.course_far", "panels.overlay.course_reached", "panels.overlay.no_data", "panels.overlay.no_data"]);
  assert.deepEqual(model.entries.map(({ color, count }) => [color, count]), [["r", 1], ["a", 0], ["o", 0], ["b", 0], ["f", 1]]);
  assert.deepEqual(model.rows.map((row) => row.rank), [2, 1, null, null]);
  assert.equal(model.year, "2023");
});

test("a change keeps its own classes about zero, whatever method is chosen", () => {
  const classes = { zero: { breaks: [-4, 0, 4], colors: ["minus", "plus"] } };
  const values = [place("a", -4), place("b", 4), place("c", null)];
  const model = overlayModel({ indicator, level: "township", values, classes, states: [], show: "change", period: "2023" }, "quantiles", context);
  assert.deepEqual([...model.paint.values()], ["minus", "plus", "none"]);
});

test("what is shown of observed values goes into the address and comes back", () => {
  const state = { indicator: { id: "t2-01", level: "township", method: "quantiles", show: "observed", period: "2023Q2" } };
  const hash = formatHash(state);
  assert.match(hash, /ind=t2-01:township:quantiles:observed:2023Q2/);
  assert.deepEqual(parseHash(`#${hash}`).indicator, state.indicator);
  assert.deepEqual(parseHash("#ind=area_km2:zone").indicator, { id: "area_km2", level: "zone", method: "quantiles" });
});
