/**
 * Vector tiles as arrays to draw from: vertices, properties, boxes, without an object for each feature or vertex (the usual
 * reader makes both, which takes ten times the memory). Pure; `large.js` draws.
 */
import { PbfReader } from "pbf";

/** Pixels of a tile's side at its own zoom: each is asked for one level further out than the map is. */
export const TILE_PX = 512;
/** Tiles of more bytes are crowded: their vertices are put on whole pixels, neighbours' alike, so that few are left. */
const CROWDED_BYTES = 300_000;
/** Tile units of a pixel, as a power of two: 4,096 units on 512 pixels. */
const PIXEL_BITS = 3;
/** Places are kept as numbers of 16 bits. */
const FARTHEST = 32767;
/** Features and values read between two places to pause. */
const PAUSE = 256;

/** A list of whole numbers that grows. */
class Numbers {
  constructor(Kind) {
    this.all = new Kind(1024);
    this.length = 0;
  }
  push(value) {
    if (this.length === this.all.length) {
      const more = new this.all.constructor(2 * this.length);
      more.set(this.all);
      this.all = more;
    }
    this.all[this.length++] = value;
  }
  done() {
    return this.all.slice(0, this.length);
  }
}

/**
 * Read a tile into `tile`; each `yield` is a place to pause. Then `tile` has `count`; `keys`, `values`, `tags` with `tagAt` (pairs
 * of places in the two); `xy`, `end` (the end of each part in it) with `ring` (the parts of each feature); `box` (four a feature).
 * @param tile what is told of it; `closed`: its parts are rings; `dots`: they are points
 * @param buffer an ArrayBuffer, empty where there is nothing
 */
export function* readTile(tile, buffer) {
  const numbers = { tags: new Numbers(Uint32Array), tagAt: new Numbers(Uint32Array), xy: new Numbers(Int16Array), end: new Numbers(Uint32Array), ring: new Numbers(Uint32Array), box: new Numbers(Int16Array) };
  const made = { ...numbers, keys: [], values: [], count: 0, closed: tile.closed, dots: tile.dots, bits: buffer.byteLength > CROWDED_BYTES && !tile.dots ? PIXEL_BITS : 0 };
  const pbf = new PbfReader(new Uint8Array(buffer));
  for (let field; (field = pbf.nextField()); ) if (field === 3) yield* readLayer(pbf, pbf.readVarint() + pbf.pos, made);
  made.tagAt.push(made.tags.length);
  made.ring.push(made.end.length);
  for (const name of Object.keys(numbers)) tile[name] = made[name].done();
  Object.assign(tile, { keys: made.keys, values: made.values, count: made.count });
}

function* readLayer(pbf, end, made) {
  let read = 0;
  for (let field; (field = pbf.nextField(end)); ) {
    if (field === 2) readFeature(pbf, pbf.readVarint() + pbf.pos, made);
    else if (field === 3) made.keys.push(pbf.readString());
    else if (field === 4) made.values.push(pbf.readMessage(readValue, { value: null }).value);
    if (++read % PAUSE === 0) yield;
  }
}

function readValue(field, held, pbf) {
  if (field === 1) held.value = pbf.readString();
  else if (field === 2) held.value = pbf.readFloat();
  else if (field === 3) held.value = pbf.readDouble();
  else if (field === 4 || field === 5) held.value = pbf.readVarint(true);
  else if (field === 6) held.value = pbf.readSVarint();
  else if (field === 7) held.value = pbf.readBoolean();
}

function readFeature(pbf, end, made) {
  made.tagAt.push(made.tags.length);
  made.ring.push(made.end.length);
  const box = [32767, 32767, -32768, -32768];
  for (let field; (field = pbf.nextField(end)); ) {
    if (field !== 2 && field !== 4) continue;
    const stop = pbf.readVarint() + pbf.pos;
    if (field === 4) readShape(pbf, stop, made, box);
    else while (pbf.pos < stop) made.tags.push(pbf.readVarint());
  }
  for (const side of box) made.box.push(Math.max(-32768, Math.min(32767, side)));
  made.count += 1;
}

