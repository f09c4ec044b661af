/**
 * The plan's layers on the map: loaded when first shown, one group each on a sheet in the plan's stacking order,
 * so that switching a layer off and on never changes what lies over what.
 */
import L from "leaflet";
import { goesRound } from "./ground.js";
import { inSlices, nextFrame, nextTask } from "../core/slices.js";
import { ink } from "./ink.js";
import { GROUND, drawLayer, makeView, restyle } from "./draw.js";
import { Sheet, SheetPolygon } from "./sheet.js";
import { runs } from "./sheet-model.js";

/** What folium declares; the drawing is done by the layer's entry once the page starts. */
export const PlanLayer = L.Layer.extend({
  initialize(spec) {
    this.spec = spec;
  },
  onAdd() {},
  onRemove() {},
});

const PANE_BASE = 400;
const PAPER = "pm-paper";
const PAINT = "pm-paint";
export const PANES = { select: 560, labels: 580 };
/** The plan's own ground, under everything but the neighbours. */
const paper = () => ({ fillColor: ink("sheet"), fillOpacity: 1 });
/** Kinds that indicators are counted by; their painted fill lies under rivers, roads and names. */
export const PAINTED_KINDS = new Set(["zone", "township", "district"]);

export function installLayers(app) {
  return { layers: new Layers(app) };
}

/** A pane of the map at a height; nothing in it takes the pointer. */
export function addPane(map, name, zIndex) {
  const pane = map.getPane(name) || map.createPane(name);
  pane.style.zIndex = String(zIndex);
  pane.style.pointerEvents = "none";
  return pane;
}

class Layers {
  constructor(app) {
    this.app = app;
    const { map, config } = app;
    this.specs = [...app.layerSpecs.values()].sort((a, b) => (a.order || 0) - (b.order || 0));
    this.ids = this.specs.map((spec) => spec.id);
    this.entries = new Map(this.specs.map((spec) => [spec.id, makeEntry(spec)]));
    this.sheets = laySheets(map, stacked(this.specs), Boolean(config.basemap));
    for (const entry of this.entries.values()) entry.sheet = this.sheets.get(entry.pane);
    this.index = new Map();
    const frame = groundFrame(this.specs);
    for (const entry of this.entries.values()) entry.frame = frame;
    const opening = (config.view && config.view.layers) || this.specs.filter((spec) => spec.show).map((spec) => spec.id);
    this.openWith([...opening, ...this.specs.filter((spec) => spec.visible).map((spec) => spec.id)]);
    map.on("zoomend", () => {
      const zoom = map.getZoom();
      for (const entry of this.entries.values()) if (entry.visible && entry.drawn) restyle(entry.drawn.items, zoom);
    });
  }

  spec(id) {
    return this.app.layerSpecs.get(id);
  }

  entry(id) {
    return this.entries.get(id);
  }

  isVisible(id) {
    return Boolean(this.entries.get(id)?.visible);
  }

  /** Ids of the layers that are on, low ones first. */
  visible() {
    return this.ids.filter((id) => this.isVisible(id));
  }

  /** From now on the view opens with these layers. */
  openWith(ids) {
    this.opening = new Set(ids);
  }

  /** Ids of the layers that the view opens with. */
  initial() {
    return this.ids.filter((id) => this.opening.has(id));
  }

  /** Load a layer's features once; resolves to its entry, whose `error` says when that failed. */
  load(id) {
    const entry = this.entries.get(id);
    if (!entry) return Promise.resolve(null);
    if (entry.spec.tiles) return this.loadLarge(entry);
    entry.loading ||= this.app.data.layer(id).then(
      async (collection) => {
        await inSlices(this.taking(entry, collection));
        const units = new Set([...entry.views.values()].map((view) => view.properties.unit).filter((unit) => unit && !this.index.has(unit)));
        await Promise.all([...units].map((unit) => this.locate(unit)));
        return entry;
      },
      (error) => this.fail(entry, error),
    );
    return entry.loading;
  }

  /** A layer that is not sent whole is drawn by a program of its own (`large.js`). */
  loadLarge(entry) {
    entry.loading ||= this.app.large().then(
      ({ LargeLayer }) => {
        entry.large = new LargeLayer(this.app, entry);
        return Object.assign(entry, { loaded: true, error: null });
      },
      (error) => this.fail(entry, error),
    );
    return entry.loading;
  }

  *taking(entry, collection) {
    for (const feature of collection.features || []) {
      const view = makeView(this.app, feature, entry.spec.id);
      entry.views.set(view.id, view);
      this.index.set(view.id, view);
      yield;
    }
    entry.loaded = true;
    entry.error = null;
  }

  fail(entry, error) {
    entry.loading = null;
    entry.error = error;
    this.app.toast(this.app.t("map.layer_failed", { name: this.app.name(entry.spec) }));
    return entry;
  }

