import assert from "node:assert/strict";
import { test } from "node:test";
import { unstepped } from "../src/core/steps.js";

const layer = (...geometries) => ({ type: "FeatureCollection", features: geometries.map((geometry) => ({ type: "Feature", geometry })) });

test("steps become places, with just the numbers that their decimals say", () => {
  const made = unstepped(layer({ type: "LineString", steps: [12023456, 3012345, 1, -3, -12023457, 0] }));
  assert.deepEqual(made, layer({ type: "LineString", coordinates: [[120.23456, 30.12345], [120.23457, 30.12342], [0, 30.12342]] }));
});

test("rings and parts keep their nesting; each begins from nought", () => {
  const ring = [0, 0, 100000, 0, 0, 100000, -100000, -100000];
  const square = [[0, 0], [1, 0], [1, 1], [0, 0]];
  const made = unstepped(layer({ type: "MultiPolygon", steps: [[ring, ring], [ring]] }));
  assert.deepEqual(made.features[0].geometry, { type: "MultiPolygon", coordinates: [[square, square], [square]] });
});

test("points, collections and what has no place stay", () => {
  const point = { type: "Point", coordinates: [120.1, 30.2] };
  const made = unstepped(layer(point, null, { type: "GeometryCollection", geometries: [point, { type: "LineString", steps: [1, 2] }] }));
  assert.deepEqual(made, layer(point, null, { type: "GeometryCollection", geometries: [point, { type: "LineString", coordinates: [[0.00001, 0.00002]] }] }));
});
