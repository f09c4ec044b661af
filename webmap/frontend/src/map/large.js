/**
 * A layer too large to be sent whole: drawn on a canvas from the vector tiles of the view, in short tasks, the last picture in its
 * place until the next is ready. Pointing, names, filters and shading ask the same tiles; what is selected comes whole by itself.
 */
import L from "leaflet";
import { inSlices } from "../core/slices.js";
import { makeView } from "./draw.js";
import { cell, cells, isWhole, partsOf, readTile, tilesOf, turning } from "./large-tiles.js";
import { bytesOf, colour, owners } from "./large-fill.js";
import { DIMMED, SHEETS, lookKey, paintTiles, place } from "./large-paint.js";
import { discOf, fewWithin, greatest, paintPoints, pointsAround } from "./large-points.js";
import { passes, resolveStyle } from "./symbols.js";

/** So much of its size the canvas is larger than the map on each side. */
const PAD = 0.15;
/** Tiles kept beside those in sight. */
const KEPT = 24;
/** The server cuts no finer ones. */
const FINEST = 18;
/** Features smaller than this have no room for a name. */
const NAMED_PX = 22;
const MOST_NAMED = 600;
/** Of points that lie on one another so many are gone through by clicking again. */
const MOST_NEAR = 20;
/** Fetched features kept for the pointer. */
const MOST_WHOLE = 60;
/** A pointer that passes over many features asks for none of them. */
const REST_MS = 70;
/** Properties that drawing, names and filters need. */
const PROPERTIES = ["id", "name", "name_en", "kind", "status", "basis", "color", "assumed", "zone", "cites", "lead_units", "label_lon", "label_lat"];
const LISTS = new Set(["zone", "cites", "lead_units"]);

function canvasOf({ min, max, ratio }) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round((max.x - min.x) * ratio);
  canvas.height = Math.round((max.y - min.y) * ratio);
  // Several lie on one another.
  Object.assign(canvas.style, { position: "absolute", left: "0", top: "0", width: `${max.x - min.x}px`, height: `${max.y - min.y}px` });
  return canvas;
}

/** Whether something was made for this view of these tiles. */
function isSame(last, frame, tiles) {
  const same = last.frame.zoom === frame.zoom && last.frame.ratio === frame.ratio && last.frame.min.equals(frame.min) && last.frame.max.equals(frame.max);
  return same && last.tiles.length === tiles.length && last.tiles.every((tile, at) => tile === tiles[at]);
}

export class LargeLayer {
  constructor(app, entry) {
    Object.assign(this, { app, entry, tiles: new Map(), looks: new Map(), whole: new Map(), shown: [], picture: null, outlines: null, owned: null, on: false, paint: null, out: null, turn: 0 });
    this.dots = entry.spec.geometry === "point";
    this.pending = Promise.resolve();
    this.box = L.DomUtil.create("div", "pm-large leaflet-zoom-animated");
    this.events = { moveend: this.refresh, resize: this.refresh, viewreset: this.follow, zoom: this.follow, zoomanim: this.follow };
    let timer = 0;
    app.on("hover", ({ id }) => {
      clearTimeout(timer);
      if (id && this.on && !app.layers.view(id)) timer = setTimeout(() => this.fetchHovered(id), REST_MS);
    });
  }

  show() {
    if (this.on) return;
    this.on = true;
    this.app.map.getPane(this.entry.pane).append(this.box);
    this.app.map.on(this.events, this);
    this.refresh();
  }

  hide() {
    if (!this.on) return;
    this.on = false;
    this.turn += 1;
    this.app.map.off(this.events, this);
    this.box.remove();
  }

  /** Colours by value, as `layers.setPaint` has them; null: the kinds' own. */
  setPaint(paint) {
    if (paint === this.paint) return;
    if (!paint) this.owned = null;
    this.paint = paint;
    if (this.on) this.refresh();
  }

  /** What steps back: `view → boolean`; null: nothing. */
  setVeil(out) {
    if (!out && !this.out) return;
    this.out = out;
    for (const tile of this.tiles.values()) tile.dimmed = null;
    if (this.on) this.refresh();
  }

  /** Resolves when what is in sight has been drawn. */
  async settled() {
    for (let seen = null; this.on && seen !== this.pending; ) await (seen = this.pending);
  }

  // ---- drawing

  refresh() {
    this.pending = this.draw((this.turn += 1));
  }

  /** Where to draw: corners in world pixels of the zoom, the device's pixels for one of them. */
  frame() {
    const { map } = this.app;
    const zoom = map.getZoom();
    const size = map.getSize();
    const min = map.project(map.getCenter(), zoom).subtract(size.multiplyBy(0.5 + PAD))._floor();
    return { zoom, min, max: min.add(size.multiplyBy(1 + 2 * PAD))._ceil(), ratio: Math.min(2, window.devicePixelRatio || 1) };
  }