  /** Switch a layer; resolves when it is drawn (or has failed, and a message says so), which is not begun before `after`. */
  async setVisible(id, on, { quiet = false, after = null } = {}) {
    const entry = this.entries.get(id);
    if (!entry || entry.visible === Boolean(on)) return;
    entry.visible = Boolean(on);
    if (!on) {
      entry.large?.hide();
      entry.drawn?.group.remove();
      entry.painted?.remove();
    } else {
      if (!quiet && !entry.loaded) this.changed();
      await this.load(id);
      await after;
      // Many layers at once are no long task.
      await nextTask();
      await this.show(entry);
    }
    if (!quiet) this.changed();
  }

  /** Exactly these layers; with `answersFirst` none is drawn before it is known of all what can be clicked, and somebody could have done so. */
  async setAll(ids, { answersFirst = false } = {}) {
    const wanted = new Set(ids);
    const after = answersFirst && Promise.all(ids.map((id) => this.load(id))).then(nextFrame);
    await Promise.all(this.ids.map((id) => this.setVisible(id, wanted.has(id), { quiet: true, after })));
    this.changed();
  }

  changed() {
    this.app.emit("layers", { visible: this.visible() });
    this.app.emit("state");
  }

  async show(entry) {
    if (!entry.loaded || !entry.visible) return;
    if (entry.large) {
      entry.large.setPaint(entry.paint);
      entry.large.show();
      return;
    }
    entry.drawn ||= drawLayer(this.app, entry);
    if ((entry.spec.kinds || []).includes("district")) this.layPaper(entry);
    // One at a time: what lies over what is the order in which it is put there.
    entry.adding = entry.adding.then(() => this.add(entry));
    await entry.adding;
    this.applyPaint(entry);
  }

  async add({ drawn, visible }) {
    if (!visible || drawn.group._map) return;
    restyle(drawn.items, this.app.map.getZoom());
    await inSlices(adding(drawn.group, this.app.map));
  }

  layPaper(entry) {
    entry.paper ||= areas(entry, { renderer: this.sheets.get(PAPER), pane: PAPER }, paper);
    entry.paper.addTo(this.app.map);
  }

  applyPaint(entry) {
    if (entry.large) {
      entry.large.setPaint(entry.paint);
      return;
    }
    entry.painted?.remove();
    entry.painted = null;
    const on = Boolean(entry.paint && entry.visible && entry.drawn);
    for (const item of entry.drawn?.items || []) {
      if (item.pass === "fill") item.layer.setStyle({ fillOpacity: on ? 0 : item.look.fillOpacity });
    }
    if (!on) return;
    const look = (view) => {
      const paint = entry.paint(view.feature);
      return paint && { fillColor: paint.fill, fillOpacity: paint.fillOpacity ?? 1 };
    };
    entry.painted = areas(entry, { renderer: this.sheets.get(PAINT), pane: PAINT }, look).addTo(this.app.map);
  }

  /** Paint a polygon layer by value: `fn(feature) -> {fill, fillOpacity} | null`; null restores it. */
  setPaint(id, fn) {
    const entry = this.entries.get(id);
    if (!entry) return;
    entry.paint = fn || null;
    if (entry.visible && entry.loaded) this.applyPaint(entry);
    this.app.emit("paint", { id, on: Boolean(fn) });
  }

  /** Is some visible layer painted? */
  painted() {
    return [...this.entries.values()].some((entry) => entry.paint && entry.visible);
  }

  opacity(id) {
    return this.entries.get(id)?.opacity ?? 1;
  }

  setOpacity(id, value) {
    const entry = this.entries.get(id);
    if (!entry) return;
    entry.opacity = Math.min(1, Math.max(0, Number(value)));
    this.app.map.getPane(entry.pane).style.opacity = String(entry.opacity);
    this.app.emit("opacity", { id, value: entry.opacity });
    this.app.emit("state");
  }

  /** The id of the layer that holds a feature, if it has been loaded; see `locate` for the rest. */
  featureLayer(id) {
    return this.index.get(id)?.layerId ?? null;
  }

  /** What is known of a loaded feature (see `makeView`), or null. */
  view(id) {
    return this.index.get(id) || this.large().reduce((found, layer) => found || layer.view(id), null);
  }

  /** What draws the large layers that are on. */
  large() {
    return [...this.entries.values()].filter((entry) => entry.large && entry.visible).map((entry) => entry.large);
  }

  /** The township, zone or other area that is all that is known of where a feature is; null for others. */
  unitOf(view) {
    return this.view(view.properties.unit);
  }

  /** Load the layer a feature is in and resolve to its view, or null where there is no such feature. */
  async locate(id) {
    if (this.index.has(id)) return this.index.get(id);
    // Nor is the list of all features asked for where there are many of them.
    if (this.specs.some((spec) => spec.tiles)) return this.locateAlone(id);
    const records = await this.app.data.records().catch(() => []);
    const record = records.find((item) => item.id === id);
    if (record && record.layer) await this.load(record.layer);
    return this.view(id);
  }

