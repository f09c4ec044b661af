/** The `app` object: the one thing every part of the page knows. See DESIGN.md, "The page". */
import L from "leaflet";
import { createBus } from "./bus.js";
import { createData } from "./data.js";
import { roomSaid } from "./fit-model.js";
import { finishZoom } from "./fitting.js";
import { createTranslator, pick } from "./i18n.js";
import { createPrograms } from "./programs.js";
import { reducedMotion } from "./motion.js";
import { nextFrame } from "./slices.js";

/** Records by id; the server sends a mapping by id or a list of records. */
export function byId(records) {
  if (!records) return new Map();
  if (Array.isArray(records)) return new Map(records.map((record) => [record.id, record]));
  return new Map(Object.entries(records).map(([id, record]) => [id, { id, ...record }]));
}

/**
 * The parts of the page by name, as `take` puts them in: what the first program has before anything is drawn, the rest
 * when its program has come. null: not yet, or not on this page.
 */
const PARTS = {
  // core/fitting.js: where the map looks
  fitView: null, untouched: null, shifted: null, lookAt: null,
  // map/: layers, what is veiled, the operator's base map, discs and marks, views
  layers: null, veil: null, basemap: null, clusters: null, units: null, useView: null, setView: null, openView: null,
  // map/surfaces.js: the accessibility surface that is laid over the map
  surfaces: null,
  // names/, sidebar/, panel/: names on the map, tree and legend, filters, the panel and what fills it
  labels: null, sidebar: null, legend: null, filters: null, panel: null, overlay: null,
  // notes/, own/: what somebody has drawn on the map, and brought along
  notes: null, own: null,
  // sheets/: scanned maps that lie on the plan
  scans: null,
  // permalink.js
  permalink: null,
};

export function createApp(map, config) {
  const bus = createBus();
  const lang = config.lang === "en" ? "en" : "zh";
  const app = {
    map,
    config,
    lang,
    t: createTranslator(config.messages || {}, lang),
    /** The name of any record (feature properties, layer, kind, view) in the page's language. */
    name: (record) => pick(record, "name", lang),
    /** Any field that has an `_en` twin. */
    text: (record, field) => pick(record, field, lang),
    data: createData(config),
    /** Resolve to what is not needed at first, see `programs.js`. */
    ...createPrograms(config),
    on: bus.on,
    emit: bus.emit,
    kinds: byId(config.kinds),
    statuses: byId(config.statuses),
    bases: byId(config.bases),
    ramps: byId(config.ramps),
    layerSpecs: byId(config.layers),
    groups: config.groups || [],
    /** Ids of the selected and hovered feature, or null. */
    selected: null,
    hovered: null,
    /** `{id, level, method}` of the indicator shown, or null. */
    indicator: null,
    /** True while a state is being brought from the address or the history: nothing else moves the map. */
    restoring: false,
    /** True while a tool (measuring) takes the clicks. */
    busy: false,
  };
  Object.assign(app, choosing(app), viewing(app), keeping(app), { toast: createToast() }, PARTS, {
    /** Put parts into their places, once each; `main.js` does. */
    take(parts) {
      for (const [name, part] of Object.entries(parts || {})) {
        if (!(name in PARTS) || app[name] !== null) throw new TypeError(`app has no place for ${name}`);
        app[name] = part;
      }
    },
  });
  // Nothing else is ever hung on it.
  return Object.seal(app);
}

/** Selecting, hovering, choosing an indicator. */
function choosing(app) {
  let selecting = 0;
  return {
    /**
     * Select a feature by id (null: nothing). Its layer is loaded if need be and, with `zoom`, switched
     * on and brought into view. With `quiet` the card is made ready but does not come forward. "select"
     * carries the GeoJSON feature.
     */
    async select(id, { zoom = false, quiet = false } = {}) {
      const turn = ++selecting;
      if (!id) {
        if (app.selected === null) return;
        app.selected = null;
        app.emit("select", { id: null, feature: null });
        app.emit("state");
        return;
      }
      const view = await app.layers.locate(id);
      const feature = view ? view.feature : await app.data.feature(id).catch(() => null);
      // A later click has overtaken this one.
      if (turn !== selecting) return;
      if (!feature || app.kinds.get(feature.properties.kind)?.beyond) {
        app.toast(app.t("map.no_such_feature"));
        return;
      }
      if (view && zoom) await app.layers.setVisible(view.layerId, true);
      app.selected = id;
      app.emit("select", { id, feature, quiet });
      // After the card has come forward and taken its room beside the map.
      if (view && zoom) app.zoomTo(view);
      app.emit("state");
    },
    /** A tool takes the clicks from now on, or gives them back. */
    occupy(busy) {
      app.busy = busy;
    },
    hover(id) {
      if (app.hovered === (id || null)) return;
      app.hovered = id || null;
      app.emit("hover", { id: app.hovered });
    },
    setIndicator(spec) {
      app.indicator = spec || null;
      app.emit("indicator", app.indicator);
      app.emit("state");
    },
  };
}

