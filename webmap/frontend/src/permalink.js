/** The page's state in its address and in the browser's history. How it is written: `permalink-model.js`. */
import { media } from "./core/breakpoints.js";
import { formatHash, parseHash } from "./core/permalink-model.js";

/** Changes that follow each other faster than this are one. */
const SOON_MS = 180;

/** What makes a step of its own for Back and Forward; where the map looks, layers and filters go with the step. */
function stepOf({ view, selection, panel, indicator, sheet }) {
  return JSON.stringify([view, selection, panel, indicator && [indicator.id, indicator.level, indicator.show, indicator.look], Boolean(sheet)]);
}

/**
 * Write the state into the address as it changes, and follow the address and the history when they change. An
 * embed follows only: the history is the page's that holds it, and its code says what it opens with. `opened` resolves to
 * what the address asked for, once that is there.
 */
export function installPermalink(app) {
  const embed = app.config.mode === "embed";
  let own = null;
  let timer = 0;
  let turn = 0;
  let following = true;
  let step = null;
  let settled = false;
  const full = () => ({ ...app.state(), view: app.config.view?.id, sheet: app.sidebar?.isSheet() || undefined });
  const write = () => {
    clearTimeout(timer);
    if (following) return;
    const state = full();
    const hash = `#${formatHash(state)}`;
    // What the page does by itself while it opens is no step.
    const deliberate = settled && step !== null && stepOf(state) !== step;
    settled ||= window.__ready === true;
    step = stepOf(state);
    if (!embed && (deliberate || hash !== own)) record(app, state, hash, deliberate);
    own = hash;
    app.emit("link", own);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(write, SOON_MS);
  };
  const permalink = () => {
    const url = addressOf(app);
    url.hash = formatHash(app.state());
    return url.href;
  };
  // The other language keeps the state.
  document.getElementById("pm-lang")?.addEventListener("click", ({ currentTarget }) => {
    if (app.config.view?.id) currentTarget.search = searchOf(currentTarget.search, app.config.view.id);
    currentTarget.hash = formatHash(app.state());
  });
  // What is seen goes along to the downloads.
  for (const link of document.querySelectorAll('a[href$="#download"]')) {
    link.addEventListener("click", () => {
      const query = new URLSearchParams(link.search);
      const seen = app.map.getBounds();
      query.set("bbox", [seen.getWest(), seen.getSouth(), seen.getEast(), seen.getNorth()].map((one) => one.toFixed(4)).join(","));
      link.search = query;
    });
  }
  for (const event of ["state", "panel", "sheet", "view"]) app.on(event, soon);
  app.map.on("moveend", soon);

  /** Bring the page to a state; of two that overlap the later one counts. */
  const follow = async (state, unknown = []) => {
    const mine = ++turn;
    clearTimeout(timer);
    following = true;
    await app.applyState(state);
    if (mine !== turn) return;
    following = false;
    step = null;
    if (unknown.length) app.toast(app.t("map.link.unknown", { names: unknown.join(app.lang === "zh" ? "、" : ", ") }), 8000);
    if (window.__ready || unknown.length) write();
  };
  const followHash = async (base = {}) => {
    following = true;
    const { state, unknown } = await known(app, parseHash(window.location.hash));
    await follow({ ...base, ...state }, unknown);
    return state;
  };
  window.addEventListener("popstate", ({ state }) => {
    if (!state?.planmap) return;
    own = window.location.hash;
    follow(state.planmap);
  });
  window.addEventListener("hashchange", () => {
    if (window.location.hash !== own) followHash();
  });
  const open = async () => {
    const asked = await followHash({ layers: app.layers.initial() });
    // The page that opened is the first step, as it then is.
    app.on("ready", soon);
    return asked;
  };
  return { permalink, opened: open() };
}

/** Put a state into the history: as a new entry after a deliberate step, else in the place of the one there is. */
function record(app, state, hash, deliberate) {
  const url = addressOf(app);
  url.hash = hash;
  // Notes are work: going back takes none away.
  const entry = { planmap: { ...state, notes: undefined, panel: state.panel ?? null, indicator: state.indicator ?? null, sheet: Boolean(state.sheet) } };
  try {
    if (deliberate) window.history.pushState(entry, "", url);
    else window.history.replaceState(entry, "", url);
  } catch {
    // A file opened from disk may refuse; the link can still be shared.
  }
}

/** The page's address with the view that is open. */
function addressOf(app) {
  const url = new URL(window.location.href);
  const { view, views = [] } = app.config;
  if (app.config.mode === "full" && view?.id && (url.searchParams.has("view") || view.id !== views[0]?.id)) {
    url.search = searchOf(url.search, view.id);
  }
  return url;
}

function searchOf(search, view) {
  const params = new URLSearchParams(search);
  params.set("view", view);
  return params.toString();
}

/** Names from an address are anybody's: no more than this is repeated. */
const NAME_LENGTH = 40;

/** The state without what this edition does not have, and what that is, in words. */
async function known(app, asked) {
  const state = { ...asked };
  const unknown = [];
  const drop = (key, id) => unknown.push(app.t(`map.link.${key}`, { name: String(id).slice(0, NAME_LENGTH) }));
  if (state.layers) {
    const found = state.layers.filter((id) => app.layerSpecs.has(id));
    for (const id of state.layers) if (!app.layerSpecs.has(id)) drop("layer", id);
    if (found.length || !state.layers.length) state.layers = found;
    else delete state.layers;
  }
  // Data that a link brings along are there before their indicator.
  if (state.own && app.own) await app.own.set(state.own);
  if (state.indicator && !(await hasIndicator(app, state.indicator.id))) {
    drop("indicator", state.indicator.id);
    // Where nothing else was asked for, the view opens as it always does.
    if (state.layers || state.map) state.indicator = null;
    else delete state.indicator;
  }
  if (state.selection && !(await hasFeature(app, state.selection))) {
    drop("feature", state.selection);
    state.selection = null;
  }
  const roomy = app.config.mode !== "embed" && media("spacious").matches;
  if (state.indicator && state.panel === undefined && roomy) state.panel = "indicators";
  return { state, unknown };
}

/** What cannot be read now is not unknown: the panel says so and offers another try. */
async function hasIndicator(app, id) {
  const payload = await app.data.indicators().catch(() => null);
  return !payload || payload.indicators.some((item) => item.id === id);
}

async function hasFeature(app, id) {
  const view = app.layers.view(id);
  if (view) return !view.kind?.beyond;
  if (app.config.layers.some((spec) => spec.tiles)) return app.data.feature(id).then(() => true, (error) => error.status !== 404);
  const records = await app.data.records().catch(() => null);
  return !records || records.some((item) => item.id === id);
}