  async locateAlone(id) {
    const feature = await this.app.data.feature(id).catch(() => null);
    const entry = feature && this.entries.get(feature.layer);
    if (!entry) return null;
    if (!entry.spec.tiles) await this.load(feature.layer);
    else if (!this.index.has(id)) this.index.set(id, makeView(this.app, feature, feature.layer));
    return this.view(id);
  }

  /**
   * Every drawn feature's view, low layers first; without those that a filter or a cluster veils. Of large layers those that
   * `pick` gives.
   */
  shown(pick = (large) => large.withNames()) {
    const { veil } = this.app;
    return this.visible().flatMap((id) => {
      const { large, views } = this.entries.get(id);
      if (large) return pick(large);
      return veil ? [...views.values()].filter((view) => !veil.has(view.id)) : [...views.values()];
    });
  }

  /** Resolves when every visible layer has been loaded, and large ones are drawn. */
  settled() {
    return Promise.all(this.visible().map((id) => this.load(id).then((entry) => entry?.large?.settled())));
  }
}

/** The rectangle out of which the ground was cut, `{min, max}` of `{lat, lng}`, or null where there is no ground. */
export function groundFrame(specs) {
  const boxes = specs.filter((spec) => spec.group === GROUND && spec.bounds && spec.geometry === "polygon").map((spec) => spec.bounds);
  if (!boxes.length) return null;
  const least = (corner, axis, pick) => pick(...boxes.map((box) => box[corner][axis]));
  return { min: { lat: least(0, 0, Math.min), lng: least(0, 1, Math.min) }, max: { lat: least(1, 0, Math.max), lng: least(1, 1, Math.max) } };
}

/** The groups of a plan's layers with paper and paint between them, low ones first: `[{name, sort}]`. */
function stacked(specs) {
  const sort = (spec) => (spec.geometry !== "polygon" ? "" : spec.group === GROUND ? "ground" : "area");
  const groups = specs.map((spec) => ({ name: paneOf(spec), sort: sort(spec), large: Boolean(spec.tiles) }));
  const lowest = specs.findIndex((spec) => (spec.kinds || []).some((kind) => PAINTED_KINDS.has(kind)));
  groups.splice(Math.max(0, lowest) + 1, 0, { name: PAINT, sort: "area" });
  // Above the ground around the plan, below everything of the plan itself.
  groups.splice(specs.length && goesRound(specs) ? 1 : 0, 0, { name: PAPER, sort: "ground" });
  return groups;
}

/** Sheets for groups: `Map(name → sheet)`. A layer's pane is its group from now on. */
function laySheets(map, groups, blended) {
  const sheets = new Map();
  const panes = map.getPanes();
  runs(groups, blended).forEach(({ sort, names, large }, index) => {
    const pane = `pm-sheet-${index}`;
    const element = addPane(map, pane, PANE_BASE + index);
    if (sort) element.classList.add(`pm-pane-${sort}`);
    if (large) {
      // A canvas, which cannot lie within a sheet.
      panes[names[0]]?.remove();
      panes[names[0]] = element;
      return;
    }
    const sheet = new Sheet(names, { pane, padding: 0.2 });
    for (const [name, group] of sheet.groups) {
      panes[name]?.remove();
      panes[name] = group;
      sheets.set(name, sheet);
    }
    sheet.addTo(map);
  });
  for (const { name, sort } of groups) if (blended && sort) panes[name].classList.add(`pm-pane-${sort}`);
  return sheets;
}

const paneOf = (spec) => spec.pane || `pm-${spec.id}`;

function makeEntry(spec) {
  const nothing = { loading: null, adding: Promise.resolve(), error: null, drawn: null, paint: null, painted: null, paper: null, large: null };
  return { spec, pane: paneOf(spec), sheet: null, views: new Map(), visible: false, loaded: false, opacity: 1, ...nothing };
}

/** Put a group on the map, one after another of what it holds; what is taken off meanwhile stays off. */
function* adding(group, map) {
  const layers = group.getLayers();
  group.clearLayers();
  group.addTo(map);
  for (const layer of layers) {
    group.addLayer(layer);
    yield;
  }
}

/** The polygons of a layer as plain fills; `look(view)` gives fillColor and fillOpacity, or null to leave one out. */
function areas(entry, place, look) {
  const group = L.layerGroup();
  for (const view of entry.views.values()) {
    const fill = view.shape === "polygon" && look(view);
    if (fill) group.addLayer(new SheetPolygon(view.parts, { ...place, view, interactive: false, smoothFactor: 0.7, stroke: false, fill: true, ...fill }));
  }
  return group;
}
