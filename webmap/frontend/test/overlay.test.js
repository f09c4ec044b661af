import assert from "node:assert/strict";
import { test } from "node:test";
import { breakDecimals, classEntries, classOf } from "../src/panel/classes.js";
import { valueDecimals } from "../src/panel/classes.js";
import { classesOf, layersInTheWay, overlayModel } from "../src/panel/overlay-model.js";
import { indicatorGroups } from "../src/core/format.js";
import { embedCode, embedUrl } from "../src/tools/embed-url.js";

const t = (key, params) => (params ? `${key}(${Object.values(params).join("|")})` : key);
const CONTEXT = { t, lang: "en", noData: "#e4e1da" };
const COLORS = ["#eef3f4", "#9fc6d1", "#164a66"];

test("class 0 holds both its ends, every further class its upper end only", () => {
  const breaks = [2, 10, 20, 30];
  assert.deepEqual([2, 10, 10.001, 20, 20.1, 30].map((value) => classOf(value, breaks)), [0, 0, 1, 1, 2, 2]);
  assert.equal(classOf(null, breaks), -1);
  // The edition's rounding may leave the greatest value a hair above the last break.
  assert.equal(classOf(30.0000001, breaks), 2);
});

test("a first class of one single value, as where many units have nothing", () => {
  const breaks = [0, 0, 12.5];
  assert.deepEqual([0, 0.1, 12.5].map((value) => classOf(value, breaks)), [0, 1, 1]);
});

test("decimals are added until every shown value lies in the class it is shown in", () => {
  assert.equal(breakDecimals([1.2, 3.4], [1.2, 2.0, 3.4], 1), 1);
  // 2.04 lies above the break 2.0, yet both read 2.0 with one decimal.
  assert.equal(breakDecimals([1.2, 2.04, 3.4], [1.2, 2.0, 3.4], 1), 2);
  assert.equal(breakDecimals([1, 2.0004, 3], [1, 2, 3], 1), 3);
  assert.equal(breakDecimals([null], [1, 2], 0), 0);
});

test("legend entries: ranges that cannot be misread, with counts", () => {
  const entries = classEntries({ breaks: [0, 0, 12.5, 30], colors: COLORS }, [0, 0, 3, 12.5, 30, null], 1, "en");
  assert.deepEqual(entries.map((entry) => entry.text), ["0", "> 0 – 12.5", "> 12.5 – 30.0"]);
  assert.deepEqual(entries.map((entry) => entry.count), [2, 2, 1]);
  assert.deepEqual(entries.map((entry) => entry.color), COLORS);
});

const INDICATOR = { id: "metro", name: "地铁里程", name_en: "Metro length", unit: "km", unit_en: "km", origin: "computed", decimals: 1, levels: ["zone"] };
const PAYLOAD = {
  indicator: INDICATOR,
  level: "zone",
  year: 2022,
  reason: null,
  values: [
    { place: "zone/a", name: "甲", name_en: "A", value: 12.34, flag: "assumed" },
    { place: "zone/b", name: "乙", name_en: "B", value: 40, flag: "" },
    { place: "zone/c", name: "丙", name_en: "C", value: null, flag: "" },
    { place: "zone/d", name: "丁", name_en: "", value: 0, flag: "" },
  ],
  total: 52.34,
  classes: { quantiles: { breaks: [0, 12.3, 40], colors: COLORS.slice(0, 2) }, equal_interval: { breaks: [], colors: [] } },
};

test("rows carry text, rank, colour and the mark of an assumed line", () => {
  const model = overlayModel(PAYLOAD, "quantiles", CONTEXT);
  assert.deepEqual(model.rows.map((row) => row.text), ["12.34", "40.0", "panels.overlay.no_data", "0"]);
  assert.deepEqual(model.rows.map((row) => row.rank), [2, 1, null, 3]);
  assert.deepEqual(model.rows.map((row) => row.name), ["A", "B", "C", "丁"]);
  assert.deepEqual([...model.labels.keys()].map((id) => [id, model.labels.get(id)]), [["zone/a", "12.34①"], ["zone/b", "40.0"], ["zone/d", "0"]]);
  assert.equal(model.paint.get("zone/c"), "#e4e1da");
  assert.equal(model.paint.get("zone/d"), COLORS[0]);
  assert.equal(model.totalText, "52.34");
  assert.ok(model.hasNone && model.hasAssumed && model.reason === null);
});

test("a zone without a value never gets a number", () => {
  const model = overlayModel(PAYLOAD, "quantiles", CONTEXT);
  const row = model.rows.find((item) => item.id === "zone/c");
  assert.equal(row.value, null);
  assert.ok(!model.labels.has("zone/c"));
});

test("what the plan states for the district only has no rows, no classes, no paint", () => {
  const stated = { indicator: { ...INDICATOR, origin: "stated", decimals: null }, level: "zone", year: null, reason: "not_by_zone", values: [], total: null, classes: {} };
  const model = overlayModel(stated, "quantiles", CONTEXT);
  assert.equal(model.reason, "not_by_zone");
  assert.equal(model.paint.size + model.entries.length + model.rows.length, 0);
  assert.equal(model.totalText, "");
});

