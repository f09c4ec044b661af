import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHash, parseHash } from "../src/core/permalink-model.js";
import { exaggeration, formatScans, parseScans } from "../src/sheets/sheets-model.js";

const STATE = {
  map: { zoom: 12.25, lat: 30.16, lng: 120.3 },
  layers: ["zones", "metro_lines"],
  opacity: { zones: 0.5 },
  indicator: { id: "area_km2", level: "zone", method: "quantiles" },
  filter: "chapter:7,8;status:building",
  selection: "pole/xianghu",
};
const HASH = "map=12.25/30.16000/120.30000&layers=zones,metro_lines&op=zones:0.5&ind=area_km2:zone:quantiles&flt=chapter:7,8;status:building&sel=pole/xianghu";

test("a state as written in DESIGN.md", () => {
  assert.equal(formatHash(STATE), HASH);
});

test("there and back", () => {
  assert.deepEqual(parseHash(`#${HASH}`), STATE);
  assert.equal(formatHash(parseHash(HASH)), HASH);
});

test("the operator's base map is said when it is on", () => {
  const state = { ...STATE, basemap: true };
  assert.deepEqual(parseHash(formatHash(state)), state);
  assert.equal(parseHash("base=1").basemap, undefined);
});

test("full opacity, no indicator and no selection are left out, and mean so when read", () => {
  const hash = formatHash({ ...STATE, opacity: { zones: 1 }, indicator: null, filter: "", selection: null });
  assert.equal(hash, "map=12.25/30.16000/120.30000&layers=zones,metro_lines");
  const state = parseHash(hash);
  assert.deepEqual(state.opacity, {});
  assert.equal(state.indicator, null);
  assert.equal(state.selection, null);
});

test("an empty hash says nothing at all", () => {
  assert.deepEqual(parseHash(""), {});
  assert.deepEqual(parseHash("#"), {});
});

test("no layers is a state of its own", () => {
  assert.deepEqual(parseHash("layers=").layers, []);
});

test("nonsense is left out, never an error", () => {
  for (const hash of ["map=x/y/z", "map=12/95/120", "map=12/30", "map=99/30/120", "map=1/2/3/4", "%%%", "=a", "map"]) {
    assert.equal(parseHash(hash).map, undefined, hash);
  }
  assert.deepEqual(parseHash("layers=%E0%A4%A,zones").layers, ["zones"]);
  assert.deepEqual(parseHash("op=zones:2,water:-1,x:abc,roads:0.3").opacity, { roads: 0.3 });
  assert.equal(parseHash("ind=").indicator, undefined);
});

test("names with special characters survive", () => {
  const state = { layers: ["a&b", "c,d", "图层"], selection: "pole/a=b#c" };
  const back = parseHash(formatHash(state));
  assert.deepEqual(back.layers, state.layers);
  assert.equal(back.selection, state.selection);
});

test("an indicator without level or method has the usual ones", () => {
  assert.deepEqual(parseHash("ind=area_km2").indicator, { id: "area_km2", level: "zone", method: "quantiles" });
});

test("the open panel; a closed one is said only where something would open it", () => {
  assert.equal(formatHash({ panel: "district" }), "panel=district");
  assert.equal(formatHash({ panel: null }), "");
  assert.equal(formatHash({ panel: null, selection: "pole/a" }), "sel=pole/a&panel=none");
  assert.equal(parseHash("panel=district").panel, "district");
  assert.equal(parseHash("sel=pole/a&panel=none").panel, null);
  assert.equal(parseHash("panel=secret").panel, undefined);
});

test("bounds for embeds of any size", () => {
  assert.equal(formatHash({ bounds: [120.123456, 30, 120.4, 30.25] }), "bounds=120.12346,30,120.4,30.25");
  assert.deepEqual(parseHash("bounds=120.1,30,120.4,30.25").bounds, [120.1, 30, 120.4, 30.25]);
  for (const text of ["1,2,3", "3,2,1,4", "120,30,121,95", "a,b,c,d", "", "1,2,3,4,5"]) assert.equal(parseHash(`bounds=${text}`).bounds, undefined, text);
});

test("scanned maps are named with their opacity; what is none is left out", () => {
  const shown = [{ id: "layout", opacity: 0.7 }, { id: "roads-2", opacity: 1 }];
  assert.equal(formatScans(shown), "layout:0.7,roads-2");
  assert.deepEqual(parseScans("layout:0.7,roads-2,<b>,layout:7,:1,a:0.5:2,"), shown);
  assert.equal(formatHash({ scans: "layout:0.7" }), "scans=layout:0.7");
  assert.equal(parseHash("#scans=layout:0.7").scans, "layout:0.7");
  assert.equal(parseHash("#scans=%3Cb%3E").scans, undefined);
});

test("residuals are drawn out by 1, 2 or 5 times a power of ten, so that the longest stays short", () => {
  // 46 pixels of 10 m are 460 m: 46 times 10 m, so 20; half a metre 920 times, so 500; 600 m not at all.
  assert.equal(exaggeration(10, 10), 20);
  assert.equal(exaggeration(0.5, 10), 500);
  assert.equal(exaggeration(600, 10), 1);
  assert.equal(exaggeration(0, 10), 1);
});
