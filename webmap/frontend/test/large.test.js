/** Vector tiles as arrays, and which rows of a long table are in the page. The tile is written by hand, as the specification has it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsInView } from "../src/panel/rows-in-view.js";
import { discOf, drawnOrder, fewWithin, greatest, paintPoints, pointsAround } from "../src/map/large-points.js";
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

/** Points, each a "move to" of its own. */
function points(places) {
  let [x, y] = [0, 0];
  const steps = places.flatMap(([u, v]) => {
    const delta = [...zigzag(u - x), ...zigzag(v - y)];
    [x, y] = [u, v];
    return delta;
  });
  return [...varint((places.length << 3) | 1), ...steps];
}

const dot = (tags, places) => bytes(2, [...bytes(2, tags), 0x18, 1, ...bytes(4, points(places))]);
const word = (value) => bytes(1, text(value));

/** A tile of level 1, column 1, row 0: south-western, two places, over the edge, beside the second of the first. */
function dots() {
  const made = { closed: false, dots: true, z: 1, x: 1, y: 0 };
  const features = [dot([0, 0], [[800, 3200]]), dot([0, 1], [[1600, 400], [1600, 800]]), dot([0, 2], [[-8, 100]]), dot([0, 3], [[1601, 801]])];
  for (const work = readTile(made, tile(features, ["id"], ["a", "b", "c", "d"].map(word))); !work.next().done; );
  return Object.assign(made, { ids: ["a", "b", "c", "d"] });
}

/** At zoom 2 a tile of level 1 is 512 pixels wide: eight units to one of them. The canvas begins 100 pixels before it. */
const FRAME = { zoom: 2, min: { x: 412, y: 0 }, ratio: 1 };

function stamped(look) {
  const drawn = [];
  const context = { globalAlpha: 1, getImageData() {}, drawImage: (picture, x, y) => drawn.push([picture.disc, x, y, context.globalAlpha]) };
  for (const work = paintPoints(context, FRAME, [dots(), null], look, { stamp: (disc) => ({ disc, width: 8, height: 8 }), faint: 0.1 }); !work.next().done; );
  return drawn;
}

test("points of a tile are discs at their places, southern ones last, each in the tile it lies in and one to a spot", () => {
  const made = dots();
  assert.deepEqual([...made.box.subarray(4, 8)], [1600, 400, 1600, 800]);
  assert.deepEqual([...drawnOrder(made).at], [1, 1, 3, 0]);
  const look = (held, at) => ({ key: "red", disc: "red", dimmed: false, at });
  // 100 + 1600 / 8 less half of the picture; what is eight hundredths of a pixel away from another is not seen.
  assert.deepEqual(stamped(look), [["red", 296, 46, 1], ["red", 296, 96, 1], ["red", 196, 396, 1]]);
  // What a filter leaves out takes nobody's place, and lies below.
  const filtered = (held, at) => ({ key: `${at}`, disc: at, dimmed: at === 1 });
  assert.deepEqual(stamped(filtered), [[1, 296, 46, 0.1], [1, 296, 96, 0.1], [3, 296, 96, 1], [0, 196, 396, 1]]);
});

test("of points the nearest is pointed at, however many lie there; those in sight are named when they are few", () => {
  const near = (spot, far) => pointsAround(FRAME, [dots()], spot, () => far).map(({ at }) => at);
  assert.deepEqual(near({ x: 300, y: 99 }, 5), [1, 3]);
  assert.deepEqual(near({ x: 301, y: 101 }, 5), [3, 1]);
  assert.deepEqual(near({ x: 200, y: 404.5 }, 4), []);
  assert.deepEqual(near({ x: 200, y: 404.5 }, 5), [0]);
  // A disc that a filter leaves out has no reach.
  assert.deepEqual(near({ x: 200, y: 400 }, -1), []);
  const seen = (most) => fewWithin(FRAME, [dots()], { minX: 290, minY: 0, maxX: 310, maxY: 500 }, most).map(([, at]) => at);
  assert.deepEqual([seen(2), seen(1)], [[1, 3], []]);
});

test("discs have their kind's colour and a light rim, and shrink where a layer's points would cover the map", () => {
  const style = { size: 16, fill: "#304060", stroke: "#ffffff", width: 1 };
  assert.deepEqual(discOf(style, 12.5), { size: 16, fill: "#304060", rim: "#ffffff", width: 1 });
  assert.deepEqual(discOf({ ...style, notBuilt: true }, 12.5, 8), { size: 8, fill: "#ffffff", rim: "#304060", width: 1.6 });
  assert.deepEqual(discOf({ ...style, fill: "#ffffff", stroke: "#102030" }, 12.5), { size: 16, fill: "#ffffff", rim: "#102030", width: 1 });
  const project = ([lat, lon]) => ({ x: 100 * lon, y: -100 * lat });
  const spec = (count) => ({ count, bounds: [[30, 120], [31, 122]] });
  // 200 × 100 pixels for 50: 400 for each, of which 0.35 is a disc of 13.35 pixels across.
  assert.equal(greatest(spec(50), project).toFixed(2), "13.35");
  assert.equal(greatest(spec(60000), project), 4);
  assert.equal(greatest({ count: 3, bounds: null }, project), Infinity);
});