/** A feature's bounds with the room its position is uncertain by; of what is only known to a unit, the unit's. */
function extentOf(app, view) {
  const unit = app.layers.unitOf(view);
  if (unit) return unit.bounds;
  const metres = view.basis && view.basis.uncertain && view.bounds.isValid() ? view.properties.accuracy_m || 0 : 0;
  if (!metres) return view.bounds;
  const { lat } = view.bounds.getCenter();
  const north = metres / METRES_PER_DEGREE;
  const east = north / Math.cos((lat * Math.PI) / 180);
  const [low, high] = [view.bounds.getSouthWest(), view.bounds.getNorthEast()];
  return L.latLngBounds([low.lat - north, low.lng - east], [high.lat + north, high.lng + east]);
}

/** Of latitude; good enough for choosing a view. */
const METRES_PER_DEGREE = 111200;

/** Where the map looks. */
function viewing(app) {
  return {
    zoomTo(view) {
      const extent = view && extentOf(app, view);
      if (!extent || !extent.isValid()) return;
      const limit = app.map.options.maxBounds;
      if (limit && !limit.intersects(extent)) {
        const { lat, lng } = extent.getCenter();
        app.toast(app.t("map.beyond", { name: app.name(view.properties), lat: lat.toFixed(2), lng: lng.toFixed(2) }));
        return;
      }
      finishZoom(app.map);
      const options = { ...app.fitPadding(), maxZoom: view.shape === "point" ? 14 : 15, animate: !reducedMotion() };
      app.map.fitBounds(extent, options);
    },
    /** Room for what floats over the map, as `fitBounds` options. */
    fitPadding() {
      const container = app.map.getContainer();
      const map = container.getBoundingClientRect();
      const edge = map.width < 600 ? 2 : 14;
      const room = { left: edge, top: edge, right: edge, bottom: edge };
      controlsRoom(container, map, room);
      const panel = document.getElementById("pm-panel");
      if (panel && !panel.hidden && getComputedStyle(panel).position !== "static") {
        const box = panel.getBoundingClientRect();
        if (box.width < map.width * 0.7 && box.left > map.left) room.right = Math.max(18, map.right - box.left + 18);
        else if (box.height < map.height * 0.75) room.bottom = Math.max(18, map.bottom - box.top + 18);
      }
      return { paddingTopLeft: [room.left, room.top], paddingBottomRight: [room.right, room.bottom] };
    },
  };
}

/**
 * Tools stand at the right edge, coordinates and scale at the lower one: the style sheet says how much they take (`first.css`),
 * so that the map is fitted as its picture was, before they are there.
 */
function controlsRoom(container, map, room) {
  const said = roomSaid(container);
  if (said.right < map.width * 0.2) room.right = Math.max(room.right, said.right);
  if (said.bottom < map.height * 0.2) room.bottom = Math.max(room.bottom, said.bottom);
  // The opened legend of an embed.
  const legend = document.querySelector(".pm-legend .pm-section-legend");
  const left = !legend ? said.left : legend.hidden ? 0 : legend.getBoundingClientRect().right - map.left + 4;
  if (left < map.width * 0.45) room.left = Math.max(room.left, left);
}

