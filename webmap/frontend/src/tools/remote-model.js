/**
 * The messages by which a page drives the map in its frame, checked; docs/embed/README.md describes them. Pure;
 * `remote.js` has the page's side. A message is anybody's: nothing of it is used that is not read here.
 */
import { owns } from "../core/own.js";
import { formatFilter, parseFilter } from "../core/filter-model.js";

export const VERSION = 1;
/** Characters of an id or a name, entries of a list, characters of a filter. */
const MOST_TEXT = 200;
const MOST_ENTRIES = 200;
const MOST_FILTER = 2000;
const LEVELS = ["zone", "township", "district"];
const METHODS = ["quantiles", "equal_interval", "natural_breaks", "pretty", "deviation"];
const CLOSEST = 24;
const [FIRST_YEAR, LAST_YEAR] = [1900, 2200];

/** What is wrong with a message: `code` for programs, `field` where it is. */
export class Refused extends Error {
  constructor(code, field = "", value = "") {
    super(code);
    this.code = code;
    this.field = field;
    this.value = String(value).slice(0, 60);
  }
}

const bad = (field) => {
  throw new Refused("bad_value", field);
};
const isText = (value, most = MOST_TEXT) => typeof value === "string" && value.length <= most;
const text = (value, field) => (isText(value) && value ? value : bad(field));
const number = (value, field, low, high) => (Number.isFinite(value) && value >= low && value <= high ? value : bad(field));
const flag = (value, field, fallback) => (value === undefined ? fallback : typeof value === "boolean" ? value : bad(field));
const oneOf = (value, field, list, fallback) => (value === undefined || value === null ? fallback : list.includes(value) ? value : bad(field));

function bounds(value) {
  if (!Array.isArray(value) || value.length !== 4) bad("bounds");
  const [west, south, east, north] = value;
  number(west, "bounds", -180, 180);
  number(east, "bounds", -180, 180);
  number(south, "bounds", -85, 85);
  number(north, "bounds", -85, 85);
  return west < east && south < north ? [west, south, east, north] : bad("bounds");
}

const READERS = {
  setView(given) {
    const state = {};
    if (given.view !== undefined) state.view = text(given.view, "view");
    if (given.bounds !== undefined) state.bounds = bounds(given.bounds);
    else if (given.center !== undefined || given.zoom !== undefined) {
      if (!Array.isArray(given.center) || given.center.length !== 2) bad("center");
      const [lng, lat] = given.center;
      state.map = { lng: number(lng, "center", -180, 180), lat: number(lat, "center", -85, 85), zoom: number(given.zoom, "zoom", 0, CLOSEST) };
    }
    return Object.keys(state).length ? state : bad("view");
  },
  setLayers({ layers }) {
    if (!Array.isArray(layers) || layers.length > MOST_ENTRIES) bad("layers");
    return { layers: [...new Set(layers.map((id) => text(id, "layers")))] };
  },
  setLayer({ layer, visible, opacity }) {
    if (visible === undefined && opacity === undefined) bad("visible");
    return {
      layer: text(layer, "layer"),
      visible: flag(visible, "visible", undefined),
      opacity: opacity === undefined ? undefined : number(opacity, "opacity", 0, 1),
    };
  },
  setIndicator({ indicator, level, method }) {
    if (indicator === null) return { indicator: null };
    return { indicator: text(indicator, "indicator"), level: oneOf(level, "level", LEVELS, "zone"), method: oneOf(method, "method", METHODS, "quantiles") };
  },
  setTime({ year }) {
    return { year: year === null ? null : Number.isInteger(year) ? number(year, "year", FIRST_YEAR, LAST_YEAR) : bad("year") };
  },
  setFilter({ filter }) {
    return { filter: isText(filter, MOST_FILTER) ? formatFilter(parseFilter(filter)) : bad("filter") };
  },
  select({ feature, zoom, card }) {
    const asked = { zoom: flag(zoom, "zoom", false), card: flag(card, "card", true) };
    return { feature: feature === null ? null : text(feature, "feature"), ...asked };
  },
  getState: () => ({}),
};

export const COMMANDS = Object.keys(READERS);

/**
 * A message as it came: null when it is not meant for us, else `{reply, command, args}` or `{reply, refused}`. `reply`
 * is what the sender wants to know its answer by: a text or a number, or undefined.
 */
export function readMessage(message) {
  if (typeof message !== "object" || message === null || Array.isArray(message) || !owns(message, "planmap")) return null;
  // What we send ourselves, come back.
  if (owns(message, "event")) return null;
  const reply = isText(message.id) || Number.isFinite(message.id) ? message.id : undefined;
  try {
    if (message.planmap !== VERSION) throw new Refused("unknown_version", "planmap", message.planmap);
    const { command } = message;
    if (typeof command !== "string" || !owns(READERS, command)) throw new Refused("unknown_command", "command", typeof command === "string" ? command : "");
    return { reply, command, args: READERS[command](message) };
  } catch (error) {
    return { reply, refused: error instanceof Refused ? error : new Refused("bad_value") };
  }
}

/** May a page of this origin drive the map? `null` is what browsers call a page from disk; `own` is the server's, whose pages may. */
export const mayDrive = (origins, origin, own = "") => origins.includes("*") || origins.includes(origin) || (origin === own && /^https?:/.test(own));

/** Where answers go: to the page that asked and no other; a page from disk has no address but any. */
export const answerTo = (origin) => (origin === "null" || !origin ? "*" : origin);
