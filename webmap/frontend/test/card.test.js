import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { cardModel, containedIn, markedNotes, placeIndicators, sentence } from "../src/panel/card-model.js";
import { accuracyText, areaText, change, chineseNumeral, citeLabel, decimalsFor, formatNumber, lengthText, statedText, withUnit } from "../src/core/format.js";

/** The shipped words, read well enough for their own form: `["key"]`, `zh = "…"`, `en = "…"`. */
const WORDS = new Map();
let key = null;
for (const line of readFileSync(new URL("../../messages/panels.toml", import.meta.url), "utf8").split("\n")) {
  key = /^\["(.+)"\]$/.exec(line)?.[1] ?? key;
  const text = /^(zh|en) = "(.*)"$/.exec(line);
  if (text) WORDS.set(`${text[1]} ${key}`, text[2]);
}
for (const line of readFileSync(new URL("../../../layers/messages/words.toml", import.meta.url), "utf8").split("\n")) {
  key = /^\[(.+)\]$/.exec(line)?.[1] ?? key;
  const entry = /^(\w+) = \{ zh = "(.*)", en = "(.*)" \}$/.exec(line);
  if (entry) for (const [lang, text] of [["zh", entry[2]], ["en", entry[3]]]) WORDS.set(`${lang} ${key}.${entry[1]}`, text);
}
const words = (lang) => (name, params = {}) => {
  assert.ok(WORDS.has(`${lang} ${name}`), `no ${lang} text for ${name}`);
  return WORDS.get(`${lang} ${name}`).replace(/\{(\w+)\}/g, (whole, part) => params[part] ?? whole);
};
const [zh, en] = [words("zh"), words("en")];

test("every message has both languages and the same parameters in them", () => {
  const keys = new Set([...WORDS.keys()].map((name) => name.slice(3)));
  assert.ok(keys.size > 80);
  const params = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
  for (const name of keys) {
    assert.ok(WORDS.get(`zh ${name}`) && WORDS.has(`en ${name}`), name);
    // English names break at their blanks: it has no words for that.
    assert.equal(WORDS.get(`en ${name}`) === "", name === "words.breaks", name);
    assert.deepEqual(params(WORDS.get(`zh ${name}`)), params(WORDS.get(`en ${name}`)), name);
  }
});

test("citations in words", () => {
  assert.equal(citeLabel("7.1.3", zh, "zh"), "第七章第一节 3");
  assert.equal(citeLabel("9.1", zh, "zh"), "第九章第一节");
  assert.equal(citeLabel("12.10.1", zh, "zh"), "第十二章第十节 1");
  assert.equal(citeLabel("专栏2-4", zh, "zh"), "专栏2 第4项");
  assert.equal(citeLabel("表2-17", zh, "zh"), "表2 第17项");
  assert.equal(citeLabel("表2", zh, "zh"), "表2");
  assert.equal(citeLabel("7.1.3", en, "en"), "Ch. 7, Sec. 1, item 3");
  assert.equal(citeLabel("专栏2-4", en, "en"), "Box 2, item 4");
  assert.equal(citeLabel("附表3-1", en, "en"), "Annex table 3, item 1");
  assert.equal(citeLabel("附件", zh, "zh"), "附件");
  const odd = (name) => (name.startsWith("panels.cite.mark.") ? name : en(name));
  assert.equal(citeLabel("清单3", odd, "en"), "清单3");
});

test("numerals up to 99", () => {
  assert.deepEqual([1, 10, 11, 20, 35, 99, 100, 0].map(chineseNumeral), ["一", "十", "十一", "二十", "三十五", "九十九", "100", "0"]);
});

test("stated values are repeated as they stand", () => {
  assert.equal(statedText({ value: 1828.47 }, "zh"), "1,828.47");
  assert.equal(statedText({ value: null, low: 96, high: 97 }, "zh"), "96–97");
  assert.equal(statedText({ value: 90, comparator: ">" }, "zh"), ">90");
  assert.equal(statedText({ value: null, text: "省市下达指标", text_en: "set by the province" }, "en"), "set by the province");
  assert.equal(statedText({ value: null, text: "" }, "zh"), "—");
  assert.equal(statedText(null, "zh"), "—");
});

test("change: ratio in percent, points for shares, none where an end is open", () => {
  // 2600 / 1828.47 = 1.42195…
  assert.ok(Math.abs(change({ value: 1828.47 }, { value: 2600 }, "亿元").value - 42.195) < 0.001);
  assert.deepEqual(change({ value: 74.6 }, { value: 78 }, "%"), { kind: "points", value: 3.4 });
  for (const target of [{ value: 90, comparator: ">" }, { value: null, low: 96, high: 97 }, { value: null, text: "x" }, null]) {
    assert.equal(change({ value: 97.2 }, target, "分").kind, "none");
  }
  assert.equal(change({ value: 0 }, { value: 5 }, "个").kind, "none");
});

