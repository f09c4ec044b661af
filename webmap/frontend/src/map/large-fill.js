/**
 * Areas of a large layer coloured by value: which pixel is whose is worked out once for a view, other colours are then looked up
 * pixel by pixel. Nothing here touches the page.
 */

/** Features between two places to pause. */
const BATCH = 400;
/** More than a canvas is wide, so that a row and a place in it are one number. */
const ROW = 2 ** 20;

/**
 * Whose each pixel's middle is. Runs as a generator with places to pause.
 * @param size `{width, height}` of the canvas, device pixels
 * @param placed `[{tile, left, top, side}]`: where each tile lies on it
 * @returns `{owner, members}`: for each pixel 0 or a number from 1, whose feature is `members[number - 1]`: `[tile, at]`
 */
export function* owners({ width, height }, placed) {
  const owner = new Uint32Array(width * height);
  const members = [];
  const crossings = { found: new Float64Array(1024), count: 0 };
  for (const { tile, left, top, side } of placed) {
    const clip = { west: Math.max(0, Math.round(left)), east: Math.min(width, Math.round(left + side)), north: Math.max(0, Math.round(top)), south: Math.min(height, Math.round(top + side)) };
    for (let at = 0; at < tile.count; at += 1) {
      if (at % BATCH === BATCH - 1) yield;
      members.push([tile, at]);
      cross(crossings, tile, at, { left, top, scale: side / 4096 }, clip);
      fill(owner, width, crossings, clip, members.length);
    }
  }
  return { owner, members };
}

/** Where a feature's edges cross the middles of rows, each as one number. */
function cross(crossings, { xy, end, ring }, at, { left, top, scale }, { north, south }) {
  crossings.count = 0;
  for (let part = ring[at]; part < ring[at + 1]; part += 1) {
    const start = part ? end[part - 1] : 0;
    let [x, y] = [left + xy[end[part] - 2] * scale, top + xy[end[part] - 1] * scale];
    for (let place = start; place < end[part]; place += 2) {
      const [nextX, nextY] = [left + xy[place] * scale, top + xy[place + 1] * scale];
      const [low, high] = y < nextY ? [y, nextY] : [nextY, y];
      const last = Math.min(south, Math.ceil(high - 0.5));
      for (let row = Math.max(north, Math.ceil(low - 0.5)); row < last; row += 1) {
        note(crossings, row, x + ((row + 0.5 - y) * (nextX - x)) / (nextY - y));
      }
      [x, y] = [nextX, nextY];
    }
  }
}

function note(crossings, row, x) {
  if (crossings.count === crossings.found.length) {
    const larger = new Float64Array(2 * crossings.count);
    larger.set(crossings.found);
    crossings.found = larger;
  }
  // Half of the room lies to the left of the canvas.
  crossings.found[crossings.count] = row * ROW + Math.min(ROW / 2 - 1, Math.max(1 - ROW / 2, x));
  crossings.count += 1;
}

/** Between every first and second crossing of a row lies the inside. */
function fill(owner, width, { found, count }, { west, east }, number) {
  if (!count) return;
  const sorted = found.subarray(0, count).sort();
  for (let index = 0; index + 1 < count; index += 2) {
    const row = Math.round(sorted[index] / ROW);
    const from = Math.max(west, Math.ceil(sorted[index] - row * ROW - 0.5));
    const to = Math.min(east, Math.ceil(sorted[index + 1] - row * ROW - 0.5));
    if (from < to) owner.fill(number, row * width + from, row * width + to);
  }
}

/**
 * Colour the pixels by whose they are.
 * @param pixels RGBA bytes of the canvas
 * @param colorOf `number of a member → [red, green, blue, alpha]`, bytes
 */
export function colour(pixels, { owner, members }, colorOf) {
  const bytes = new Uint8ClampedArray(4 * (members.length + 1));
  members.forEach((_, at) => bytes.set(colorOf(at), 4 * (at + 1)));
  const colors = new Uint32Array(bytes.buffer);
  const out = new Uint32Array(pixels.buffer, pixels.byteOffset, owner.length);
  for (let at = 0; at < owner.length; at += 1) out[at] = colors[owner[at]];
}

/** `#rrggbb` as bytes, the alpha from 0 to 1. */
export function bytesOf(color, alpha) {
  const number = Number.parseInt(color.slice(1, 7), 16);
  return [number >> 16, (number >> 8) & 255, number & 255, Math.round(255 * alpha)];
}
