/** How an indicator is looked at: the address, what a value is turned into, sizes of what is drawn. Numbers by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHash, parseHash } from "../src/core/permalink-model.js";
import { bysOf, derived, isAmount, nameOf, ninth, periodPayload, seriesOfScenarios, yearUpTo } from "../src/panel/derive.js";
import { formatLook, parseLook, typedBounds } from "../src/core/look-model.js";
import { barHeights, marksModel, nested, pieSlices, radiusOf } from "../src/panel/marks-model.js";

const PLAIN = { by: "", from: "", keep: true, at: [], as: "areas", others: [], split: "" };

test("a look in the address and back; nonsense is left out", () => {
  const text = "by~km2!from~2020!keep~0!at~-1.5~10!as~two!with~t2-05!split~2";
  assert.equal(formatLook(parseLook(text)), text);
  assert.equal(formatLook(PLAIN), "");
  assert.deepEqual(parseLook("by~magic!as~<b>!from~20!with~a b~t/1!at~x~3~3~NaN!split~9!!~"), { ...PLAIN, at: [3], others: ["t/1"] });
  assert.equal(parseLook(`at~${Array.from({ length: 200 }, (_, at) => at).join("~")}`).at.length, 8);
  const indicator = { id: "t2-03", level: "township", method: "typed", look: "at~1~2" };
  assert.deepEqual(parseHash(formatHash({ indicator })).indicator, indicator);
  const timed = { id: "a", level: "zone", method: "pretty", show: "observed", period: "2023", look: "keep~0" };
  assert.deepEqual(parseHash(formatHash({ indicator: timed })).indicator, timed);
  assert.equal(formatHash({ indicator: { id: "a", level: "zone", method: "quantiles", show: "", period: "", look: "" } }), "ind=a:zone:quantiles");
});

test("bounds as people type them", () => {
  assert.deepEqual(typedBounds("10, 20；３０ 5"), [5, 10, 20, 30]);
  assert.deepEqual(typedBounds("−2、-1"), [-2, -1]);
  assert.equal(typedBounds("ten"), null);
  assert.equal(typedBounds(""), null);
  assert.equal(typedBounds("1,2,3,4,5,6,7,8,9"), null);
});

const SERIES = {
  indicator: { id: "gdp", name: "产值", unit: "亿元", unit_en: "100M CNY", decimals: 1 },
  level: "township",
  show: "observed",
  periods: ["2020", "2021", "2022"],
  places: [
    { place: "a", name: "甲", values: [10, 12, 20] },
    { place: "b", name: "乙", values: [4, null, 5], scopes: ["", "", "新"] },
    { place: "c", name: "丙", values: [null, null, null], notes: ["", "快报", ""] },
  ],
  middle: null,
  states: [],
};
const RAMPS = { sequential: ["#ffffff", "#000000"], diverging: ["#111111", "#333333", "#cccccc", "#eeeeee"] };
const shown = (period, look, more = {}) => derived(periodPayload(SERIES, period), { look: { ...PLAIN, ...look }, method: "equal_interval", series: SERIES, areas: new Map(), people: null, ramps: RAMPS, ...more });
const valuesOf = (payload) => payload.values.map((one) => one.value);

test("a period of a series; the last one with values where none is said", () => {
  assert.deepEqual(valuesOf(shown("2021", {})), [12, null, null]);
  assert.equal(shown("", {}).period, "2022");
  assert.equal(periodPayload(SERIES, "2021").values[2].note, "快报");
  assert.equal(periodPayload({ ...SERIES, periods: [], places: SERIES.places.map((one) => ({ ...one, values: [] })) }, "").period, "");
});

test("classes are kept over the years, or made anew", () => {
  // From 4 to 20 in four distinct… five classes: 10, 12, 20, 4, 5 are five values, a width of 3.2.
  assert.deepEqual(shown("2020", {}).classes.equal_interval.breaks, [4, 7.2, 10.4, 13.6, 16.8, 20]);
  assert.deepEqual(shown("2022", {}).classes.equal_interval.breaks, [4, 7.2, 10.4, 13.6, 16.8, 20]);
  assert.deepEqual(shown("2022", { keep: false }).classes.equal_interval.breaks, [5, 12.5, 20]);
  assert.deepEqual(derived(periodPayload(SERIES, "2020"), { look: { ...PLAIN, at: [8] }, method: "typed", series: SERIES, areas: new Map(), ramps: RAMPS }).classes.typed.breaks, [-Infinity, 8, Infinity]);
});

test("a difference of two years, about nothing; none across a change of scope", () => {
  const found = shown("2022", { from: "2020", keep: false });
  assert.deepEqual(valuesOf(found), [10, null, null]);
  assert.deepEqual(found.classes.equal_interval.breaks, [-10, -5, 0, 5, 10]);
  assert.equal(shown("2021", { from: "2020" }).values[0].value, 2);
  assert.equal(shown("2021", { from: "1999" }).reason, null);
  assert.deepEqual(valuesOf(shown("2021", { from: "1999" })), [null, null, null]);
});

test("per km², per person, rank; what cannot be divided is missing", () => {
  const perArea = shown("2020", { by: "km2" }, { areas: new Map([["a", 40], ["b", 0]]) });
  assert.deepEqual(valuesOf(perArea), [0.25, null, null]);
  assert.deepEqual([perArea.indicator.unit, perArea.indicator.unit_en, perArea.indicator.decimals], ["亿元/km²", "100M CNY/km²", 3]);
  const people = { indicator: { unit: "万人", unit_en: "10k" }, periods: ["2020"], places: [{ place: "a", values: [5] }, { place: "b", values: [null] }] };
  const each = shown("2020", { by: "person" }, { people });
  assert.deepEqual(valuesOf(each), [2, null, null]);
  assert.equal(each.indicator.unit, "亿元/万人");
  // No people are known of 2021: nothing is claimed.
  assert.deepEqual(valuesOf(shown("2021", { by: "person" }, { people })), [null, null, null]);
  const rank = shown("2020", { by: "rank", keep: false });
  assert.deepEqual(valuesOf(rank), [1, 2, null]);
  assert.deepEqual([rank.indicator.unit, rank.indicator.decimals, rank.classes.equal_interval.colors[0]], ["", 0, "#000000"]);
});

test("a share is not divided by area, a course has no rank", () => {
  assert.deepEqual(["%", "万元/人", "人", "每千人"].map((unit) => isAmount({ unit })), [false, false, true, false]);
  assert.deepEqual(bysOf({ unit: "人" }, { show: "observed", hasPeople: true }), ["", "km2", "person", "rank"]);
  assert.deepEqual(bysOf({ unit: "%" }, { show: "observed", hasPeople: true }), ["", "rank"]);
  assert.deepEqual(bysOf({ unit: "人" }, { show: "course", hasPeople: true }), [""]);
});

test("the area of a circle is true to its value", () => {
  assert.deepEqual([100, 25, 0, -25].map((value) => radiusOf(value, 100, 20)), [20, 10, 0, 10]);
  assert.equal(radiusOf(5, 0, 20), 0);
  // The greatest is 5.5: 5, a third is 1.8: 1, a twelfth is 0.44: 0.2.
  assert.deepEqual(nested(5.5, 22).map((one) => one.value), [5, 1, 0.2]);
  const model = marksModel("symbols", [{ id: "a", value: 1 }, { id: "b", value: -4 }, { id: "c", value: null }, { id: "d", value: 0 }], [], { most: 4, color: "#00f", below: "#f00" });
  assert.deepEqual(model.items, [{ id: "b", value: -4, color: "#f00" }, { id: "a", value: 1, color: "#00f" }]);
});

test("bars of one unit share their scale, a missing one is missing", () => {
  const part = (unit, a, b) => ({ name: "", unit, color: "#000", values: new Map([["a", a], ["b", b]]) });
  const rows = [{ id: "a" }, { id: "b" }];
  const { items } = marksModel("bars", rows, [part("人", 10, 40), part("人", 20, null), part("%", 5, -10)], {});
  assert.deepEqual(items.map((item) => barHeights(item.parts, 40)), [[10, 20, 20], [40, null, -40]]);
  const pies = marksModel("pies", rows, [part("人", 10, 30), part("人", 30, null)], {});
  assert.deepEqual(pies.items.map((item) => [item.id, item.value]), [["a", 40]]);
  assert.deepEqual(pieSlices([{ value: 10, color: "x" }, { value: 30, color: "y" }]), [{ color: "x", from: 0, to: 0.25 }, { color: "y", from: 0.25, to: 1 }]);
});

test("two indicators in thirds", () => {
  const made = ninth([1, 2, 3, null], [30, 20, 10, 5]);
  // Thirds of 5, 10, 20, 30 end at 10 and 20; of 1, 2, 3 at 5/3 and 7/3.
  assert.deepEqual(made.at, [6, 4, 2, -1]);
  assert.deepEqual(ninth([null], [1]).at, [-1]);
});

test("scenarios are compared as years are: their codes are the periods, a difference is about nothing", () => {
  const payload = (code, values, decimals = 0) => ({ indicator: { ...SERIES.indicator, decimals }, level: "township", show: "scenario", period: code, scenario: { code }, values: values.map((value, at) => ({ place: "abc"[at], name: "甲乙丙"[at], value })) });
  const payloads = [payload("s1", [60, 45, 45]), payload("s3", [50.5, 75, null], 1)];
  const series = seriesOfScenarios([{ code: "s1", name: "等速", period: "2030" }, { code: "s3", name: "<b>", period: "2030" }], payloads);
  assert.deepEqual([series.periods, series.places[0].values, series.indicator.decimals], [["s1", "s3"], [60, 50.5], 1]);
  assert.deepEqual([nameOf(series, "s3"), nameOf(series, "s9"), nameOf(SERIES, "2021")], ["<b>", "s9", "2021"]);
  assert.deepEqual(seriesOfScenarios([{ code: "s1", name: "甲", period: "2030" }, { code: "s2", name: "甲", period: "2035" }], payloads).names, ["甲 (2030)", "甲 (2035)"]);
  const look = { ...PLAIN, from: "s3", keep: false };
  const less = derived(payloads[0], { look, method: "quantiles", series, areas: new Map(), people: null, ramps: RAMPS });
  // 60 − 50.5, 45 − 75; what one of them does not have is missing. As wide on both sides of nothing.
  assert.deepEqual([valuesOf(less), less.middle, less.classes.quantiles.breaks], [[9.5, -30, null], 0, [-30, -15, 0, 15, 30]]);
  assert.deepEqual(parseLook("from~s3!split~2").from, "s3");
  assert.equal(parseLook("from~s0").from, "");
});

test("what was observed beside a scenario is of its year or the newest before it", () => {
  assert.equal(yearUpTo(["2019", "2024", "2026", "2025Q4"], "2025"), "2024");
  assert.equal(yearUpTo(["2026"], "2025"), "");
});