/** The state as a whole, and when the page is ready. */
function keeping(app) {
  /** States that are being brought. */
  const brought = new Set();
  return {
    state() {
      const center = app.map.getCenter();
      const opacity = {};
      for (const id of app.layers.ids) if (app.layers.opacity(id) < 1) opacity[id] = app.layers.opacity(id);
      return {
        map: { zoom: app.map.getZoom(), lat: center.lat, lng: center.lng },
        layers: app.layers.visible(),
        opacity,
        indicator: app.indicator,
        basemap: Boolean(app.basemap?.on),
        surface: app.surfaces?.text() || "",
        selection: app.selected,
        filter: app.filters ? app.filters.text() : "",
        // Too many for a link: not said.
        notes: app.notes ? app.notes.text() ?? undefined : "",
        scans: app.scans ? app.scans.text() : "",
        own: app.own ? app.own.text() ?? undefined : "",
        panel: app.panel && app.config.mode !== "embed" ? (app.panel.isOpen() ? app.panel.active : null) : undefined,
      };
    },
    /** Bring the page to a state; what the state does not name stays as it is. */
    async applyState(state) {
      const mine = { ...state };
      for (const earlier of brought) giveUp(earlier, mine);
      brought.add(mine);
      app.restoring = true;
      await restore(app, mine, () => brought.size === 1).finally(() => {
        brought.delete(mine);
        app.restoring = brought.size > 0;
      });
    },
    /** Wait until everything visible is drawn and can be moved and clicked, then say so; names follow. */
    async answers() {
      await app.layers.settled();
      window.__answers = true;
    },
    /** Wait until everything visible is drawn and named, then say so. */
    async ready() {
      await app.overlay?.pending;
      await app.notes?.pending;
      await app.scans?.pending;
      await app.answers();
      // What has been put around the map is laid out by the engine's own task, not by the first who asks where it is.
      await nextFrame();
      await app.labels.place();
      app.emit("ready");
      window.__ready = true;
    },
  };
}

/** What a later state names is no longer said by an earlier one that is still being brought. */
function giveUp(earlier, later) {
  for (const name of Object.keys(later)) if (later[name] !== undefined) delete earlier[name];
  if (later.map || later.bounds) delete earlier.map;
}

async function restore(app, state, alone) {
  const embed = app.config.mode === "embed";
  if (state.view && state.view !== app.config.view?.id) app.useView(state.view);
  if (state.map) app.lookAt(state.map);
  else if (state.bounds) {
    const [west, south, east, north] = state.bounds;
    app.config.view = { ...app.config.view, bounds: [[south, west], [north, east]] };
    app.fitView();
  }
  if (state.layers) await app.layers.setAll(state.layers);
  if (state.opacity) for (const id of app.layers.ids) if ((state.opacity[id] ?? 1) !== app.layers.opacity(id)) app.layers.setOpacity(id, state.opacity[id] ?? 1);
  // Off unless said; only where a state says everything is its silence a word.
  if (state.basemap !== undefined || state.layers) app.basemap?.set(Boolean(state.basemap));
  if (app.surfaces && (state.surface !== undefined || state.layers)) await showSurface(app, state.surface || "");
  if (state.filter !== undefined && app.filters) await app.filters.set(state.filter);
  if (state.own !== undefined && app.own) await app.own.set(state.own);
  if (state.indicator !== undefined && !sameIndicator(state.indicator, app.indicator)) app.setIndicator(state.indicator);
  // An earlier state may be about to select something else.
  if (state.selection !== undefined && (state.selection !== app.selected || !alone())) await app.select(state.selection, { quiet: embed });
  if (state.notes !== undefined && app.notes) await app.notes.set(state.notes);
  if (state.scans !== undefined && app.scans) await app.scans.set(state.scans);
  if (state.sheet !== undefined) app.sidebar?.setSheet(state.sheet);
  if (state.panel === null) app.panel?.close();
  else if (state.panel && !embed) app.panel?.open(state.panel, { still: Boolean(state.map) });
  if (state.map) await settleAt(app, state);
}

/** The surface that an address names, `id:opacity`; another than there is shows none. */
function showSurface({ surfaces }, text) {
  const [id, opacity] = text.split(":");
  const number = Number(opacity);
  return surfaces.show(id || null, number > 0 && number <= 1 ? number : undefined);
}

/** A panel that has opened meanwhile takes room from the map and would shift its centre. Where a later state has been asked for, the map is its own. */
async function settleAt(app, state) {
  if (document.visibilityState === "visible") await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  if (!state.map) return;
  const { lat, lng, zoom } = state.map;
  app.map.invalidateSize({ pan: false, animate: false });
  // Exactly: a link passed on and on must not wander.
  const center = app.map.getCenter();
  if (center.lat !== lat || center.lng !== lng) app.lookAt({ lat, lng, zoom });
}

function sameIndicator(first, second) {
  if (!first || !second) return !first && !second;
  const same = (key) => (first[key] || "") === (second[key] || "");
  return ["id", "level", "method", "show", "period", "look"].every(same);
}

function createToast() {
  let timer = 0;
  return function toast(text, milliseconds = 4200) {
    const place = document.getElementById("pm-toast");
    if (!place) return;
    place.textContent = text;
    place.classList.add("pm-toast-on");
    clearTimeout(timer);
    timer = setTimeout(() => place.classList.remove("pm-toast-on"), milliseconds);
  };
}
