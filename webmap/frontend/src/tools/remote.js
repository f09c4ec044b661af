/**
 * The page that holds the map in a frame drives it by messages, and hears of what happens on it. Who may is a setting;
 * others are not heard and not answered. Messages are checked in `remote-model.js`.
 */
import { Refused, COMMANDS, VERSION, answerTo, mayDrive, readMessage } from "./remote-model.js";

/** Commands that wait for their turn; one more is refused. */
const MOST_WAITING = 50;
/** Moves that follow each other faster than this are told once. */
const SOON_MS = 150;

export function installRemote(app) {
  const { origins } = app.config.remote;
  let to = origins.includes("*") ? "*" : expected(origins);
  let waiting = 0;
  let turn = Promise.resolve();
  const send = (message) => to && window.parent.postMessage({ planmap: VERSION, ...message }, to);
  const refuse = (reply, { code, field, value }) => send({ event: "error", reply, code, field, message: app.t(`map.remote.${code}`, { field, value, version: VERSION }) });
  const run = async ({ reply, command, args }) => {
    try {
      await DOERS[command](app, args);
      send({ event: "done", reply, command, state: stateOf(app) });
    } catch (error) {
      refuse(reply, error instanceof Refused ? error : new Refused("failed"));
    }
  };
  window.addEventListener("message", ({ data, origin, source }) => {
    if (source !== window.parent || !mayDrive(origins, origin, window.location.origin)) return;
    const read = readMessage(data);
    if (!read) return;
    to = answerTo(origin);
    if (read.refused) refuse(read.reply, read.refused);
    else if (waiting >= MOST_WAITING) refuse(read.reply, new Refused("busy"));
    else {
      waiting += 1;
      turn = turn.then(() => run(read)).finally(() => (waiting -= 1));
    }
  });
  tell(app, send);
  titled(app);
  send({ event: "ready", commands: COMMANDS, ...description(app), state: stateOf(app) });
}

/** The page that holds us, as far as the browser says, when it may drive the map: it hears of us before it has spoken. */
function expected(origins) {
  const origin = document.referrer ? new URL(document.referrer).origin : "";
  return mayDrive(origins, origin, window.location.origin) ? answerTo(origin) : null;
}

/** The title of an embed names the view that is open, and leads to it. */
function titled(app) {
  const link = document.querySelector(".pm-embed-title a");
  app.on("view", (id) => {
    if (!link) return;
    link.textContent = [app.text(app.config.plan, "short_title"), app.name(app.config.view)].filter(Boolean).join(" · ");
    const address = new URL(link.href);
    address.searchParams.set("view", id);
    link.href = address.href;
  });
}

/** What happens on the map, told to the page around it. */
function tell(app, send) {
  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => send({ event: "view", state: stateOf(app) }), SOON_MS);
  };
  app.map.on("moveend", soon);
  for (const event of ["view", "layers", "indicator", "filter"]) app.on(event, soon);
  app.on("select", ({ id, feature }) => {
    const { name, name_en, kind } = (feature && feature.properties) || {};
    send({ event: "select", feature: id ? { id, name, name_en, kind, layer: app.layers.featureLayer(id) } : null });
  });
}

/** What there is to be shown, so that a page can offer it. */
function description(app) {
  const { config, lang } = app;
  const named = (record) => ({ id: record.id, name: app.name(record) });
  return { edition: config.edition, lang, plan: named(config.plan), views: config.views.map(named), layers: app.layers.ids.map((id) => named(app.layerSpecs.get(id))) };
}

function stateOf(app) {
  const { map, layers, opacity, indicator, filter, selection } = app.state();
  const box = app.map.getBounds();
  const round = (degrees) => Number(degrees.toFixed(6));
  return {
    view: app.config.view?.id ?? null,
    bounds: [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map(round),
    center: [round(map.lng), round(map.lat)],
    zoom: map.zoom,
    layers,
    opacity,
    indicator: indicator ? { ...indicator } : null,
    filter,
    selection,
  };
}

function known(app, ids, field) {
  const unknown = ids.find((id) => !app.layerSpecs.has(id));
  if (unknown !== undefined) throw new Refused("not_found", field, unknown);
}

const DOERS = {
  async setView(app, { view, bounds, map }) {
    if (view !== undefined && !app.config.views.some(({ id }) => id === view)) throw new Refused("not_found", "view", view);
    if (view !== undefined) await app.setView(view);
    if (bounds) await app.applyState({ bounds });
    else if (map) await app.applyState({ map });
    else app.fitView();
  },
  async setLayers(app, { layers }) {
    known(app, layers, "layers");
    await app.layers.setAll(layers);
  },
  async setLayer(app, { layer, visible, opacity }) {
    known(app, [layer], "layer");
    if (visible !== undefined) await app.layers.setVisible(layer, visible);
    if (opacity !== undefined) app.layers.setOpacity(layer, opacity);
  },
  async setIndicator(app, { indicator, level, method }) {
    if (indicator !== null) {
      const found = (await app.data.indicators()).indicators.find(({ id }) => id === indicator);
      if (!found) throw new Refused("not_found", "indicator", indicator);
      if (!(found.levels || []).includes(level)) throw new Refused("not_found", "level", level);
    }
    app.setIndicator(indicator === null ? null : { id: indicator, level, method });
    await app.overlay?.pending;
  },
  /** Of which year the indicator's values are: that of the plan's own, or one that was observed. */
  async setTime(app, { year }) {
    if (!app.indicator) throw new Refused("not_found", "indicator");
    const { id, level, method } = app.indicator;
    const plain = { id, level, method };
    if (year !== null && (await app.data.indicator(id, level)).year !== year) {
      const found = (await app.data.observed()).indicators.find((item) => item.id === id);
      const seen = found?.periods.observed.includes(String(year)) ? await app.data.observedLevel(id, level, "observed", String(year)) : null;
      if (!seen?.values.some(({ value }) => value !== null)) throw new Refused("not_found", "year", year);
      Object.assign(plain, { show: "observed", period: String(year) });
    }
    app.setIndicator(plain);
    await app.overlay?.pending;
  },
  async setFilter(app, { filter }) {
    await app.filters.set(filter);
  },
  async select(app, { feature, zoom, card }) {
    if (feature !== null && !(await isThere(app, feature))) throw new Refused("not_found", "feature", feature);
    await app.select(feature, { zoom, quiet: !card });
  },
  async getState() {},
};

async function isThere(app, id) {
  const view = app.layers.view(id);
  if (view) return !view.kind?.beyond;
  if (app.config.layers.some((spec) => spec.tiles)) return Boolean(await app.layers.locate(id));
  return (await app.data.records()).some((record) => record.id === id);
}
