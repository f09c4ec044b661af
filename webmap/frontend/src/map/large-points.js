/**
 * Points of a large layer: the disc of each look is drawn once, and stamped wherever a point of that look is, as paths of so many
 * discs would take a browser many times as long. Icons and clusters are for layers of fewer points.
 */
import { place } from "./large-paint.js";
import { lightness, pointFactor } from "./symbols.js";

const EXTENT = 4096;
/** One disc to a cell of two pixels, 16 tile units, as the server thins tiles that hold too many: others would show nothing but their rims. */
const CELL_BITS = 4;
const CELLS = EXTENT >> CELL_BITS;
/** A pause is offered after so many stamps. */
const BATCH = 500;
/** Discs cover about this share of the ground where points lie evenly, and are never smaller than can be seen and pointed at. */
const COVERED = 0.35;
const SMALLEST_PX = 4;
const RIM = { width: 1, color: "#ffffff" };
/** More names than this in sight would be a grey mass; none is written then. */
export const MOST_NAMED = 300;

/**
 * The greatest diameter of discs at a zoom, in pixels: where a layer's points would cover the map they are drawn smaller. It depends
 * on the zoom alone, so that nothing changes its size while the map is moved.
 * @param spec the layer's `count` and `bounds`
 * @param project `([lat, lon]) → {x, y}` in pixels of the zoom
 */
export function greatest({ count, bounds }, project) {
  if (!count || !bounds) return Infinity;
  const [low, high] = bounds.map(project);
  const room = Math.abs((high.x - low.x) * (high.y - low.y)) / count;
  return Math.max(SMALLEST_PX, Math.sqrt((4 * COVERED * room) / Math.PI));
}

/** What a disc looks like: `{size, fill, rim, width}`; hollow, as other symbols, where a place is not exact or nothing is built yet. */
export function discOf(style, zoom, most = Infinity) {
  const size = Math.min(most, style.size * pointFactor(zoom));
  const main = style.fill || style.stroke;
  const light = lightness(main) > 0.85;
  if (style.apart || style.notBuilt) return { size, fill: RIM.color, rim: light ? style.stroke : main, width: Math.min(1.6, size / 4) };
  return { size, fill: main, rim: light ? style.stroke : RIM.color, width: Math.min(RIM.width, size / 6) };
}

/**
 * The points of a tile in the order in which they are drawn, southern ones over northern ones and none that the next tile has, too:
 * `{at: features, xy: places in the tile's vertices}`.
 */
export function drawnOrder(tile) {
  const keys = [];
  const owner = [];
  for (let at = 0; at < tile.count; at += 1) {
    for (let part = tile.ring[at]; part < tile.ring[at + 1]; part += 1) {
      const [x, y] = [tile.xy[2 * part], tile.xy[2 * part + 1]];
      owner[part] = at;
      // A tile has some of its neighbours' points along its edges; here each is drawn by the one it lies in, whole.
      if (x >= 0 && y >= 0 && x < EXTENT && y < EXTENT) keys.push(y * 2 ** 32 + part);
    }
  }
  const parts = Float64Array.from(keys).sort().map((key) => key % 2 ** 32);
  return { at: Uint32Array.from(parts, (part) => owner[part]), xy: Uint32Array.from(parts, (part) => 2 * part) };
}

/**
 * Draw the points of tiles; each `yield` is a place to pause.
 * @param context of the canvas
 * @param frame `{zoom, min, ratio}` as for `paintTiles`
 * @param tiles as `readTile` made them
 * @param look `(tile, at) → {key, disc, dimmed}`; null leaves a point out
 * @param stamp `(disc, ratio) → ` a picture of it
 * @param faint how opaque a dimmed one is
 */