test("units stand apart, percent signs close, a dash is no unit", () => {
  assert.equal(withUnit("12.3", "km"), "12.3\u202fkm");
  assert.equal(withUnit("78", "%"), "78%");
  assert.equal(withUnit("97.2", "—"), "97.2");
  assert.equal(withUnit("—", "km"), "—");
});

test("no digit finer than the accuracy, but never fewer than two significant ones", () => {
  assert.equal(decimalsFor(45.678, 0.05), 1);
  assert.equal(decimalsFor(45.678, 0.8), 0);
  assert.equal(decimalsFor(0.618, 0.8), 2);
  assert.equal(lengthText(38.6123, 50, zh, "zh"), "38.6\u202f公里");
  assert.equal(lengthText(38.6123, 800, zh, "zh"), "39\u202f公里");
  // √45.3 · 2 · 0.3 km ≈ 4 km² in doubt: whole square kilometres.
  assert.equal(areaText(45.3, 300, en, "en"), "45\u202fkm²");
  assert.equal(areaText(991.24, 300, en, "en"), "991\u202fkm²");
  assert.equal(accuracyText(800, zh, "zh"), "±800\u202f米");
  assert.equal(accuracyText(1500, en, "en"), "±1.5\u202fkm");
  assert.equal(accuracyText(null, zh, "zh"), "");
});

test("numbers by language, minus as a minus, decimals as asked", () => {
  assert.equal(formatNumber(1234.5, "en", 2), "1,234.50");
  assert.equal(formatNumber(-3, "zh"), "−3");
  assert.equal(formatNumber(null, "zh"), "—");
  assert.equal(formatNumber(Infinity, "zh"), "—");
});

const CONTEXT = {
  t: zh,
  lang: "zh",
  kinds: new Map([["pole", { id: "pole", name: "增长极", name_en: "Growth pole" }]]),
  statuses: new Map([["building", { id: "building", name: "在建", name_en: "Under construction" }]]),
  bases: new Map([
    ["schematic", { id: "schematic", name: "概化示意", name_en: "Schematic", explain: "仅示意位置" }],
    ["official", { id: "official", name: "官方界线" }],
  ]),
  sources: new Map([["osm", { title: "开放街图", attribution: "© OpenStreetMap", licence: "ODbL" }]]),
  places: new Map([["zone/central", { id: "zone/central", name: "中部城区", name_en: "Central" }]]),
};
const POLE = {
  id: "pole/x",
  geometry: { type: "Polygon" },
  properties: {
    id: "pole/x", name: "南站新城", name_en: "South Station New Town", kind: "pole", zone: ["central"], zone_from: "stated",
    township: ["lost"], status: "building", basis: "schematic", accuracy_m: 800, cites: ["7.1.3"], sources: ["osm", "未登记"], area_km2: 7.07,
  },
};
const rowOf = (model, name) => model.rows.find((row) => row.key === name);

test("a card in Chinese", () => {
  const model = cardModel(POLE, CONTEXT);
  assert.equal(model.title, "南站新城");
  assert.equal(model.alt, "South Station New Town");
  assert.equal(model.kindName, "增长极");
  assert.deepEqual(model.rows.map((row) => row.key), ["status", "zone", "township", "area", "cites", "basis", "sources"]);
  assert.equal(rowOf(model, "basis").items[0].text, "概化示意，±800\u202f米，不作划界依据");
  assert.equal(rowOf(model, "basis").explain, "仅示意位置");
  assert.equal(rowOf(model, "zone").mark, "规划载明");
  assert.deepEqual(rowOf(model, "zone").items, [{ text: "中部城区", id: "zone/central" }]);
  // A township that the edition does not have is named, not linked.
  assert.deepEqual(rowOf(model, "township").items, [{ text: "lost", id: null }]);
  assert.deepEqual(rowOf(model, "sources").items.map((item) => item.text), ["开放街图", "未登记"]);
  assert.equal(rowOf(model, "sources").items[0].title, "© OpenStreetMap · ODbL");
  assert.equal(model.missing, "");
});

test("a card in English, and the Chinese name where English has none", () => {
  const context = { ...CONTEXT, t: en, lang: "en" };
  assert.equal(cardModel(POLE, context).title, "South Station New Town");
  assert.equal(cardModel(POLE, context).alt, "南站新城");
  const bare = { ...POLE, properties: { ...POLE.properties, name_en: "" } };
  assert.equal(cardModel(bare, context).title, "南站新城");
  assert.equal(cardModel(bare, context).alt, "");
});

test("an official boundary is not called unfit for one", () => {
  const official = { ...POLE, properties: { ...POLE.properties, basis: "official", accuracy_m: undefined } };
  assert.equal(rowOf(cardModel(official, CONTEXT), "basis").items[0].text, "官方界线");
});

