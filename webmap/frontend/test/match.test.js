import assert from "node:assert/strict";
import { test } from "node:test";
import { find, normalise, prepare, score } from "../src/sidebar/match.js";

const ENTRIES = [
  { id: "pole/xianghu", name: "湘湖国家旅游度假区", name_en: "Xianghu National Tourist Resort", aliases: ["湘湖度假区"], pinyin: ["xianghuguojialvyoudujiaqu", "xianghudujiaqu"], initials: ["xhgjlydjq", "xhdjq"], kind: "pole" },
  { id: "lake/xianghu", name: "湘湖", name_en: "Xiang Lake", aliases: [], pinyin: ["xianghu"], initials: ["xh"], kind: "lake" },
  { id: "township/xinjie", name: "新街街道", name_en: "Xinjie Subdistrict", aliases: [], pinyin: ["xinjiejiedao"], initials: ["xjjd"], kind: "township" },
  { id: "corridor/xishan", name: "西山—北干山—长山生态走廊", name_en: "", aliases: [], pinyin: ["xishanbeiganshanchangshanshengtaizoulang"], initials: ["xsbgscsstzl"], kind: "corridor" },
  { id: "metro_line/2", name: "地铁2号线", name_en: "Metro Line 2", aliases: ["2号线"], pinyin: ["ditie2haoxian"], initials: ["dt2hx"], kind: "metro_line" },
];
const PREPARED = prepare(ENTRIES);
const ids = (text, options) => find(PREPARED, text, options).map((entry) => entry.id);

test("汉字: the whole name before a beginning before a part", () => {
  assert.deepEqual(ids("湘湖"), ["lake/xianghu", "pole/xianghu"]);
  assert.deepEqual(ids("北干山"), ["corridor/xishan"]);
});

test("pinyin, with or without spaces, tones and capitals", () => {
  assert.deepEqual(ids("xianghu"), ["lake/xianghu", "pole/xianghu"]);
  assert.deepEqual(ids("Xiāng Hú"), ["lake/xianghu", "pole/xianghu"]);
  assert.deepEqual(ids("xinjie"), ["township/xinjie"]);
});

test("initials count from two letters on and from their start", () => {
  assert.deepEqual(ids("xh"), ["lake/xianghu", "pole/xianghu"]);
  assert.deepEqual(ids("xjjd"), ["township/xinjie"]);
  assert.equal(score(PREPARED[2], "jd"), 0);
  assert.equal(score(PREPARED[3], "z"), 0);
});

test("English names and aliases", () => {
  assert.deepEqual(ids("tourist resort"), ["pole/xianghu"]);
  assert.deepEqual(ids("line 2"), ["metro_line/2"]);
  assert.deepEqual(ids("2号线"), ["metro_line/2"]);
});

test("full-width letters, dashes and quotes make no difference", () => {
  assert.equal(normalise("Ｌｉｎｅ　２"), "line2");
  assert.equal(normalise("西山—北干山"), "西山北干山");
});

test("nothing typed, nothing found; nothing fits, nothing found", () => {
  assert.deepEqual(ids("  "), []);
  assert.deepEqual(ids("嘉兴"), []);
});

test("equal hits in the order of rank, no more than the limit", () => {
  const twins = prepare([{ id: "a", name: "瓜沥镇" }, { id: "b", name: "瓜沥镇" }, { id: "c", name: "瓜沥镇" }]);
  const rank = (entry) => ({ a: 3, b: 1, c: 2 })[entry.id];
  assert.deepEqual(find(twins, "瓜沥", { rank, limit: 2 }).map((entry) => entry.id), ["b", "c"]);
});
