import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf, colour, owners } from "../src/map/large-fill.js";

/** Features as lists of rings of corners, in tile units. */
function tileOf(features) {
  const tile = { count: features.length, xy: [], end: [], ring: [0] };
  for (const rings of features) {
    for (const one of rings) tile.end.push(tile.xy.push(...one.flat()));
    tile.ring.push(tile.end.length);
  }
  return tile;
}

function run(work) {
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value;
}

const box = (west, north, east, south) => [[west, north], [east, north], [east, south], [west, south]];
const rows = (owner, width) => Array.from({ length: owner.length / width }, (_, row) => [...owner.slice(row * width, (row + 1) * width)].join(""));

test("every pixel's middle is one area's; a hole is nobody's, what sticks out of the tile is cut off", () => {
  // Four pixels a side: 1024 units each. The left half, and the right half with a hole of one pixel.
  const tile = tileOf([[box(-500, -500, 2048, 5000)], [box(2048, 0, 4096, 4096), box(3072, 1024, 4096, 2048).reverse()]]);
  const { owner, members } = run(owners({ width: 5, height: 4 }, [{ tile, left: 0, top: 0, side: 4 }]));
  assert.deepEqual(rows(owner, 5), ["11220", "11200", "11220", "11220"]);
  assert.deepEqual(members.map(([, at]) => at), [0, 1]);
});

test("a slanting edge, and a tile that begins outside of the canvas", () => {
  // Below the diagonal from top left to bottom right: the middles on it count to the right of it.
  const tile = tileOf([[[[0, 0], [4096, 4096], [0, 4096]]]]);
  assert.deepEqual(rows(run(owners({ width: 4, height: 4 }, [{ tile, left: 0, top: 0, side: 4 }])).owner, 4), ["0000", "1000", "1100", "1110"]);
  // Its lower right quarter.
  assert.deepEqual(rows(run(owners({ width: 2, height: 2 }, [{ tile, left: -2, top: -2, side: 4 }])).owner, 2), ["00", "10"]);
});

test("colours are looked up, each as bytes", () => {
  const pixels = new Uint8ClampedArray(12);
  colour(pixels, { owner: new Uint32Array([2, 0, 1]), members: [0, 1] }, (at) => bytesOf(["#ff8000", "#010203"][at], at ? 1 : 0.5));
  assert.deepEqual([...pixels], [1, 2, 3, 255, 0, 0, 0, 0, 255, 128, 0, 128]);
});
