/**
 * The page's state in the hash part of its address:
 * `#map=12/30.16000/120.30000&layers=a,b&op=a:0.5&ind=area_km2:zone:quantiles&flt=chapter:7;status:building&sel=pole/xianghu&panel=feature`.
 */
import { media } from "./core/breakpoints.js";
import { formatFilter, parseFilter } from "./core/filter-model.js";
import { TABS } from "./panel/panel.js";

const CLOSED = "none";
const clean = (text) => encodeURIComponent(text).replace(/%2F/g, "/");

/** A state (see `app.state`) as the hash without "#". Five decimals are a metre. */
export function formatHash(state) {
  const parts = [];
  if (state.map) {
    const zoom = Math.round(state.map.zoom * 100) / 100;
    parts.push(`map=${zoom}/${state.map.lat.toFixed(5)}/${state.map.lng.toFixed(5)}`);
  }
  if (state.layers) parts.push(`layers=${state.layers.map(clean).join(",")}`);
  const opacity = Object.entries(state.opacity || {}).filter(([, value]) => value < 1);
  if (opacity.length) parts.push(`op=${opacity.map(([id, value]) => `${clean(id)}:${Math.round(value * 100) / 100}`).join(",")}`);
  if (state.indicator) {
    const { id, level, method } = state.indicator;
    parts.push(`ind=${[id, level, method].filter(Boolean).map(clean).join(":")}`);
  }
  // Values are encoded already, see filter-model.js.
  if (state.filter) parts.push(`flt=${state.filter}`);
  if (state.selection) parts.push(`sel=${clean(state.selection)}`);
  // "none" is said only where a selection or an indicator would open a panel.
  if (state.panel || (state.panel === null && (state.selection || state.indicator))) parts.push(`panel=${state.panel || CLOSED}`);
  return parts.join("&");
}

/** The other way. Parts that make no sense are left out, never an error: the text is anybody's. */
export function parseHash(hash) {
  const state = {};
  for (const part of String(hash).replace(/^#/, "").split("&")) {
    const cut = part.indexOf("=");
    if (cut < 1) continue;
    const read = READERS[part.slice(0, cut)];
    if (read) read(part.slice(cut + 1), state);
  }
  // A state that names a view names everything: what is missing is off.
  if (state.layers || state.map) {
    state.opacity ||= {};
    if (state.indicator === undefined) state.indicator = null;
    if (state.selection === undefined) state.selection = null;
    state.filter ??= "";
  }
  return state;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

const READERS = {
  map(text, state) {
    const [zoom, lat, lng] = text.split("/").map(Number);
    const sound = [zoom, lat, lng].every(Number.isFinite) && zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 85 && Math.abs(lng) <= 180;
    if (sound && text.split("/").length === 3) state.map = { zoom, lat, lng };
  },
  layers(text, state) {
    state.layers = text.split(",").map(decode).filter(Boolean);
  },
  op(text, state) {
    state.opacity = {};
    for (const item of text.split(",")) {
      const [id, value] = item.split(":");
      const number = Number(value);
      if (id && value && number >= 0 && number <= 1) state.opacity[decode(id)] = number;
    }
  },
  ind(text, state) {
    const [id, level, method] = text.split(":").map(decode);
    if (id) state.indicator = { id, level: level || "zone", method: method || "quantiles" };
  },
  flt(text, state) {
    state.filter = formatFilter(parseFilter(text));
  },
  sel(text, state) {
    const id = decode(text);
    if (id) state.selection = id;
  },
  panel(text, state) {
    if (TABS.includes(text)) state.panel = text;
    else if (text === CLOSED) state.panel = null;
  },
};

/** Write the state into the address as it changes, and follow the address when it changes. */
export async function installPermalink(app) {
  let own = null;
  let timer = 0;
  let following = true;
  const write = () => {
    if (following) return;
    own = `#${formatHash(app.state())}`;
    if (window.location.hash === own) return;
    try {
      window.history.replaceState(window.history.state, "", own);
    } catch {
      // A file opened from disk may refuse; the link can still be shared.
    }
    app.emit("link", own);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(write, 180);
  };
  app.permalink = () => {
    const url = new URL(window.location.href);
    url.hash = formatHash(app.state());
    return url.href;
  };
  // The other language keeps the state.
  document.getElementById("pm-lang")?.addEventListener("click", ({ currentTarget }) => {
    currentTarget.hash = formatHash(app.state());
  });
  for (const event of ["state", "panel"]) app.on(event, soon);
  app.map.on("moveend", soon);
  const follow = async (base = {}) => {
    following = true;
    const { state, unknown } = await known(app, parseHash(window.location.hash));
    await app.applyState({ ...base, ...state });
    following = false;
    if (state.map) app.placed = true;
    if (!unknown.length) return state;
    app.toast(app.t("map.link.unknown", { names: unknown.join(app.lang === "zh" ? "、" : ", ") }), 8000);
    write();
    return state;
  };
  window.addEventListener("hashchange", () => {
    if (window.location.hash !== own) follow();
  });
  return follow({ layers: app.layers.initial() });
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
  if (app.layers.view(id)) return true;
  const records = await app.search.records().catch(() => null);
  return !records || records.some((item) => item.id === id);
}
