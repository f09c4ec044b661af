/** Tiles of a large layer onto a canvas: pass by pass, features of one look in common paths, with places to pause. */
import { cell } from "./large-tiles.js";
import { PATTERNS } from "./patterns.js";

const EXTENT = 4096;
/** Features in one path. */
const BATCH = 200;
/** Outlines of features smaller than this on the screen cannot be told apart: they would only make it grey. */
const OUTLINED_PX = 4;
const PASS_ORDER = ["casing", "bed", "rim", "fill", "pattern", "stroke", "overlay"];
/** What colours by value change of areas, and what lies over it and stays: on canvases of their own. */
export const SHEETS = { all: PASS_ORDER, under: PASS_ORDER.slice(0, 4), over: PASS_ORDER.slice(4) };
/** What a filter leaves out, as `.pm-dimmed` has it. */
export const DIMMED = 0.13;

/**
 * Draw tiles; each `yield` is a place to pause, before which what has been drawn is on the canvas.
 * @param context of the canvas
 * @param frame `{zoom, min, ratio}`: the canvas' corner in world pixels, device pixels a pixel
 * @param tiles as `readTile` made them
 * @param look `(tile, at) → {key, passes, fill, dimmed}`; null leaves a feature out
 * @param order one of `SHEETS`
 */
export function* paintTiles(context, frame, tiles, look, order = SHEETS.all) {
  for (const tile of tiles) {
    if (!tile?.count) continue;
    const at = place(frame, tile);
    yield* paintTile(context, at, tile, yield* sorted(tile, at, look, order));
  }
}

/** Where a tile lies on the canvas, in device pixels, and how many of them a tile unit takes. */
export function place({ zoom, min, ratio }, tile) {
  const side = 256 * 2 ** (zoom - tile.z);
  const [left, top] = [(tile.x * side - min.x) * ratio, (tile.y * side - min.y) * ratio];
  return { left, top, side: side * ratio, scale: (side * ratio) / EXTENT, ratio };
}

/** The features of a tile by pass and look: `Map(pass → Map(key → {style, members}))`. */
function* sorted(tile, { scale, ratio }, look, order) {
  const found = new Map(order.map((pass) => [pass, new Map()]));
  for (let at = 0; at < tile.count; at += 1) {
    if (at % 2048 === 2047) yield;
    const own = look(tile, at);
    if (!own) continue;
    const across = ((tile.box[4 * at + 2] - tile.box[4 * at] + tile.box[4 * at + 3] - tile.box[4 * at + 1]) / 2) * (scale / ratio);
    for (const [pass, style] of own.passes) {
      if (!found.has(pass) || (pass !== "fill" && tile.closed && across < OUTLINED_PX)) continue;
      const key = `${own.key}|${pass === "fill" ? own.fill?.fillColor : ""}`;
      const group = found.get(pass);
      if (!group.has(key)) group.set(key, { style: pass === "fill" && own.fill ? { ...style, ...own.fill } : style, dimmed: own.dimmed, members: [] });
      group.get(key).members.push(at);
    }
  }
  return found;
}

function* paintTile(context, at, tile, passes) {
  context.save();
  context.beginPath();
  // Whole pixels, so that two tiles meet without a seam.
  const [left, top] = [Math.round(at.left), Math.round(at.top)];
  context.rect(left, top, Math.round(at.left + at.side) - left, Math.round(at.top + at.side) - top);
  context.clip();
  context.setTransform(at.scale, 0, 0, at.scale, at.left, at.top);
  for (const groups of passes.values()) {
    for (const { style, dimmed, members } of groups.values()) {
      prepare(context, style, at, dimmed);
      for (let from = 0; from < members.length; from += BATCH) {
        trace(context, tile, members, from);
        if (style.fill) context.fill();
        if (style.stroke) context.stroke();
        // The engine puts off drawing until somebody looks; done all at once it would hold up a frame.
        context.getImageData(0, 0, 1, 1);
        yield;
      }
    }
  }
  context.restore();
}

function trace(context, tile, members, from) {
  const { xy, end, ring, closed } = tile;
  context.beginPath();
  for (let index = from; index < Math.min(members.length, from + BATCH); index += 1) {
    const at = members[index];
    for (let part = ring[at]; part < ring[at + 1]; part += 1) {
      const start = part ? end[part - 1] : 0;
      context.moveTo(xy[start], xy[start + 1]);
      for (let place = start + 2; place < end[part]; place += 2) context.lineTo(xy[place], xy[place + 1]);
      // Not closePath: Chrome then looks through the whole path, for each of its parts.
      if (closed) context.lineTo(xy[start], xy[start + 1]);
    }
  }
}

function prepare(context, style, at, dimmed) {
  const unit = at.ratio / at.scale;
  const alpha = dimmed ? DIMMED : 1;
  context.globalAlpha = alpha * (style.fill ? (style.fillOpacity ?? 1) : (style.opacity ?? 1));
  if (style.pattern) context.fillStyle = pattern(context, style, at);
  else if (style.fill) context.fillStyle = style.fillColor;
  if (!style.stroke) return;
  context.strokeStyle = style.color;
  context.lineWidth = style.weight * unit;
  context.lineCap = style.lineCap || "round";
  context.lineJoin = style.lineJoin || "round";
  context.setLineDash(style.dashArray ? String(style.dashArray).split(/[\s,]+/).map((part) => Number(part) * unit) : []);
}

/** The patterns of `swatch.js`, for a canvas. */
function pattern(context, { pattern: name, patternColor }, { scale, ratio, left, top }) {
  const { side, turned, lines, dots, radius, opacity } = PATTERNS[name];
  const sample = document.createElement("canvas");
  sample.width = sample.height = side * ratio;
  const pen = sample.getContext("2d");
  pen.scale(ratio, ratio);
  pen.fillStyle = pen.strokeStyle = patternColor;
  for (const one of lines) {
    pen.globalAlpha = one.opacity;
    pen.fillRect(0, 0, ...(one.across ? [side, one.width] : [one.width, side]));
  }
  pen.globalAlpha = opacity;
  for (const [x, y] of dots) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.fill();
  }
  const made = context.createPattern(sample, "repeat");
  // Fixed to the screen, not to the tile, so that it runs on from one to the next.
  const fixed = new DOMMatrix([1 / scale, 0, 0, 1 / scale, -left / scale, -top / scale]);
  made.setTransform(fixed.rotate(turned));
  return made;
}

/** The values of a feature that its look depends on, as one text. */
export function lookKey(tile, at) {
  return ["kind", "status", "basis", "color", "assumed"].map((key) => cell(tile, at, key) ?? "").join("|");
}
