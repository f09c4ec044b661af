/** Own data: names as the server reads them, sheets as offices save them, what goes into a link. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { formatHash, parseHash } from "../src/core/permalink-model.js";
import { Places, isTotal, likeness } from "../src/own/names.js";
import { formatOwn, ownIndicators, parseOwn } from "../src/own/own-model.js";
import { zipSync } from "fflate";
import { OwnData } from "../src/own/own-data.js";
import { MOST_BYTES, SheetError, decode, numberIn, parseCsv, readSheet } from "../src/own/sheet-model.js";
import { readXlsx } from "../src/own/xlsx.js";
import { embedUrl } from "../src/tools/embed-url.js";

const CASES = JSON.parse(readFileSync(new URL("../../../tests/place_cases.json", import.meta.url), "utf8"));
const PLACES = new Places(CASES.places);
const refused = (key) => (error) => error instanceof SheetError && error.key === key;

test("a name means the place that the server's sheets mean by it", () => {
  assert.deepEqual(CASES.found.map(([text]) => [text, PLACES.find(text)]), CASES.found);
  assert.deepEqual(CASES.near.map(([text]) => [text, PLACES.near(text)[0] ?? null]), CASES.near);
  assert.deepEqual(CASES.likeness.map(([one, other]) => [one, other, likeness(one, other)]), CASES.likeness);
  assert.ok(isTotal(" 合 计 ") && isTotal("Total") && !isTotal("合计镇"));
});

test("CSV with quotes, line ends of every sort, tabs", () => {
  assert.deepEqual(parseCsv('a,"b ""c"", d"\r\n"x\ny",2\r3,4'), [["a", 'b "c", d'], ["x\ny", "2"], ["3", "4"]]);
  assert.deepEqual(parseCsv("a\tb\n1,5\t2"), [["a", "b"], ["1,5", "2"]]);
  assert.deepEqual(parseCsv('"never closed, 1\n2'), [["never closed, 1\n2"]]);
  assert.deepEqual(parseCsv(""), []);
  assert.throws(() => parseCsv("a\n".repeat(60_001)), refused("own.too_long"));
  assert.throws(() => parseCsv(",".repeat(300)), refused("own.too_wide"));
});

test("UTF-8, UTF-16 and GB18030", () => {
  assert.equal(decode(new TextEncoder().encode("文澜,1")), "文澜,1");
  // 文澜 in GB18030.
  assert.equal(decode(new Uint8Array([0xce, 0xc4, 0xc0, 0xbd, 0x2c, 0x31])), "文澜,1");
  assert.equal(decode(new Uint8Array([0xff, 0xfe, 0x87, 0x65, 0x31, 0x00])).replace("\ufeff", ""), "文1");
  assert.throws(() => decode(new Uint8Array([0x61, 0, 0, 0x62])), refused("own.not_a_table"));
});

test("numbers as they are typed", () => {
  const cases = [["１，８２８．４７", 1828.47], ["42.5%", 42.5], ["−3", -3], ["1828亿元*", 1828], ["约 5", null], ["—", null], ["", null], ["1,2,3", null], ["0", 0], ["1e3", 1000], ["1e999", null], [7, 7], [NaN, null], ["12-13", null]];
  assert.deepEqual(cases.map(([text]) => [text, numberIn(text)]), cases);
});

const ROWS = [
  ["各镇街情况", "", "", ""],
  ["序号", "镇街", "人口（万人）", "其中：备注"],
  ["1", "文澜", "3.2", "好"],
  ["2", "石埠镇", "1,200", ""],
  ["3", "高平乡", "0.8", ""],
  ["4", "文澜街道", "9", ""],
  ["", "合计", "4.0", ""],
  ["", "注：快报数", "", ""],
];

test("columns are recognised, names that are not known wait for a decision", () => {
  const sheet = readSheet(ROWS, PLACES);
  assert.deepEqual([sheet.level, sheet.matched, sheet.total], ["township", 2, 4]);
  assert.deepEqual(sheet.unknown, [{ name: "高平乡", near: ["township/gao-ping"], row: 5 }]);
  assert.deepEqual(sheet.twice, ["文澜街道"]);
  assert.deepEqual(sheet.columns.map(({ name, unit, period, values }) => [name, unit, period, [...values]]), [["人口", "万人", "", [["township/wen-lan", 3.2], ["township/shi-bu", 1200]]]]);
  const decided = readSheet(ROWS, PLACES, new Map([["高平乡", "township/gao-ping"]]));
  assert.equal(decided.columns[0].values.get("township/gao-ping"), 0.8);
  assert.deepEqual(decided.unknown, []);
});

test("what is no table of places is refused", () => {
  assert.throws(() => readSheet([["a", "1"]], PLACES), refused("own.no_places"));
  assert.throws(() => readSheet([["石埠镇", "x"]], PLACES), refused("own.no_numbers"));
});

test("60,000 rows and 200 columns are read to the last, one more is refused", () => {
  const rows = (count) => `镇街,数\n${"甲镇,1\n".repeat(count - 1)}`;
  assert.equal(parseCsv(rows(60_000)).length, 60_000);
  assert.throws(() => parseCsv(rows(60_001)), refused("own.too_long"));
  assert.equal(parseCsv(Array(200).fill("x").join(","))[0].length, 200);
  assert.throws(() => parseCsv(Array(201).fill("x").join(",")), refused("own.too_wide"));
});

test("a file of 5 MB is opened, a larger one is not even read; what swells beyond 40 MB stays packed", async () => {
  const said = [];
  const own = new OwnData({ toast: (text) => said.push(text), t: (key, params) => (params ? `${[key, ...Object.values(params)].join(" ")}` : key), data: { get: () => Promise.reject(new SheetError("read")) } });
  let read = 0;
  const file = (size) => ({ name: "我的表.csv", size, arrayBuffer: async () => ((read += 1), new TextEncoder().encode("a\0b").buffer) });
  await own.open(file(MOST_BYTES + 1));
  assert.deepEqual([read, said], [0, ["own.refused 我的表 own.too_large_file 5"]]);
  await own.open(file(MOST_BYTES));
  assert.deepEqual([read, said[1]], [1, "own.refused 我的表 own.not_a_table"]);
  const packed = zipSync({ "xl/worksheets/sheet1.xml": new Uint8Array(40_000_001) });
  assert.ok(packed.length < 100_000);
  assert.throws(() => readXlsx(packed), refused("own.too_large"));
});

test("names of a level that no list has come by themselves; where the server does not give them, it is said", async () => {
  const said = [];
  const layers = [{ id: "townships", name: "镇街", kinds: ["township"], tiles: {}, count: 40000 }];
  const app = (places) => ({
    lang: "zh", config: { layers }, name: (one) => one.name, toast: (text) => said.push(text), t: (key, params) => [key, ...Object.values(params || {})].join(" "),
    data: { records: async () => [{ id: "zone/a", kind: "zone", name: "甲片" }], places },
  });
  const open = async (places) => {
    const own = new OwnData(app(places));
    own.show = () => said.push(`${own.sheet.level} ${own.sheet.matched}/${own.sheet.total}`);
    await own.open({ name: "表.csv", size: 9, arrayBuffer: async () => new TextEncoder().encode("镇街,数\n乙镇,1\n丙街道,2\n丁,3\n").buffer });
  };
  await open(async () => ({ place: ["township/b", "township/c"], name: ["乙镇", "丙街道"], name_en: ["B", "C"] }));
  await open(() => Promise.reject(new Error("400")));
  assert.deepEqual(said, ["township 2/3", "own.refused 表 own.beyond 镇街 40,000"]);
});

test("into a link and back; hostile text stays text, what makes no sense is nothing", () => {
  const data = { title: '<img src=x>!~*%', level: "township", columns: [{ name: "a*b~c!d", unit: "万人", period: "", values: new Map([["township/shi-bu", -1.5], ["township/wen-lan", 0]]) }, { name: "乙", unit: "", period: "2023", values: new Map([["township/wen-lan", 7]]) }] };
  const hash = formatHash({ own: formatOwn(data), indicator: { id: "own/0", level: "township", method: "pretty" } });
  assert.deepEqual(parseOwn(parseHash(hash).own), data);
  for (const text of ["", "x", "a!village!b!c", "a!zone!%E0!c", "a!zone!b!", "a!zone!b!x*1e999", "!!!!!!", "x".repeat(9000)]) assert.equal(parseOwn(text), null, text);
  const many = new Map(Array.from({ length: 400 }, (_, at) => [`township/t${at}`, at / 7]));
  assert.equal(formatOwn({ ...data, columns: [{ name: "a", unit: "", period: "", values: many }] }), null);
});

test("own columns are indicators; those of years are one over time; missing is missing", () => {
  const column = (name, period, value) => ({ name, unit: "人", period, values: new Map([["township/wen-lan", value]]) });
  const own = ownIndicators({ title: "表", level: "township", columns: [column("2021", "2021", 1.25), column("2020", "2020", 1), column("甲", "", 5)] }, CASES.places.slice(1, 3));
  assert.deepEqual(own.indicators.map((one) => [one.id, one.name, one.unit, one.decimals]), [["own/0", "表", "人", 2], ["own/1", "甲", "人", 0]]);
  assert.deepEqual(own.series("own/0", "township", "observed").places.map((one) => [one.place, one.values]), [["township/wen-lan", [1, 1.25]], ["township/shi-bu", [null, null]]]);
  assert.deepEqual(own.payload("own/1", "township").values.map((one) => one.value), [5, null]);
  assert.deepEqual([own.payload("own/1", "zone").reason, own.payload("own/9", "zone"), own.series("own/1", "township", "observed")], ["not_by_zone", null, null]);
});

test("an embed's address keeps own data out of the query, which the server sees", () => {
  const url = new URL(embedUrl("http://h", "/embed", { view: "v", indicator: { id: "own/0", level: "township", method: "quantiles" }, own: "t!township!a**!x*1" }));
  assert.equal(url.search, "");
  assert.match(url.hash, /ind=own\/0:township:quantiles&own=t!township!a\*\*!x\*1$|own=t!township.*/);
  const looked = new URL(embedUrl("http://h", "/embed", { view: "v", indicator: { id: "gdp", level: "township", method: "typed", show: "observed", period: "2023", look: "at~1" } }));
  assert.equal(looked.search, "?indicator=gdp:township:quantiles:observed:2023");
  assert.equal(looked.hash, "#ind=gdp:township:typed:observed:2023:at~1");
});