test("an indicator that could not be computed anywhere says why, once", () => {
  const values = ["a", "b"].map((id) => ({ place: `zone/${id}`, name: id, value: null, flag: "", note: "无几何" }));
  const model = overlayModel({ ...PAYLOAD, values, total: null }, "quantiles", CONTEXT);
  assert.equal(model.reason, "no_value");
  assert.deepEqual(model.notes, [{ text: "无几何", star: "", places: [] }]);
});

test("notes name the units they are about", () => {
  assert.deepEqual(overlayModel(PAYLOAD, "quantiles", CONTEXT).notes, [{ text: "panels.overlay.assumed_short", star: "①", places: ["A"] }]);
});

test("an unknown method falls back to one that the payload has", () => {
  assert.equal(classesOf(PAYLOAD, "jenks"), PAYLOAD.classes.quantiles);
  assert.equal(classesOf({ classes: {} }, "quantiles"), null);
  assert.equal(classesOf({ classes: { quantiles: { breaks: [], colors: [] } } }, "quantiles"), null);
});

test("the list: computed indicators by domain, then what the plan states", () => {
  const list = [
    { id: "s1", name: "产值", domain: "经济", domain_en: "Economy", origin: "stated" },
    { id: "c1", name: "面积", name_en: "Area", domain: "空间", domain_en: "Space", origin: "computed" },
    { id: "c2", name: "里程", domain: "空间", domain_en: "Space", origin: "computed" },
  ];
  assert.deepEqual(indicatorGroups(list, { t, lang: "en" }), [
    { label: "panels.overlay.group_computed(Space)", options: [{ id: "c1", name: "Area" }, { id: "c2", name: "里程" }] },
    { label: "panels.overlay.group_stated(Economy)", options: [{ id: "s1", name: "产值" }] },
  ]);
});

test("translucent areas step back, units, opaque water and lines stay", () => {
  const kinds = new Map(
    [
      { id: "zone", geometry: "polygon", symbol: { fill_opacity: 0.9 } },
      { id: "belt", geometry: "polygon", symbol: { fill_opacity: 0.26 } },
      { id: "river", geometry: "polygon", symbol: { fill_opacity: 1 } },
      { id: "district", geometry: "polygon", symbol: { fill_opacity: 0 } },
      { id: "metro", geometry: "line", symbol: {} },
    ].map((kind) => [kind.id, kind]),
  );
  const specs = ["zone", "belt", "river", "district", "metro"].map((id) => ({ id, kinds: [id] }));
  assert.deepEqual(layersInTheWay(specs, kinds, () => true).map((spec) => spec.id), ["belt"]);
  assert.deepEqual(layersInTheWay(specs, kinds, () => false), []);
});

test("an embed's address names what was chosen and nothing else", () => {
  const choices = { view: "overview", layers: null, zone: "", lang: "zh" };
  assert.equal(embedUrl("https://maps.example", "/embed", choices), "https://maps.example/embed/overview?lang=zh");
  const more = { ...choices, layers: ["zones", "a b"], indicator: { id: "metro", level: "zone", method: "quantiles" }, zone: "central" };
  assert.equal(
    embedUrl("https://maps.example", "/embed", more),
    "https://maps.example/embed/overview?layers=zones,a%20b&indicator=metro:zone:quantiles&zone=central&lang=zh",
  );
  const state = { ...choices, indicator: null, bounds: [120.1, 30, 120.4, 30.25], opacity: { zones: 0.4 }, filter: "status:building", selection: "hub/south" };
  assert.equal(
    embedUrl("https://maps.example", "/embed", state),
    "https://maps.example/embed/overview?indicator=none&lang=zh#bounds=120.1,30,120.4,30.25&op=zones:0.4&flt=status:building&sel=hub/south",
  );
});

test("the code is as wide as its place and cannot be broken out of by a name", () => {
  const code = embedCode("https://maps.example/embed/x?a=1&b=2", { width: 0, height: 480, title: `"><script>alert(1)</script>'` });
  assert.ok(code.includes('src="https://maps.example/embed/x?a=1&amp;b=2"'));
  assert.ok(code.includes('title="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;"'));
  assert.ok(code.includes('width="100%" height="480" style="border:0"'));
  assert.equal(code.match(/</g).length, 2);
  assert.ok(embedCode("/x", { width: 640, height: 480, title: "" }).includes('width="100%" height="480" style="border:0;max-width:640px"'));
});

test("a value is written as exactly as it takes to see its class", () => {
  assert.equal(valueDecimals(1.5, 1, 3), 1);
  assert.equal(valueDecimals(1.25, 1, 3), 2);
  assert.equal(valueDecimals(1.2345, 1, 3), 3);
  // With one decimal 0.04 and 0.06 would be "0.0" and "0.1" beside a break of 0.05.
  const values = [0.04, 0.06, 1].map((value, at) => ({ place: `p${at}`, name: `p${at}`, name_en: "", value, flag: "", note: "", note_en: "" }));
  const classes = { quantiles: { breaks: [0.04, 0.05, 1], colors: ["#111111", "#222222"] } };
  const model = overlayModel({ ...PAYLOAD, indicator: { ...PAYLOAD.indicator, decimals: 1 }, values, classes }, "quantiles", CONTEXT);
  assert.deepEqual(model.rows.map((row) => row.text), ["0.04", "0.06", "1.0"]);
  assert.deepEqual(model.entries.map((entry) => entry.text), ["0.04 – 0.05", "> 0.05 – 1.00"]);
});