  async draw(turn) {
    const frame = this.frame();
    // A table without places has none.
    const wanted = this.entry.spec.geometry === "none" ? [] : tilesOf(frame, FINEST);
    const tiles = (await Promise.all(wanted.map((at) => this.tile(at)))).filter(Boolean);
    const stale = () => turn !== this.turn;
    if (stale()) return;
    const work = this.painter(frame, tiles);
    const kept = this.keptOutlines(frame, tiles);
    const sheets = this.entry.spec.geometry === "polygon" ? [SHEETS.under, ...(kept ? [] : [SHEETS.over])] : [SHEETS.all];
    const made = [];
    for (const order of sheets) {
      const canvas = canvasOf(frame);
      if (order === SHEETS.under && this.paint && this.isPlain(tiles, frame.zoom)) {
        if (!(await this.colourAll(canvas, frame, tiles, stale))) return;
        made.push(canvas);
        continue;
      }
      const context = canvas.getContext("2d", { willReadFrequently: true });
      if (!(await inSlices(work(context, order), { stale })) || stale()) return;
      made.push(canvas);
    }
    const outlines = kept || made[1] || null;
    this.outlines = outlines && { canvas: outlines, frame, tiles, out: this.out };
    this.picture = frame;
    this.box.replaceChildren(...[made[0], outlines].filter(Boolean));
    this.follow({});
    this.take(tiles);
  }

  /** The outlines of the last picture, where just the colours are others now. */
  keptOutlines(frame, tiles) {
    const last = this.outlines;
    return last && last.out === this.out && isSame(last, frame, tiles) ? last.canvas : null;
  }

  /** Whether nothing but areas lies on the sheet of what is coloured. */
  isPlain(tiles, zoom) {
    const keys = new Set(tiles.flatMap((tile) => [...new Set(tile.looks)]));
    return [...keys].every((key) => passes(this.looks.get(key), zoom).every(([pass]) => pass === "fill" || !SHEETS.under.includes(pass)));
  }

  /** Areas in their colours, each pixel in that of the area that its middle is in; true unless it has become stale. */
  async colourAll(canvas, frame, tiles, stale) {
    if (!this.owned || !isSame(this.owned, frame, tiles)) {
      const placed = tiles.map((tile) => ({ tile, ...place(frame, tile) }));
      let found = null;
      const work = function* () {
        found = yield* owners(canvas, placed);
      };
      if (!(await inSlices(work(), { stale })) || stale()) return false;
      this.owned = { ...found, frame, tiles };
    }
    const { members } = this.owned;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const image = context.createImageData(canvas.width, canvas.height);
    colour(image.data, this.owned, (at) => {
      const [tile, index] = members[at];
      const { fill, fillOpacity = 1 } = this.paint({ id: tile.ids[index], properties: {} }) || { fill: "#000000", fillOpacity: 0 };
      return bytesOf(fill, this.out && this.isOut(tile, index) ? fillOpacity * DIMMED : fillOpacity);
    });
    context.putImageData(image, 0, 0);
    return true;
  }

  /** Tiles that are in sight now; names follow. */
  take(tiles) {
    const before = this.looks.size;
    this.shown = tiles;
    this.named = null;
    for (const key of [...this.tiles.keys()].slice(0, Math.max(0, this.tiles.size - KEPT))) if (!tiles.includes(this.tiles.get(key).made)) this.tiles.delete(key);
    if (this.sampled !== before) {
      this.sampled = before;
      this.app.emit("layers", { visible: this.app.layers.visible() });
    }
    this.app.labels?.refresh();
  }

  /** Put the picture where its place on the map is (`center`, `zoom` of an animation). */
  follow({ center = this.app.map.getCenter(), zoom = this.app.map.getZoom() }) {
    if (!this.picture) return;
    const { map } = this.app;
    const scale = map.getZoomScale(zoom, this.picture.zoom);
    L.DomUtil.setTransform(this.box, this.picture.min.multiplyBy(scale).subtract(map._getNewPixelOrigin(center, zoom)), scale);
  }

  /** `(context, order) → ` what draws the tiles, with places to pause. */
  painter(frame, tiles) {
    if (this.dots) {
      const look = this.discAt(frame.zoom);
      return (context) => paintPoints(context, frame, tiles, look, { faint: DIMMED });
    }
    const look = this.lookAt(frame.zoom);
    return (context, order) => paintTiles(context, frame, tiles, look, order);
  }

  /** How a point is drawn at a zoom, for `paintPoints`. */
  discAt(zoom) {
    const drawn = new Map();
    const most = greatest(this.entry.spec, (place) => this.app.map.project(place, zoom));
    return (tile, at) => {
      const key = tile.looks[at];
      if (!drawn.has(key)) drawn.set(key, discOf(this.looks.get(key), zoom, most));
      return { key, disc: drawn.get(key), dimmed: Boolean(this.out && this.isOut(tile, at)) };
    };
  }