test("without geometry the reason stands in for position and measure", () => {
  const line = { id: "c/1", geometry: null, properties: { id: "c/1", name: "红线", kind: "control_line", no_geometry: "无公开数据", basis: "schematic" } };
  const model = cardModel(line, CONTEXT);
  assert.equal(model.missing, "无公开数据");
  assert.equal(rowOf(model, "basis"), undefined);
  assert.equal(cardModel({ ...line, properties: { id: "c/1", name: "x" } }, CONTEXT).missing, zh("panels.card.no_geometry_default"));
});

test("labels of citations that the server gives win", () => {
  const labelled = { ...POLE, properties: { ...POLE.properties, cite_labels: ["第七章 · 南站"] } };
  assert.equal(rowOf(cardModel(labelled, CONTEXT), "cites").items[0].text, "第七章 · 南站");
});

test("a place's indicators with ranks among its peers", () => {
  const payload = (id, values) => ({
    indicator: { id, name: id, domain: "d", unit: "km", decimals: 1 },
    values: Object.entries(values).map(([place, value]) => ({ place, value, flag: place === "zone/a" ? "assumed" : "" })),
  });
  const rows = placeIndicators([payload("one", { "zone/a": 3, "zone/b": 9, "zone/c": 3 }), payload("two", { "zone/b": 1 }), payload("three", { "zone/a": null, "zone/b": 1 })], "zone/a", "zh");
  assert.deepEqual(rows.map((row) => [row.id, row.value, row.rank, row.count, row.flag]), [
    ["one", 3, 2, 3, "assumed"],
    ["three", null, null, 1, "assumed"],
  ]);
});

test("what lies in a place: the plan's features and townships, not the ground", () => {
  const layers = [{ id: "metro" }, { id: "water" }, { id: "townships" }];
  const feature = (id, properties) => ({ id, properties: { id, name: id, ...properties } });
  const payloads = [
    { features: [feature("m/1", { zone: ["central", "east"], cites: ["2.4"] }), feature("m/2", { zone: ["east"], cites: ["2.4"] })] },
    { features: [feature("w/1", { zone: ["central"] })] },
    { features: [feature("township/a", { zone: ["central"], kind: "township" })] },
  ];
  assert.deepEqual(
    containedIn("zone/central", layers, payloads, "zh").map((group) => [group.layer.id, group.items.map((item) => item.id)]),
    [
      ["metro", ["m/1"]],
      ["townships", ["township/a"]],
    ],
  );
  assert.deepEqual(containedIn("zone/central", layers, [null, null, null], "zh"), []);
});

const plainContext = (extra = {}) => ({ t: zh, lang: "zh", kinds: new Map(), statuses: new Map(), bases: new Map(), sources: new Map(), places: new Map(), ...extra });
const rowFor = (properties, name, extra) => cardModel({ id: "x/a", geometry: { type: "Point" }, properties: { id: "x/a", name: "甲", ...properties } }, plainContext(extra)).rows.find((row) => row.key === name);

test("a township in two zones: its parts, the greater one first, and their shares of the area", () => {
  const parts = [{ id: "part/a-south", name: "南部部分", area_km2: 20 }, { id: "part/a-east", name: "东部部分", area_km2: 60 }];
  const row = rowFor({ kind: "township" }, "parts", { parts });
  assert.deepEqual(row.items, [{ text: "东部部分", id: "part/a-east" }, { text: "南部部分", id: "part/a-south" }]);
  assert.ok(row.explain.includes("75% / 25%"));
  assert.equal(rowFor({ kind: "township" }, "parts", { parts: [] }), undefined);
});

test("a length that goes on beyond the district names both; one that hardly differs does not", () => {
  const text = (inside) => rowFor({ length_km: 36, length_inside_km: inside, accuracy_m: 100 }, "length").items[0].text.replaceAll("\u202f", " ");
  assert.match(text(22), /^36(\.0)? 公里，其中区内 22(\.0)? 公里$/);
  assert.match(text(35.9), /^36(\.0)? 公里$/);
});

test("a symbolic ring has no area; the area of a place is written as its indicator", () => {
  assert.equal(rowFor({ area_km2: 3.1, symbolic: true }, "area").items[0].text, "形状只标示位置，不计大小");
  const figures = new Map([["area_km2", { value: 279.42, decimals: 1, unit: "平方公里", flag: "assumed" }]]);
  assert.equal(rowFor({ area_km2: 279.42, accuracy_m: 1500 }, "area", { figures }).items[0].text, "279.4\u202f平方公里");
});

test("notes are sentences with the names of their figures; several are numbered, and the rows with them", () => {
  const rows = [{ name: "面积", flag: "assumed", note: "按分界线" }, { name: "个数", flag: "assumed", note: "按要素" }, { name: "长度", flag: "" }];
  assert.deepEqual(markedNotes(rows, "", "zh"), ["① 面积：按分界线。", "② 个数：按要素。"]);
  assert.deepEqual(rows.map((row) => row.star), ["①", "②", undefined]);
  assert.deepEqual(markedNotes([rows[0]], "", "zh"), ["① 面积：按分界线。"]);
  assert.equal(sentence("leans on a line", "en"), "Leans on a line.");
});
