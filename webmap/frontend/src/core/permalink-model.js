/**
 * The page's state in the hash part of its address:
 * `#map=12/30.16000/120.30000&layers=a,b&op=a:0.5&ind=area_km2:zone:quantiles&flt=chapter:7;status:building&sel=pole/xianghu&panel=feature`.
 * `base=on` switches the operator's base map on; `notes=` are notes drawn on the map (`notes/notes-model.js`), `own=` data that
 * somebody has brought along (`own/own-model.js`); how an indicator is looked at is the sixth part of `ind` (`panel/look-model.js`).
 * `scans=layout:0.7` are scanned maps that are on, with their opacity (`sheets/sheets-model.js`).
 * `surf=station:0.75` is an accessibility surface and its opacity.
 * `bounds=120.1,30.0,120.4,30.2` (west, south, east, north) in place of `map` is what an embed shows whatever its size.
 * Pure; `permalink.js` has the page's side.
 */
import { formatFilter, parseFilter } from "./filter-model.js";

/** The panel's tabs. */
export const TABS = ["feature", "indicators", "district"];

const CLOSED = "none";
const clean = (text) => encodeURIComponent(text).replace(/%2F/g, "/");

/** A state (see `app.state`) as the hash without "#". Five decimals are a metre. */
export function formatHash(state) {
  const parts = [];
  if (state.map) {
    const zoom = Math.round(state.map.zoom * 100) / 100;
    parts.push(`map=${zoom}/${state.map.lat.toFixed(5)}/${state.map.lng.toFixed(5)}`);
  }
  if (state.bounds) parts.push(`bounds=${state.bounds.map((degrees) => Number(degrees.toFixed(5))).join(",")}`);
  if (state.layers) parts.push(`layers=${state.layers.map(clean).join(",")}`);
  const opacity = Object.entries(state.opacity || {}).filter(([, value]) => value < 1);
  if (opacity.length) parts.push(`op=${opacity.map(([id, value]) => `${clean(id)}:${Math.round(value * 100) / 100}`).join(",")}`);
  if (state.indicator) {
    const { id, level, method, show, period, look } = state.indicator;
    const said = [id, level, method, show, show && period, look].map((one) => clean(one || "")).join(":");
    parts.push(`ind=${said.replace(/:+$/, "")}`);
  }
  if (state.basemap) parts.push("base=on");
  if (state.surface) parts.push(`surf=${clean(state.surface).replace("%3A", ":")}`);
  // Values are encoded already, see filter-model.js.
  if (state.filter) parts.push(`flt=${state.filter}`);
  if (state.selection) parts.push(`sel=${clean(state.selection)}`);
  // Encoded already.
  if (state.notes) parts.push(`notes=${state.notes}`);
  // Ids and numbers only, see sheets/sheets-model.js.
  if (state.scans) parts.push(`scans=${state.scans}`);
  if (state.own) parts.push(`own=${state.own}`);
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
  bounds(text, state) {
    const numbers = text.split(",").map(Number);
    const [west, south, east, north] = numbers;
    const sound = numbers.length === 4 && numbers.every(Number.isFinite) && west < east && south < north;
    if (sound && west >= -180 && east <= 180 && south >= -85 && north <= 85) state.bounds = numbers;
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
    const [id, level, method, show, period, look] = text.split(":").map(decode);
    if (id) state.indicator = { id, level: level || "zone", method: method || "quantiles", ...(show ? { show } : {}), ...(period ? { period } : {}), ...(look ? { look } : {}) };
  },
  base(text, state) {
    if (text === "on") state.basemap = true;
  },
  surf(text, state) {
    const surface = decode(text);
    if (/^[a-z0-9][a-z0-9_-]*(:[0-9.]{1,5})?$/.test(surface)) state.surface = surface;
  },
  flt(text, state) {
    state.filter = formatFilter(parseFilter(text));
  },
  notes(text, state) {
    state.notes = text;
  },
  scans(text, state) {
    if (/^[a-z0-9_:.,-]*$/.test(text)) state.scans = text;
  },
  own(text, state) {
    state.own = text;
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
