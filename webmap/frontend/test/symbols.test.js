import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PATTERNS } from "../src/map/patterns.js";
import { dashArray, dashPixels, darker, geometryClass, lightness, metresPerPixel, mix, passes, pointFactor, resolveStyle, widthFactor } from "../src/map/symbols.js";

const ROAD = { id: "road", geometry: "line", symbol: { stroke: "#e08a2e", width: 4, casing: "#8c4a0f", casing_width: 6 } };
const PLANNED = { id: "planned", dash: [2, 1.5] };
const OPERATING = { id: "operating", dash: [] };

test("a status dash is a multiple of the width that is drawn", () => {
  assert.deepEqual(dashPixels({ statusDash: [4, 1.6], kindDash: null, width: 3, factor: 1 }), [12, 4.8]);
});

test("a kind's own dash is in pixels and grows with the line; the status goes before it", () => {
  assert.deepEqual(dashPixels({ statusDash: [], kindDash: [10, 3], width: 3, factor: 1.5 }), [15, 4.5]);
  assert.deepEqual(dashPixels({ statusDash: [2, 1], kindDash: [10, 3], width: 3, factor: 1.5 }), [6, 3]);
  assert.equal(dashPixels({ statusDash: [], kindDash: null, width: 3, factor: 1 }), null);
});

test("dashes at zoom 12, where widths are as stated, and at zoom 14, where they are 1.32 times that", () => {
  const style = resolveStyle({}, ROAD, PLANNED, null, "line");
  assert.equal(dashArray(style, 12), "8 6");
  assert.equal(dashArray(style, 14), "10.56 7.92");
});

test("widths grow gently and within bounds", () => {
  assert.equal(widthFactor(12), 1);
  assert.ok(Math.abs(widthFactor(13) - 1.16) < 1e-12);
  assert.equal(widthFactor(5), 0.58);
  assert.equal(widthFactor(20), 1.9);
  for (let zoom = 8; zoom < 18; zoom += 0.25) assert.ok(widthFactor(zoom + 0.25) - widthFactor(zoom) <= 0.041);
  assert.equal(pointFactor(12.5), 1);
});

test("a line in use has a casing and a stroke, without dashes", () => {
  const list = passes(resolveStyle({}, ROAD, OPERATING, null, "line"), 12);
  assert.deepEqual(list.map(([name]) => name), ["casing", "stroke"]);
  assert.equal(list[0][1].weight, 6);
  assert.equal(list[1][1].weight, 4);
  assert.equal(list[1][1].dashArray, null);
});

test("between the dashes of a planned line with a dark casing lies a white bed", () => {
  const list = passes(resolveStyle({}, ROAD, PLANNED, null, "line"), 12);
  assert.deepEqual(list.map(([name]) => name), ["casing", "bed", "stroke"]);
  assert.equal(list[1][1].color, "#ffffff");
  assert.equal(list[2][1].dashArray, "8 6");
  assert.equal(list[2][1].lineCap, "butt");
});

test("a railway's overlay carries the dash, its stroke stays whole", () => {
  const kind = { symbol: { stroke: "#3d3d3d", width: 2.6, overlay: "#ffffff", overlay_width: 1.4, overlay_dash: [8, 8] } };
  const list = new Map(passes(resolveStyle({}, kind, OPERATING, null, "line"), 12));
  assert.equal(list.get("stroke").dashArray, null);
  assert.equal(list.get("overlay").dashArray, "8 8");
});

test("a feature's own colour fills a polygon and strokes a line", () => {
  const zone = { symbol: { fill: "#e6ddcc", fill_opacity: 0.9, stroke: "#7a6a55", width: 2 } };
  const area = resolveStyle({ color: "#F3D3A6" }, zone, null, null, "polygon");
  assert.equal(area.fill, "#F3D3A6");
  assert.notEqual(area.stroke, "#F3D3A6");
  assert.equal(resolveStyle({ color: "#FC0601" }, ROAD, null, null, "line").stroke, "#FC0601");
});

test("what is no colour is not taken for one", () => {
  for (const color of ["red;x", "url(#a)", "javascript:1", "#12", 7]) {
    assert.equal(resolveStyle({ color }, ROAD, null, null, "line").stroke, "#e08a2e");
  }
});

test("assumed polygons are hatched; uncertain and apart come from the basis, hollow from the status", () => {
  const zone = { symbol: { fill: "#e6ddcc" } };
  assert.equal(resolveStyle({ assumed: true }, zone, null, null, "polygon").pattern, "hatch");
  const style = resolveStyle({}, zone, PLANNED, { uncertain: true, apart: true }, "point");
  assert.equal(style.uncertain && style.apart && style.notBuilt, true);
});

test("classes of geometry", () => {
  assert.equal(geometryClass({ type: "MultiPolygon" }), "polygon");
  assert.equal(geometryClass({ type: "LineString" }), "line");
  assert.equal(geometryClass({ type: "MultiPoint" }), "point");
  assert.equal(geometryClass(null), "none");
});

test("colours", () => {
  assert.equal(darker("#808080", 0.5), "#404040");
  assert.equal(mix("#000000", "#ffffff", 0.2), "#333333");
  assert.equal(mix("#fff", "#000", 0), "#ffffff");
  assert.ok(Math.abs(lightness("#ffffff") - 1) < 1e-9);
  assert.ok(lightness("#000000") < 0.01);
});

test("metres per pixel: 156,543.03 m at the equator and zoom 0, half as much at 60°", () => {
  assert.ok(Math.abs(metresPerPixel(0, 0) - 156543.034) < 0.01);
  assert.ok(Math.abs(metresPerPixel(60, 10) - 156543.034 / 2 / 1024) < 1e-4);
});

test("patterns are those of the other painters", () => {
  assert.deepEqual(PATTERNS, JSON.parse(readFileSync(new URL("../../../tests/patterns.json", import.meta.url), "utf8")));
});
