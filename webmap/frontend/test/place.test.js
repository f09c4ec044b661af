import assert from "node:assert/strict";
import { test } from "node:test";
import proj4 from "proj4";
import { parsePlace } from "../src/sidebar/place-model.js";

const DEFINITION = "+proj=tmerc +lat_0=0 +lon_0=120 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs";
function unproject(meridian, east, north) {
  const [lng, lat] = proj4(DEFINITION.replace("lon_0=120", `lon_0=${meridian}`)).inverse([east, north]);
  return { lng, lat };
}
const PLAN = { crs: { meridian: 120 }, unproject, near: { lng: 120.3, lat: 30.1 } };
const at = (text, plan = PLAN) => {
  const found = parsePlace(text, plan);
  return found && [Number(found.lng.toFixed(5)), Number(found.lat.toFixed(5))];
};

test("degrees in either order, with any mark", () => {
  for (const text of ["120.26, 30.18", "30.18 120.26", "30.18，120.26", "120.26E,30.18N", "N30.18 E120.26", "北纬30.18 东经120.26", "（120.26，30.18）", "30.18°N 120.26°E"]) {
    assert.deepEqual(at(text), [120.26, 30.18], text);
  }
});

test("degrees, minutes, seconds", () => {
  // 10′ are a sixth of a degree, 15′ a quarter; 36″ are a hundredth.
  for (const text of ["30°10′N 120°15′E", "120°15′E 30°10′N", "北纬30度10分 东经120度15分", "30°10'N, 120°15'E"]) assert.deepEqual(at(text), [120.25, 30.16667], text);
  assert.deepEqual(at("N30°10'36\" E120°15'36\""), [120.26, 30.17667]);
  assert.deepEqual(at("30°10′36″N 120°15′36″E"), [120.26, 30.17667]);
});

test("metres of the plan's zone, in either order, with the zone's number or without", () => {
  // 120.26 E, 30.18 N by PROJ (pyproj, EPSG:4490 to EPSG:4549).
  const [e, n] = ["525041.08", "3340095.67"];
  for (const text of [`${n} ${e}`, `${e}, ${n}`, `X=${n} Y=${e}`, `${n} 40${e}`, `40${e} ${n}`]) assert.deepEqual(at(text), [120.26, 30.18], text);
});

test("another zone's number is another meridian", () => {
  assert.deepEqual(at("3320000 39500000"), [117, Number(at("3320000 500000")[1])]);
  assert.deepEqual(at("3320000 21500000"), [123, Number(at("3320000 500000")[1])]);
});

test("what is no pair of coordinates is none", () => {
  for (const text of ["", "2号线", "7.1.3", "专栏2-4", "120.26", "120 30 10", "30°70′N 120°E", "30N 31N", "95N 120E", "190 30", "萧山 机场", "1 2 3 4", "99999999 1"]) assert.equal(at(text), null, text);
});

test("bare degrees that could be either are those near the plan", () => {
  const west = { ...PLAN, near: { lng: 85, lat: 44 } };
  assert.deepEqual(at("85.1 44.2", west), [85.1, 44.2]);
  assert.deepEqual(at("44.2 85.1", west), [85.1, 44.2]);
});
