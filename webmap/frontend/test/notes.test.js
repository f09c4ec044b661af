/** Notes: what is one, in a link and in a file, limits, and going back and forth. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST_LINK, MOST_NOTES, MOST_POINTS, begun, changed, cleanText, fromFile, fromLink, makeNote, numbersOf, redone, toFile, toLink, undone } from "../src/notes/notes-model.js";
import { formatHash, parseHash } from "../src/core/permalink-model.js";

const note = (given = {}) => makeNote({ shape: "point", color: "red", points: [[120.123456, 30.1]], text: "这里；那里: a,b", ...given });
const ALL = [
  note(), note({ shape: "line", color: "blue", points: [[120, 30], [120.1, 30.1]] }), note({ shape: "arrow", color: "green", points: [[120, 30], [120.1, 30.1], [120.2, 30]], text: "" }),
  note({ shape: "polygon", color: "black", points: [[120, 30], [120.1, 30], [120.1, 30.1]] }), note({ shape: "text", text: "<b>文字</b> & \"x\"" }), note({ shape: "number", text: "" }), note({ shape: "number", text: "二" }),
];
const keyOf = (run) => {
  try {
    run();
  } catch (error) {
    return error.key;
  }
  return null;
};

test("there and back through a link and through a file", () => {
  assert.equal(toLink([ALL[1]]), "lb:120,30,120.1,30.1:%E8%BF%99%E9%87%8C%EF%BC%9B%E9%82%A3%E9%87%8C%3A%20a%2Cb");
  assert.deepEqual(fromLink(toLink(ALL)), ALL);
  assert.deepEqual(parseHash(`#${formatHash({ layers: ["a"], notes: toLink(ALL) })}`).notes, toLink(ALL));
  assert.deepEqual(fromFile(toFile(ALL, { plan: "p" })), ALL);
  const file = JSON.parse(toFile(ALL));
  assert.deepEqual(file.features.map(({ geometry }) => geometry.type), ["Point", "LineString", "LineString", "Polygon", "Point", "Point", "Point"]);
  assert.deepEqual(file.features[3].geometry.coordinates, [[[120, 30], [120.1, 30], [120.1, 30.1], [120, 30]]]);
  assert.deepEqual(file.features.map(({ properties }) => properties.number), [null, null, null, null, null, 1, 2]);
  assert.deepEqual([...numbersOf(ALL).values()], [1, 2]);
});

test("a link holds what is small; no notes are no part of it", () => {
  const many = Array.from({ length: 120 }, () => note({ text: "" }));
  assert.equal(toLink(many.slice(0, 60)).length <= MOST_LINK, true);
  assert.equal(toLink(many), null);
  assert.equal(toLink([]), "");
  assert.equal(formatHash({ layers: [], notes: "" }), "layers=");
});

test("what makes no sense in a link is left out", () => {
  for (const text of ["", ";;;", "pr", "pr:120", "pr:120,30,121,31:x", "xx:120,30:x", "pr:abc,30:x", "pr:500,30:x", "pr:,30:x", "lr:120,30:x", "tr:120,30:", "gr:120,30,121,31:x", "pr:Infinity,30:x", "__proto__:1,2:x", "x".repeat(9999), null]) {
    assert.deepEqual(fromLink(text), [], String(text).slice(0, 20));
  }
  assert.equal(fromLink("pr:120,30:%E0%A4%A")[0].text, "");
  assert.equal(fromLink("pq:120,30:a")[0].color, "red");
});

test("text is one line without marks that turn it round, and not endless", () => {
  assert.equal(cleanText("a\u202eb\u0000\nc\u2066"), "a b  c");
  assert.equal(cleanText("字".repeat(500)).length, 120);
  assert.equal(note({ text: 7 }).text, "7");
  for (const text of [null, undefined, { toString: null }, ["x"], true]) assert.equal(note({ text }).text, "");
});

test("a file that is too much or no file of notes is refused whole", () => {
  const collection = (features) => JSON.stringify({ type: "FeatureCollection", features });
  const feature = (type, coordinates, properties = {}) => ({ type: "Feature", geometry: { type, coordinates }, properties });
  const line = (count) => Array.from({ length: count }, (_one, at) => [120 + at * 1e-6, 30]);
  assert.equal(keyOf(() => fromFile(collection([feature("LineString", line(100_000).map(([x, y]) => [Math.round(x * 1e3) / 1e3, y]))]))), "too_many_points");
  assert.equal(keyOf(() => fromFile(collection([feature("LineString", line(MOST_POINTS + 1))]))), "too_many_points");
  assert.equal(keyOf(() => fromFile(collection(Array.from({ length: MOST_NOTES + 1 }, () => feature("Point", [120, 30]))))), "too_many");
  assert.equal(keyOf(() => fromFile(collection([feature("MultiPoint", Array.from({ length: MOST_NOTES + 1 }, () => [120, 30]))]))), "too_many");
  assert.equal(keyOf(() => fromFile("x".repeat(2_000_001))), "too_large");
  for (const text of ["", "{", "[]", "null", "7", '{"features":7}', '{"type":"Topology"}']) assert.equal(keyOf(() => fromFile(text)), "not_geojson", text);
  for (const wrong of [feature("Point", [120]), feature("Point", [500000, 3300000]), feature("Point", "x"), feature("Circle", [1, 2]), feature("constructor", [1, 2]), feature("Polygon", []), feature("Point", [[120, 30]]), null, 7, { type: "Feature", geometry: null }]) {
    assert.equal(keyOf(() => fromFile(collection([feature("Point", [120, 30]), wrong]))), "bad_note", JSON.stringify(wrong));
  }
  assert.equal(keyOf(() => fromFile(`{"features":${"[".repeat(20_000)}${"]".repeat(20_000)}}`)), "bad_note");
});

test("GeoJSON of others becomes points, lines and areas with their names", () => {
  const features = [
    { type: "Feature", geometry: { type: "MultiPoint", coordinates: [[120, 30, 7], [121, 31, 7]] }, properties: { name: "甲" } },
    { type: "Feature", geometry: { type: "Polygon", coordinates: [[[120, 30], [121, 30], [121, 31], [120, 30]]] }, properties: { shape: "arrow" } },
    { type: "Feature", geometry: { type: "LineString", coordinates: [[120, 30], [121, 30]] }, properties: null },
  ];
  assert.deepEqual(fromFile(JSON.stringify({ type: "FeatureCollection", features })).map(({ shape, text }) => [shape, text]), [["point", "甲"], ["point", "甲"], ["polygon", ""], ["line", ""]]);
});

test("undo and redo, also of removing and opening; a new step ends what could be redone", () => {
  let history = begun();
  for (const list of [[ALL[0]], [ALL[0], ALL[1]], []]) history = changed(history, list);
  history = undone(history);
  assert.deepEqual(history.now, [ALL[0], ALL[1]]);
  history = redone(history);
  assert.deepEqual(history.now, []);
  history = undone(undone(undone(undone(history))));
  assert.deepEqual(history.now, []);
  history = redone(history);
  assert.deepEqual(history.now, [ALL[0]]);
  history = changed(history, [ALL[4]]);
  assert.deepEqual(redone(history).now, [ALL[4]]);
  for (let at = 0; at < 300; at += 1) history = changed(history, [note({ text: String(at) })]);
  assert.equal(history.done.length, 100);
});
