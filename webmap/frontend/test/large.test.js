/** Vector tiles as arrays, and which rows of a long table are in the page. The tile is written by hand, as the specification has it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsInView } from "../src/panel/rows-in-view.js";
import { cell, cells, isWhole, partsOf, readTile, tilesOf, turning } from "../src/map/large-tiles.js";

const bytes = (field, body) => [(field << 3) | 2, ...varint(body.length), ...body];
const text = (word) => [...new TextEncoder().encode(word)];
const zigzag = (value) => varint(value < 0 ? -2 * value - 1 : 2 * value);

function varint(value) {
  const out = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...out, left];
    out.push((left % 128) | 128);
  }
}

/** Rings of a polygon as commands: move to the first, lines to the others, close. */
function commands(rings) {
  let [x, y] = [0, 0];
  const step = ([u, v]) => {
    const delta = [...zigzag(u - x), ...zigzag(v - y)];
    [x, y] = [u, v];
    return delta;
  };
  return rings.flatMap(([first, ...rest]) => [9, ...step(first), ...varint((rest.length << 3) | 2), ...rest.flatMap(step), 15]);
}

const feature = (tags, rings) => bytes(2, [...bytes(2, tags), 0x18, 3, ...bytes(4, commands(rings))]);

function tile(features, keys, values) {
  const body = [...bytes(1, text("t")), ...features.flat(), ...keys.flatMap((key) => bytes(3, text(key))), ...values.flatMap((value) => bytes(4, value)), 0x28, ...varint(4096), 0x78, 2];
  return new Uint8Array(bytes(3, body)).buffer;
}

function read(buffer, closed = true) {
  const made = { closed };
  for (const work = readTile(made, buffer); !work.next().done; );
  return made;
}

const SQUARE = [[10, 10], [110, 10], [110, 110], [10, 110]];
const HOLE = [[50, 50], [50, 60], [60, 60], [60, 50]];

test("a tile's features come back with their properties, rings and boxes", () => {
  const word = (value) => bytes(1, text(value));
  const made = read(tile([feature([0, 0, 1, 1], [SQUARE, HOLE]), feature([0, 2], [[[-40, 4000], [60, 4000], [60, 4130], [-40, 4130]]])], ["id", "cites"], [word("t/甲"), word("7.1;7.2"), word("t/乙")]));
  assert.equal(made.count, 2);
  assert.equal(cell(made, 1, "id"), "t/乙");
  assert.equal(cell(made, 1, "cites"), undefined);
  assert.equal(cell(made, 0, "none"), undefined);
  assert.deepEqual(cells(made, 0, new Set(["cites"])), { id: "t/甲", cites: ["7.1", "7.2"] });
  assert.deepEqual(partsOf(made, 0), [SQUARE, HOLE]);
  assert.deepEqual([...made.box], [10, 10, 110, 110, -40, 4000, 60, 4130]);
  assert.deepEqual([isWhole(made, 0), isWhole(made, 1)], [true, false]);
  // Outer rings turn one way, holes the other: twice 100 × 100, twice 10 × 10.
  assert.deepEqual(partsOf(made, 0).map(turning), [20000, -200]);
});

test("an empty tile has nothing, and a part without an inside is left out", () => {
  assert.equal(read(new ArrayBuffer(0)).count, 0);
  const made = read(tile([feature([], [[[5, 5], [5, 5], [9, 5]], SQUARE])], [], []));
  assert.deepEqual(partsOf(made, 0), [SQUARE]);
});

test("a view's tiles are of one level further out, the nearest to its zoom, and never beyond the world", () => {
  // At zoom 3 the world is 2048 pixels wide; a tile of level 2 takes 512 of them.
  assert.deepEqual(tilesOf({ zoom: 3, min: { x: 500, y: 600 }, max: { x: 1030, y: 700 } }, 18), [{ z: 2, x: 0, y: 1 }, { z: 2, x: 1, y: 1 }, { z: 2, x: 2, y: 1 }]);
  assert.deepEqual(tilesOf({ zoom: 0, min: { x: -90, y: -90 }, max: { x: 400, y: 400 } }, 18), [{ z: 0, x: 0, y: 0 }]);
  assert.equal(tilesOf({ zoom: 12.5, min: { x: 0, y: 0 }, max: { x: 1, y: 1 } }, 5)[0].z, 5);
});

test("of a long table the rows in view are there, with some to spare, and always one", () => {
  const rows = { height: 900, rowHeight: 30, count: 40000 };
  assert.deepEqual(rowsInView({ ...rows, top: 300 }), [0, 35]);
  // 6,000 rows above: 30 in view, 15 to spare on each side.
  assert.deepEqual(rowsInView({ ...rows, top: -180000 }), [5985, 6045]);
  assert.deepEqual(rowsInView({ ...rows, top: -1e9 }), [39999, 40000]);
  assert.deepEqual(rowsInView({ ...rows, top: 5000 }), [0, 1]);
  assert.deepEqual(rowsInView({ ...rows, count: 0, top: 0 }), [0, 0]);
});
