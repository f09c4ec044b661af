import assert from "node:assert/strict";
import { test } from "node:test";
import { aroundPoint, boxAround, boxesAlong, breakName, clipLine, clipSegment, isStrip, isThin, measureLine, pointAt, readable, resample, smooth, spine, uprightAngle, windows } from "../src/names/label-geometry.js";
import { shieldText } from "../src/core/format.js";

const at = (x, y) => ({ x, y });
const near = (actual, expected, tolerance = 1e-6) => assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
const overlap = (a, b) => a.minX < b.maxX && a.maxX > b.minX && a.minY < b.maxY && a.maxY > b.minY;

test("running lengths and points along a line", () => {
  const line = [at(0, 0), at(3, 4), at(3, 10)];
  const sums = measureLine(line);
  assert.deepEqual(sums, [0, 5, 11]);
  assert.deepEqual(pointAt(line, sums, 8), at(3, 7));
  assert.deepEqual(pointAt(line, sums, -1), at(0, 0));
  assert.deepEqual(pointAt(line, sums, 99), at(3, 10));
});

test("resampling keeps the ends and the spacing", () => {
  const points = resample([at(0, 0), at(100, 0)], 7);
  assert.deepEqual(points[0], at(0, 0));
  assert.deepEqual(points.at(-1), at(100, 0));
  near(points[1].x - points[0].x, 100 / 14);
});

test("smoothing rounds a corner, leaves straight lines and ends alone", () => {
  const corner = smooth([at(0, 0), at(10, 0), at(10, 10)], 1);
  assert.deepEqual([corner[0], corner[2]], [at(0, 0), at(10, 10)]);
  near(corner[1].x, 20 / 3);
  near(corner[1].y, 10 / 3);
});

test("text is never upside down", () => {
  near(uprightAngle(at(0, 0), at(10, 10)), 45);
  near(uprightAngle(at(10, 10), at(0, 0)), 45);
  near(uprightAngle(at(0, 0), at(-10, 1)), uprightAngle(at(-10, 1), at(0, 0)));
  for (let turn = 0; turn < 360; turn += 7) {
    const radians = (turn * Math.PI) / 180;
    const angle = uprightAngle(at(0, 0), at(Math.cos(radians), Math.sin(radians)));
    assert.ok(angle > -90 - 1e-9 && angle <= 90 + 1e-9, String(angle));
  }
});

test("a run is read from left to right, an upright one downwards", () => {
  assert.deepEqual(readable([at(5, 0), at(0, 3)])[0], at(0, 3));
  assert.deepEqual(readable([at(0, 9), at(0, 2)])[0], at(0, 2));
});

test("a line is cut at the box's edges", () => {
  const box = { minX: 0, minY: 0, maxX: 10, maxY: 10 };
  assert.deepEqual(clipSegment(at(-5, 5), at(15, 5), box), [at(0, 5), at(10, 5)]);
  assert.equal(clipSegment(at(-5, 20), at(15, 20), box), null);
  const runs = clipLine([at(-5, 5), at(5, 5), at(5, 15), at(8, 15), at(8, 5)], box);
  assert.equal(runs.length, 2);
  assert.deepEqual(runs[0], [at(0, 5), at(5, 5), at(5, 10)]);
  assert.deepEqual(runs[1], [at(8, 10), at(8, 5)]);
});

test("a straight stretch near the middle is the best place for a name", () => {
  const [best] = windows([at(0, 0), at(300, 0)], 100);
  near(best.middle.x, 150, 11);
  near(best.sag, 0);
  near(best.angle, 0);
});

test("the straight half of a bent line is preferred to the bend", () => {
  const bend = Array.from({ length: 40 }, (_, index) => at(200 + 50 * Math.sin(index / 12), 50 - 50 * Math.cos(index / 12)));
  const [best] = windows([at(0, 0), at(100, 0), at(200, 0), ...bend], 90);
  assert.ok(best.middle.x < 190 && best.middle.y < 2 && best.sag < 4.5, JSON.stringify(best.middle));
});

