import assert from "node:assert/strict";
import { test } from "node:test";
import { areaOf, lengthOf } from "../src/tools/geodesy.js";
import { MU_M2, areaWords, lengthWords, muWords } from "../src/tools/measuring.js";

const near = (actual, expected, tolerance) => assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
const words = (key) => ({ "map.unit.m": "米", "map.unit.km": "公里", "map.unit.m2": "平方米", "map.unit.km2": "平方公里", "map.unit.mu": "亩" })[key];

test("a degree of latitude and of longitude at the equator on the WGS 84 ellipsoid", () => {
  // a·π/180 = 6378137·0.0174532925 along the equator; the meridian arc 0°–1° is 110574.39 m.
  near(lengthOf([{ lat: 0, lng: 0 }, { lat: 0, lng: 1 }]), 111319.4908, 0.001);
  near(lengthOf([{ lat: 0, lng: 0 }, { lat: 1, lng: 0 }]), 110574.3886, 0.001);
});

test("lengths add up; a point alone has none", () => {
  const way = [{ lat: 0, lng: 0 }, { lat: 0, lng: 1 }, { lat: 0, lng: 2 }];
  near(lengthOf(way), 2 * 111319.4908, 0.002);
  assert.equal(lengthOf(way.slice(0, 1)), 0);
});

test("an octant of the ellipsoid: an eighth of 510,065,621.724 km²", () => {
  const { area } = areaOf([{ lat: 0, lng: 0 }, { lat: 0, lng: 90 }, { lat: 90, lng: 0 }]);
  near(area / 1e6, 510065621.724 / 8, 0.01);
});

test("the way round makes no difference", () => {
  const ring = [{ lat: 30, lng: 120 }, { lat: 30, lng: 120.1 }, { lat: 30.1, lng: 120.1 }];
  near(areaOf(ring).area, areaOf(ring.slice().reverse()).area, 1e-3);
  assert.deepEqual(areaOf(ring.slice(0, 2)), { area: 0, perimeter: 0 });
});

test("as written: metres, kilometres, square kilometres and mu", () => {
  near(MU_M2, 666.6667, 1e-4);
  assert.equal(lengthWords(12.34, words, "zh"), "12.3 米");
  assert.equal(lengthWords(950.4, words, "zh"), "950 米");
  assert.equal(lengthWords(1234.5, words, "zh"), "1.235 公里");
  assert.equal(lengthWords(12345, words, "zh"), "12.35 公里");
  assert.equal(areaWords(5000, words, "zh"), "5,000 平方米");
  assert.equal(areaWords(1500000, words, "zh"), "1.5000 平方公里");
  assert.equal(muWords(10000, words, "zh"), "15.0 亩");
  assert.equal(muWords(1e6, words, "zh"), "1,500 亩");
});