  /** How a feature is drawn at a zoom, for `paintTiles`. */
  lookAt(zoom) {
    const drawn = new Map();
    return (tile, at) => {
      const key = tile.looks[at];
      if (!drawn.has(key)) drawn.set(key, passes(this.looks.get(key), zoom));
      const dimmed = Boolean(this.out && this.isOut(tile, at));
      const paint = this.paint && this.paint({ id: tile.ids[at], properties: {} });
      const fill = this.paint ? { fill: true, stroke: false, fillColor: paint?.fill || "#000", fillOpacity: paint ? (paint.fillOpacity ?? 1) : 0 } : null;
      const own = drawn.get(key);
      const all = fill && !own.some(([pass]) => pass === "fill") ? [["fill", fill], ...own] : own;
      return { key: `${key}|${dimmed}`, passes: all, fill, dimmed };
    };
  }

  isOut(tile, at) {
    tile.dimmed ||= Array.from({ length: tile.count }, (_, index) => this.out(this.piece(tile, index, false)));
    return tile.dimmed[at];
  }

  // ---- tiles

  /** A tile, read; null where it cannot be had (a message says so). */
  tile({ z, x, y }) {
    const key = `${z}/${y}/${x}`;
    const kept = this.tiles.get(key);
    // The order of the map is that of use.
    this.tiles.delete(key);
    const held = kept || { made: null, ready: null, dimmed: null };
    this.tiles.set(key, held);
    held.ready ||= this.fetchTile(key, { z, x, y, closed: this.entry.spec.geometry === "polygon", dots: this.dots, views: new Map() }).then(
      (made) => (held.made = made),
      () => {
        this.tiles.delete(key);
        if (this.on) this.app.toast(this.app.t("map.layer_failed", { name: this.app.name(this.entry.spec) }));
        return null;
      },
    );
    return held.ready;
  }

  async fetchTile(key, tile) {
    const answer = await fetch(`${this.entry.spec.tiles}/WebMercatorQuad/${key}?properties=${PROPERTIES.join(",")}`);
    if (!answer.ok) throw new Error(`${answer.status} ${key}`);
    await inSlices(readTile(tile, await answer.arrayBuffer()));
    await inSlices(this.note(tile));
    return tile;
  }

  /** Ids and looks of a tile's features, worked out once. */
  *note(tile) {
    Object.assign(tile, { ids: [], looks: [] });
    const known = new Map();
    for (let at = 0; at < tile.count; at += 1) {
      tile.ids.push(cell(tile, at, "id"));
      const key = lookKey(tile, at);
      // One text for all that are alike.
      if (!known.has(key)) known.set(key, key);
      tile.looks.push(known.get(key));
      if (!this.looks.has(key)) this.looks.set(key, this.piece(tile, at, false).style);
      if (at % 256 === 255) yield;
    }
  }

  // ---- features

  /** What the page knows of a feature in a tile, as `makeView`; its parts are cut off where the tile ends. */
  piece(tile, at, shaped = true) {
    const kept = shaped && tile.views.get(at);
    if (kept) return kept;
    const { app, entry } = this;
    const properties = cells(tile, at, LISTS);
    if (properties.label_lat !== undefined) properties.label = [properties.label_lon, properties.label_lat];
    const kind = app.kinds.get(properties.kind);
    const basis = app.bases.get(properties.basis);
    const shape = entry.spec.geometry;
    const style = resolveStyle(properties, kind, app.statuses.get(properties.status), basis, shape);
    const view = { id: properties.id, feature: { id: properties.id, geometry: null, properties }, properties, kind, basis, layerId: entry.spec.id, shape, style };
    if (!shaped) return view;
    Object.assign(view, { parts: this.partsOn(tile, at), bounds: this.boundsOf(tile, at) });
    tile.views.set(at, view);
    return view;
  }

  partsOn(tile, at) {
    const flip = (part) => part.map(([x, y]) => this.latLng(tile, x, y));
    const parts = partsOf(tile, at);
    if (!tile.closed) return parts.map(flip);
    const polygons = [];
    for (const part of parts) {
      if (turning(part) > 0 || !polygons.length) polygons.push([flip(part)]);
      else polygons[polygons.length - 1].push(flip(part));
    }
    return polygons;
  }

  latLng(tile, x, y) {
    return this.app.map.unproject(L.point((tile.x + x / 4096) * 256, (tile.y + y / 4096) * 256), tile.z);
  }

  boundsOf(tile, at) {
    const [west, north, east, south] = tile.box.subarray(4 * at, 4 * at + 4);
    return L.latLngBounds([this.latLng(tile, west, south), this.latLng(tile, east, north)]);
  }

