/**
 * The plan's layers on the map: loaded when first shown, one pane each in the plan's stacking order, so
 * that switching a layer off and on never changes what lies over what.
 */
import L from "leaflet";
import { ink } from "./ink.js";
import { drawLayer, makeView, restyle } from "./draw.js";

/** What folium declares; the drawing is done by the layer's entry once the page starts. */
export const PlanLayer = L.Layer.extend({
  initialize(spec) {
    this.spec = spec;
  },
  onAdd() {},
  onRemove() {},
});

const PANE_BASE = 400;
export const PANES = { select: 560, labels: 580 };
/** The plan's own ground, under everything but the neighbours. */
const paper = () => ({ fillColor: ink("sheet"), fillOpacity: 1 });
/** Kinds that indicators are counted by; their painted fill lies under rivers, roads and names. */
export const PAINTED_KINDS = new Set(["zone", "township", "district"]);

export function installLayers(app) {
  const specs = [...app.layerSpecs.values()].sort((a, b) => (a.order || 0) - (b.order || 0));
  const entries = new Map();
  specs.forEach((spec, index) => entries.set(spec.id, makeEntry(app, spec, PANE_BASE + index * 2)));
  const lowest = specs.findIndex((spec) => (spec.kinds || []).some((kind) => PAINTED_KINDS.has(kind)));
  addPane(app.map, "pm-paint", PANE_BASE + Math.max(0, lowest) * 2 + 1);
  addPane(app.map, "pm-paper", PANE_BASE + 1);
  const paperRenderer = L.svg({ pane: "pm-paper", padding: 0.2 });
  const paintRenderer = L.svg({ pane: "pm-paint", padding: 0.2 });
  const index = new Map();
  const initial = new Set((app.config.view && app.config.view.layers) || specs.filter((spec) => spec.show).map((spec) => spec.id));
  for (const spec of specs) if (spec.visible === true) initial.add(spec.id);

  const changed = () => {
    app.emit("layers", { visible: api.visible() });
    app.emit("state");
  };

  async function load(id) {
    const entry = entries.get(id);
    if (!entry) return null;
    entry.loading ||= app.data.layer(id).then(
      (collection) => {
        for (const feature of collection.features || []) {
          const view = makeView(app, feature, id);
          entry.views.set(view.id, view);
          index.set(view.id, view);
        }
        entry.loaded = true;
        entry.error = null;
        return entry;
      },
      (error) => {
        entry.loading = null;
        entry.error = error;
        app.toast(app.t("map.layer_failed", { name: app.name(entry.spec) }));
        return entry;
      },
    );
    return entry.loading;
  }

  function show(entry) {
    if (!entry.loaded || !entry.visible) return;
    entry.drawn ||= drawLayer(app, entry);
    if ((entry.spec.kinds || []).includes("district")) layPaper(entry);
    if (!entry.drawn.group._map) {
      entry.drawn.group.addTo(app.map);
      restyle(entry.drawn.items, app.map.getZoom());
    }
    applyPaint(entry);
  }

  function layPaper(entry) {
    if (entry.paper) return;
    entry.paper = L.layerGroup();
    for (const view of entry.views.values()) {
      if (view.shape === "polygon") entry.paper.addLayer(L.polygon(view.parts, { renderer: paperRenderer, pane: "pm-paper", interactive: false, stroke: false, fill: true, ...paper() }));
    }
    entry.paper.addTo(app.map);
  }

  function applyPaint(entry) {
    if (entry.painted) entry.painted.remove();
    entry.painted = null;
    const muted = Boolean(entry.paint && entry.visible);
    for (const item of (entry.drawn && entry.drawn.items) || []) {
      if (item.pass === "fill") item.layer.setStyle({ fillOpacity: muted ? 0 : item.look.fillOpacity });
    }
    if (!muted || !entry.drawn) return;
    entry.painted = L.layerGroup();
    for (const view of entry.views.values()) {
      const look = entry.paint(view.feature);
      if (!look || view.shape !== "polygon") continue;
      const options = { renderer: paintRenderer, pane: "pm-paint", interactive: false, smoothFactor: 0.7, stroke: false, fill: true };
      entry.painted.addLayer(L.polygon(view.parts, { ...options, fillColor: look.fill, fillOpacity: look.fillOpacity ?? 1 }));
    }
    entry.painted.addTo(app.map);
  }

  const api = {
    ids: specs.map((spec) => spec.id),
    entries,
    spec: (id) => app.layerSpecs.get(id),
    entry: (id) => entries.get(id),
    isVisible: (id) => Boolean(entries.get(id) && entries.get(id).visible),
    visible: () => specs.filter((spec) => entries.get(spec.id).visible).map((spec) => spec.id),
    initial: () => specs.filter((spec) => initial.has(spec.id)).map((spec) => spec.id),
    /** Switch a layer; resolves when it is drawn (or has failed, and a message says so). */
    async setVisible(id, on, { quiet = false } = {}) {
      const entry = entries.get(id);
      if (!entry || entry.visible === Boolean(on)) return;
      entry.visible = Boolean(on);
      if (!on) {
        if (entry.drawn) entry.drawn.group.remove();
        if (entry.painted) entry.painted.remove();
        if (!quiet) changed();
        return;
      }
      if (!quiet && !entry.loaded) changed();
      await load(id);
      show(entry);
      if (!quiet) changed();
    },
    /** Exactly these layers. */
    async setAll(ids) {
      const wanted = new Set(ids);
      await Promise.all(api.ids.map((id) => api.setVisible(id, wanted.has(id), { quiet: true })));
      changed();
    },
    opacity: (id) => (entries.get(id) ? entries.get(id).opacity : 1),
    setOpacity(id, value) {
      const entry = entries.get(id);
      if (!entry) return;
      entry.opacity = Math.min(1, Math.max(0, Number(value)));
      app.map.getPane(entry.pane).style.opacity = String(entry.opacity);
      app.emit("opacity", { id, value: entry.opacity });
      app.emit("state");
    },
    /** The id of the layer that holds a feature, if it has been loaded; see `locate` for the rest. */
    featureLayer: (id) => (index.has(id) ? index.get(id).layerId : null),
    view: (id) => index.get(id) || null,
    load,
    /** Load the layer a feature is in and resolve to its view, or null where there is no such feature. */
    async locate(id) {
      if (index.has(id)) return index.get(id);
      const records = await app.search.records().catch(() => []);
      const record = records.find((item) => item.id === id);
      if (record && record.layer) await load(record.layer);
      return index.get(id) || null;
    },
    /** Paint a polygon layer by value: `fn(feature) -> {fill, fillOpacity} | null`; null restores it. */
    setPaint(id, fn) {
      const entry = entries.get(id);
      if (!entry) return;
      entry.paint = fn || null;
      if (entry.visible && entry.loaded) applyPaint(entry);
      app.emit("paint", { id, on: Boolean(fn) });
    },
    painted: () => [...entries.values()].some((entry) => entry.paint && entry.visible),
    /** Every drawn feature view, low layers first. */
    shown: () => specs.flatMap((spec) => (entries.get(spec.id).visible ? [...entries.get(spec.id).views.values()] : [])),
    settled: () => Promise.all([...entries.values()].map((entry) => entry.visible && load(entry.spec.id))),
  };
  app.map.on("zoomend", () => {
    const zoom = app.map.getZoom();
    for (const entry of entries.values()) if (entry.visible && entry.drawn) restyle(entry.drawn.items, zoom);
  });
  app.layers = api;
}

function makeEntry(app, spec, zIndex) {
  const pane = spec.pane || `pm-${spec.id}`;
  addPane(app.map, pane, zIndex);
  const renderer = L.svg({ pane, padding: 0.2 });
  return { spec, pane, renderer, views: new Map(), visible: false, opacity: 1, loading: null, loaded: false, drawn: null, paint: null, painted: null, error: null };
}

export function addPane(map, name, zIndex) {
  const pane = map.getPane(name) || map.createPane(name);
  pane.style.zIndex = String(zIndex);
  pane.style.pointerEvents = "none";
  return pane;
}
