import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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

const AIRPORT = prepare([
  { type: "feature", id: "a", name: "杭州萧山国际机场", name_en: "Hangzhou Xiaoshan International Airport", pinyin: ["hangzhouxiaoshanguojijichang"] },
  { type: "feature", id: "b", name: "萧山国际机场免税店", name_en: "Duty-free Shop at Xiaoshan International Airport" },
  { type: "feature", id: "c", name: "萧山国际机场新国际货站", name_en: "New Cargo Terminal, Xiaoshan Airport" },
  { type: "indicator", id: "d", name: "地区生产总值", name_en: "Gross domestic product" },
  { type: "claim", id: "e", name: "萧山国际机场通航城市", name_en: "" },
  { type: "clause", id: "7.1.3", name: "第七章第一节 3", aliases: ["7.1.3"] },
  { type: "clause", id: "专栏2-4", name: "专栏2 第4项", aliases: ["专栏2-4"] },
  { type: "clause", id: "专栏24", name: "专栏24", aliases: ["专栏24"] },
  { type: "feature", id: "l1", name: "地铁1号线", name_en: "Metro Line 1" },
  { type: "feature", id: "l2", name: "地铁2号线", name_en: "Metro Line 2" },
]);
const first = (text) => find(AIRPORT, text).map((entry) => entry.id);

test("a name without its beginning comes before names that only begin with it", () => {
  assert.equal(first("萧山国际机场")[0], "a");
  assert.equal(first("Xiaoshan International Airport")[0], "a");
});

test("words in any order, the fewest left over first", () => {
  assert.deepEqual(first("airport xiaoshan").slice(0, 2), ["a", "c"]);
  assert.deepEqual(first("airport international hangzhou"), ["a"]);
  assert.deepEqual(first("line metro 2"), ["l2"]);
  assert.deepEqual(first("机场 杭州"), ["a"]);
});

test("one character wrong, missing, too many or exchanged is forgiven; two are not", () => {
  for (const text of ["杭州肖山国际机场", "杭州萧山国机场", "杭州萧山国际大机场", "杭州萧山际国机场"]) assert.equal(first(text)[0], "a", text);
  assert.equal(first("萧山国际飞场")[0], "a");
  assert.deepEqual(first("杭州肖山国际飞场"), []);
  assert.deepEqual(first("hangzhou airprot"), ["a"]);
});

test("figures are not misspelt", () => {
  assert.deepEqual(first("地铁3号线"), []);
  assert.deepEqual(first("二号线"), ["l2"]);
  assert.deepEqual(first("7.1.3"), ["7.1.3"]);
  assert.equal(first("专栏2-4")[0], "专栏2-4");
  assert.ok(!first("专栏2-4").includes("专栏24"));
});

test("initials of English names; what is about the plan comes last", () => {
  assert.deepEqual(first("GDP"), ["d"]);
  assert.equal(first("萧山国际机场").at(-1), "e");
});

test("the same is found as by the server", () => {
  const { sets } = JSON.parse(readFileSync(new URL("../../../tests/search.json", import.meta.url), "utf8"));
  for (const { entries, cases, rank = {} } of sets) {
    const prepared = prepare(entries);
    for (const { q, ids, first } of cases) {
      const found = find(prepared, q, { rank: (entry) => rank[entry.id] ?? 0 }).map((entry) => entry.id);
      if (ids) assert.deepEqual(found, ids, q);
      else assert.equal(found[0], first, q);
    }
  }
});