/** A feature's vertices; parts of which rounding leaves nothing are left out. */
function readShape(pbf, stop, made, box) {
  const { xy, end, bits, closed, dots } = made;
  const least = dots ? 2 : closed ? 6 : 4;
  const half = bits ? 1 << (bits - 1) : 0;
  let [x, y, start] = [0, 0, xy.length];
  const finish = () => {
    if (xy.length - start >= least) end.push(xy.length);
    else xy.length = start;
    start = xy.length;
  };
  while (pbf.pos < stop) {
    const command = pbf.readVarint();
    const id = command & 7;
    if (id === 7) continue;
    for (let left = command >> 3; left > 0; left -= 1) {
      x += pbf.readSVarint();
      y += pbf.readSVarint();
      if (x < box[0]) box[0] = x;
      if (y < box[1]) box[1] = y;
      if (x > box[2]) box[2] = x;
      if (y > box[3]) box[3] = y;
      if (id === 1) finish();
      // Of a feature of several points all come, however far away.
      if (dots && Math.max(Math.abs(x), Math.abs(y)) > FARTHEST) continue;
      const [px, py] = [((x + half) >> bits) << bits, ((y + half) >> bits) << bits];
      if (xy.length > start && xy.all[xy.length - 2] === px && xy.all[xy.length - 1] === py) continue;
      xy.push(px);
      xy.push(py);
    }
  }
  finish();
}

/** A property of a feature by its number in the tile, or undefined. */
export function cell(tile, at, key) {
  const wanted = tile.keys.indexOf(key);
  for (let tag = tile.tagAt[at]; tag < tile.tagAt[at + 1]; tag += 2) if (tile.tags[tag] === wanted) return tile.values[tile.tags[tag + 1]];
  return undefined;
}

/** All properties of a feature; those named in `lists` are lists. */
export function cells(tile, at, lists) {
  const found = {};
  for (let tag = tile.tagAt[at]; tag < tile.tagAt[at + 1]; tag += 2) {
    const key = tile.keys[tile.tags[tag]];
    const value = tile.values[tile.tags[tag + 1]];
    found[key] = lists.has(key) ? String(value).split(";") : value;
  }
  return found;
}

/** A feature's parts as lists of `[x, y]` in tile units. */
export function partsOf(tile, at) {
  const parts = [];
  for (let ring = tile.ring[at]; ring < tile.ring[at + 1]; ring += 1) {
    const part = [];
    for (let place = ring ? tile.end[ring - 1] : 0; place < tile.end[ring]; place += 2) part.push([tile.xy[place], tile.xy[place + 1]]);
    parts.push(part);
  }
  return parts;
}

/** Twice the signed area of a part: of outer rings it is positive, with y downwards. */
export function turning(part) {
  return part.reduce((sum, [x, y], index) => {
    const [u, v] = part[(index + 1) % part.length];
    return sum + x * v - u * y;
  }, 0);
}

/** Is all of a feature in its tile, so that no edge of the tile has cut it? */
export function isWhole(tile, at, extent = 4096) {
  const [west, north, east, south] = tile.box.subarray(4 * at, 4 * at + 4);
  return west >= 0 && north >= 0 && east <= extent && south <= extent;
}

/**
 * The tiles of a view: `[{z, x, y}]`.
 * @param frame `{zoom, min, max}`: corners as world pixels at the zoom, which may be a fraction
 * @param most the finest level there is
 */
export function tilesOf({ zoom, min, max }, most) {
  const z = Math.min(most, Math.max(0, Math.round(zoom) - 1));
  const side = 256 * 2 ** (zoom - z);
  const last = 2 ** z - 1;
  const within = (value) => Math.min(last, Math.max(0, Math.floor(value / side)));
  const tiles = [];
  for (let y = within(min.y); y <= within(max.y); y += 1) for (let x = within(min.x); x <= within(max.x); x += 1) tiles.push({ z, x, y });
  return tiles;
}