  /** Features whose boxes lie around a place, `reach` pixels included. */
  near(latlng, reach) {
    if (this.dots) return this.dotsNear(latlng, reach);
    const found = new Map();
    for (const tile of this.shown) {
      const world = this.app.map.project(latlng, tile.z);
      const [x, y] = [(world.x / 256 - tile.x) * 4096, (world.y / 256 - tile.y) * 4096];
      if (x < 0 || y < 0 || x > 4096 || y > 4096) continue;
      const room = (reach + 8) * 16;
      for (let at = 0; at < tile.count; at += 1) {
        const box = 4 * at;
        if (x < tile.box[box] - room || x > tile.box[box + 2] + room || y < tile.box[box + 1] - room || y > tile.box[box + 3] + room) continue;
        if (!(this.out && this.isOut(tile, at))) found.set(tile.ids[at], this.remember(tile, at));
      }
    }
    return [...found.values()];
  }

  /** The same of points: those whose discs lie there, the nearest first. */
  dotsNear(latlng, reach) {
    if (!this.picture) return [];
    const frame = this.picture;
    const disc = this.discAt(frame.zoom);
    const far = (tile, at) => {
      const { disc: { size }, dimmed } = disc(tile, at);
      return dimmed ? -1 : size / 2 + reach;
    };
    const spot = this.app.map.project(latlng, frame.zoom).subtract(frame.min);
    return pointsAround(frame, this.shown, spot, far).slice(0, MOST_NEAR).map(({ tile, at }) => this.remember(tile, at));
  }

  /** A piece that is the whole feature is good enough to stand out under the pointer. */
  remember(tile, at) {
    const view = this.piece(tile, at);
    const known = this.whole.get(view.id);
    // One of a tile further in is the more exact.
    if (isWhole(tile, at) && (!known || known.level < tile.z)) this.keep(Object.assign(view, { level: tile.z }));
    return view;
  }

  keep(view) {
    this.whole.set(view.id, view);
    if (this.whole.size > MOST_WHOLE) this.whole.delete(this.whole.keys().next().value);
  }

  /** A feature as far as it is known whole, or null. */
  view(id) {
    return this.whole.get(id) || null;
  }

  async fetchHovered(id) {
    const feature = await this.app.data.feature(id).catch(() => null);
    if (feature?.layer !== this.entry.spec.id) return;
    this.keep(makeView(this.app, feature, feature.layer));
    if (this.app.hovered === id) this.app.emit("hover", { id });
  }

  /** The features in sight that have room for a name, each once, the largest first. */
  withNames() {
    if (this.named) return this.named;
    if (this.dots) return (this.named = this.dotsNamed());
    const found = new Map();
    for (const tile of this.shown) {
      const scale = (256 * 2 ** (this.app.map.getZoom() - tile.z)) / 4096;
      for (let at = 0; at < tile.count; at += 1) {
        const box = 4 * at;
        const across = Math.max(tile.box[box + 2] - tile.box[box], tile.box[box + 3] - tile.box[box + 1]) * scale;
        if (across < NAMED_PX || (this.out && this.isOut(tile, at))) continue;
        const id = tile.ids[at];
        if (!found.has(id)) found.set(id, { across, places: [] });
        const item = found.get(id);
        item.across = Math.max(item.across, across);
        item.places.push([tile, at]);
      }
    }
    const largest = [...found.values()].sort((a, b) => b.across - a.across).slice(0, MOST_NAMED);
    this.named = largest.map(({ places }) => this.joined(places));
    return this.named;
  }

  /** Of points all that are in sight, when they are few. */
  dotsNamed() {
    if (!this.picture) return [];
    const { min, max } = this.picture;
    const [width, height] = [max.x - min.x, max.y - min.y];
    const edge = PAD / (1 + 2 * PAD);
    const box = { minX: width * edge, minY: height * edge, maxX: width * (1 - edge), maxY: height * (1 - edge) };
    const few = fewWithin(this.picture, this.shown, box);
    return few.filter(([tile, at]) => !(this.out && this.isOut(tile, at))).map(([tile, at]) => this.piece(tile, at));
  }

  /** A feature in several tiles as one view. */
  joined(places) {
    const views = places.map(([tile, at]) => this.piece(tile, at));
    if (views.length === 1) return views[0];
    const bounds = L.latLngBounds(views.map((view) => [view.bounds.getSouthWest(), view.bounds.getNorthEast()]).flat());
    return { ...views[0], parts: views.flatMap((view) => view.parts), bounds };
  }

  /** One view of each look that has been seen, for the legend. */
  samples() {
    const found = new Map();
    for (const tile of this.shown) {
      tile.looks.forEach((key, at) => {
        if (!found.has(key)) found.set(key, this.piece(tile, at, false));
      });
    }
    return [...found.values()];
  }
}