test("no name on a line too short, or bent back on itself", () => {
  assert.deepEqual(windows([at(0, 0), at(50, 0)], 60), []);
  assert.deepEqual(windows([at(0, 0), at(30, 0), at(30, 3), at(0, 3)], 60), []);
});

test("the boxes of a slanted name leave free what is beside it", () => {
  const slanted = Array.from({ length: 11 }, (_, index) => at(index * 10, index * 10));
  const boxes = boxesAlong(slanted, 10);
  assert.ok(!boxes.some((box) => overlap(box, boxAround(80, 20, 20, 20))));
  assert.ok(boxes.some((box) => overlap(box, boxAround(50, 50, 4, 4))));
});

test("eight places around a symbol, none of them over it", () => {
  const symbol = boxAround(100, 100, 12, 12);
  const places = aroundPoint(100, 100, 6, 40, 14);
  assert.equal(places.length, 8);
  for (const { x, y } of places) assert.ok(!overlap(symbol, boxAround(x, y, 40, 14)), `${x} ${y}`);
  assert.deepEqual(places[0], { x: 129, y: 100 });
});

test("the middle line of a straight strip runs down its middle", () => {
  const { line, width } = spine([at(0, 0), at(200, 0), at(200, 10), at(0, 10)]);
  for (const point of line.slice(4, -4)) near(point.y, 5, 1.5);
  const span = Math.abs(line.at(-1).x - line[0].x);
  assert.ok(span > 170, String(span));
  near(width, 10, 2.5);
});

test("a river's bend is followed", () => {
  const bank = (radius) => Array.from({ length: 61 }, (_, index) => at(radius * Math.cos((Math.PI * index) / 60), radius * Math.sin((Math.PI * index) / 60)));
  const found = spine([...bank(110), ...bank(90).reverse()]);
  for (const point of found.line.slice(5, -5)) near(Math.hypot(point.x, point.y), 100, 6);
  assert.ok(isStrip(found));
});

test("a patch is no strip, a belt is thin", () => {
  const square = [at(0, 0), at(100, 0), at(100, 100), at(0, 100), at(0, 0)];
  assert.equal(isThin(square), false);
  assert.equal(isStrip(spine(square)), false);
  assert.equal(isThin([at(0, 0), at(200, 0), at(200, 10), at(0, 10), at(0, 0)]), true);
});

test("long names break into two lines", () => {
  assert.deepEqual(breakName("钱江世纪城", 10), ["钱江世纪城"]);
  assert.deepEqual(breakName("中部都市中央活力区", 6), ["中部都市", "中央活力区"]);
  assert.deepEqual(breakName("South Station New Town", 8), ["South Station", "New Town"]);
  assert.deepEqual(breakName("Hangzhouwanxinqu", 4), ["Hangzhouwanxinqu"]);
});

test("shields carry the line's number", () => {
  assert.equal(shieldText("杭州地铁2号线一期"), "2号线");
  assert.equal(shieldText("Metro Line 7"), "Line 7");
  assert.equal(shieldText("杭绍城际线"), "杭绍城际线");
});

test("Chinese names break after words, never inside digits or Latin letters", () => {
  const words = ["国际", "机场", "经济", "示范区"];
  assert.deepEqual(breakName("杭州临空经济示范区建设", 8, words), ["杭州临空经济", "示范区建设"]);
  assert.deepEqual(breakName("萧山国际机场新国际货站", 8, words), ["萧山国际机场", "新国际货站"]);
  assert.deepEqual(breakName("中芯微80G光模块", 6, words), ["中芯微", "80G光模块"]);
  assert.deepEqual(breakName("某某（二期）工程项目", 6, []), ["某某（二期）", "工程项目"]);
  assert.deepEqual(breakName("南站", 8, words), ["南站"]);
  // Not within a longer word; before a word where none ends; no line begins with 的.
  assert.deepEqual(breakName("湘湖国家级旅游度假区", 6, ["国家", "国家级", "度假区"]), ["湘湖国家级", "旅游度假区"]);
  assert.deepEqual(breakName("某某路设计产业园", 6, ["产业园"]), ["某某路设计", "产业园"]);
  assert.deepEqual(breakName("甲乙丙的丁戊己", 6, []), ["甲乙丙的", "丁戊己"]);
});