export function* paintPoints(context, frame, tiles, look, { stamp = stampOf, faint }) {
  const stamps = new Map();
  // What a filter leaves out lies below all of the rest.
  for (const dimmed of [true, false]) {
    context.globalAlpha = dimmed ? faint : 1;
    for (const tile of tiles) {
      if (!tile?.count) continue;
      const { left, top, scale } = place(frame, tile);
      tile.order ||= drawnOrder(tile);
      const taken = new Uint8Array(CELLS * CELLS);
      yield;
      for (let index = 0; index < tile.order.at.length; index += 1) {
        if (index % BATCH === BATCH - 1) yield settle(context);
        const own = look(tile, tile.order.at[index]);
        if (!own || own.dimmed !== dimmed) continue;
        if (!stamps.has(own.key)) stamps.set(own.key, stamp(own.disc, frame.ratio));
        const picture = stamps.get(own.key);
        const xy = tile.order.xy[index];
        const cell = (tile.xy[xy] >> CELL_BITS) * CELLS + (tile.xy[xy + 1] >> CELL_BITS);
        if (taken[cell]) continue;
        taken[cell] = 1;
        // On whole pixels, where it is copied and not worked out anew.
        context.drawImage(picture, Math.round(left + tile.xy[xy] * scale - picture.width / 2), Math.round(top + tile.xy[xy + 1] * scale - picture.height / 2));
      }
      yield settle(context);
    }
  }
  context.globalAlpha = 1;
}

/** The engine puts off drawing until somebody looks; done all at once it would hold up a frame. */
const settle = (context) => context.getImageData(0, 0, 1, 1);

function stampOf({ size, fill, rim, width }, ratio) {
  const canvas = document.createElement("canvas");
  const side = Math.ceil((size + width) * ratio) + 2;
  canvas.width = canvas.height = side;
  // Held where the large canvas is, or each stamp would be fetched from the graphics card.
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.beginPath();
  pen.arc(side / 2, side / 2, (size * ratio) / 2, 0, 2 * Math.PI);
  pen.fillStyle = fill;
  pen.fill();
  pen.strokeStyle = rim;
  pen.lineWidth = width * ratio;
  pen.stroke();
  return canvas;
}

/**
 * The points within a distance of a place, the nearest first, each feature once: `[{tile, at, away}]`.
 * @param frame `{zoom, min}` as for `paintTiles`
 * @param spot `{x, y}`, pixels of the frame's zoom from its corner
 * @param far pixels: `(tile, at) → ` how far from its middle a point still counts
 */
export function pointsAround(frame, tiles, spot, far) {
  const found = new Map();
  for (const [tile, at, x, y] of pointsOn(frame, tiles)) {
    const away = Math.hypot(x - spot.x, y - spot.y);
    const id = tile.ids[at];
    if (away <= far(tile, at) && !(found.get(id)?.away <= away)) found.set(id, { tile, at, away });
  }
  return [...found.values()].sort((a, b) => a.away - b.away);
}

/** The features with a point in a box (pixels from the frame's corner), each once as `[tile, at]`; none where there are more than `most`. */
export function fewWithin(frame, tiles, { minX, minY, maxX, maxY }, most = MOST_NAMED) {
  const found = new Map();
  for (const [tile, at, x, y] of pointsOn(frame, tiles)) {
    if (x < minX || x > maxX || y < minY || y > maxY) continue;
    found.set(tile.ids[at], [tile, at]);
    if (found.size > most) return [];
  }
  return [...found.values()];
}

/** Every point that is drawn, with its place in pixels from the frame's corner. */
function* pointsOn({ zoom, min }, tiles) {
  for (const tile of tiles) {
    if (!tile?.count) continue;
    const { left, top, scale } = place({ zoom, min, ratio: 1 }, tile);
    tile.order ||= drawnOrder(tile);
    const { at, xy } = tile.order;
    for (let index = 0; index < at.length; index += 1) yield [tile, at[index], left + tile.xy[xy[index]] * scale, top + tile.xy[xy[index] + 1] * scale];
  }
}
