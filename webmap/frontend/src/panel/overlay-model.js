/** An indicator by zone or township, as plain data for map, legend, table and bars; see `overlay.js`. */
import { breakDecimals, classEntries, classOf, valueDecimals } from "./classes.js";
import { linearScale } from "./chart.js";
import { formatNumber, markOf, pick, unitOf } from "../core/format.js";
import { ranks } from "./table.js";

/** What may be shown of observed values; "" is what the plan or its geometry gives. */
export const SHOWS = ["", "observed", "target", "change", "progress", "course"];

/** What may be shown of a scenario; its code stands where the period of others does. */
export const SCENARIO_SHOWS = ["scenario", "scenario_gap"];

export const METHODS = ["quantiles", "equal_interval", "natural_breaks"];

/**
 * Everything the overlay shows.
 * @param payload the answer of `/api/indicators/<id>/<level>`
 * @param method one of `METHODS`; an unknown one counts as the first that the payload has
 * @param context `{t, lang, noData}`: `noData` is the colour for a unit without a value
 * @returns `{title, unit, decimals, reason, rows, entries, hasNone, hasAssumed, paint, labels, scale, …}`;
 *   `paint` and `labels` are `Map(place id → colour | text)`, `labels` to be asked by `get`, `has` and `size`
 */
export function overlayModel(payload, method, context) {
  const { t, lang, noData } = context;
  const { indicator, level } = payload;
  const decimals = indicator.decimals ?? null;
  // A course is no quantity.
  const unit = payload.states?.length ? "" : unitOf(indicator, lang);
  const states = payload.states || [];
  // A course is a word: the better ones count as more, so that they sort; what cannot be told has no value.
  const numbers = payload.values.map((item) => (states.length ? rankOf(item.value, states) : (item.value ?? null)));
  const classes = classesOf(payload, method);
  // A value is written as exactly as the classes are: else it may seem to lie in another one.
  const digits = classes && decimals !== null && !states.length ? breakDecimals(numbers, classes.breaks, decimals) : decimals;
  const exact = (value) => (digits === decimals ? decimals : valueDecimals(value, decimals, digits));
  const write = (value) => (states.length ? t(`panels.overlay.course_${states[states.length - 1 - value]}`) : formatNumber(value, lang, exact(value)));
  const places = ranksOf(payload, numbers);
  const colors = context.course || [];
  const none = payload.show ? t("panels.overlay.no_data") : t(indicator.origin === "stated" ? "panels.overlay.not_by_zone" : "panels.overlay.no_data");
  const say = (value) => (value === null ? none : write(value));
  const rows = payload.values.map((item, index) => {
    const value = numbers[index];
    const at = states.length && value !== null ? states.length - 1 - value : classes ? Math.min(classOf(value, classes.breaks), classes.colors.length - 1) : -1;
    const row = new Row(say);
    row.id = item.place;
    row.name = pick(item, "name", lang) || item.place;
    row.alt = (lang === "en" ? item.name : item.name_en) || "";
    row.value = value;
    row.rank = places[index];
    row.class = at;
    row.color = value === null || at < 0 ? noData : states.length ? colors[at] || noData : classes.colors[at];
    row.assumed = item.flag === "assumed";
    row.note = pick(item, "note", lang) || (row.assumed ? t("panels.overlay.assumed_short") : "");
    return row;
  });
  const valued = rows.filter((row) => row.value !== null);
  const notes = notesOf(rows);
  const levelName = t(`panels.overlay.${level}`);
  return {
    id: indicator.id,
    level,
    indicator,
    title: pick(indicator, "name", lang),
    unit,
    decimals,
    year: payload.scenario ? payload.year : payload.period || payload.year,
    // Wherever it is shown, a scenario says that it is none of the plan's.
    mark: payload.scenario ? t("panels.overlay.scenario_mark", { name: payload.scenario.name }) : "",
    show: payload.show || "",
    periods: payload.periods || [],
    categories: states.length > 0,
    reason: payload.reason || (valued.length ? null : "no_value"),
    rows,
    entries: states.length ? stateEntries(states, numbers, colors, write, noData) : classes ? classEntries(classes, numbers, decimals ?? 0, lang, digits ?? undefined) : [],
    notes,
    hasNone: rows.some((row) => row.value === null),
    noData,
    hasAssumed: rows.some((row) => row.assumed),
    paint: new Map(rows.map((row) => [row.id, row.color])),
    labels: new Labels(valued),
    scale: linearScale(valued.map((row) => row.value), 100),
    tick: (value) => formatNumber(value, lang),
    levelName,
    totalName: t("panels.overlay.total"),
    totalText: isValue(payload.total) ? write(payload.total) : "",
    caption: t("panels.overlay.caption", { indicator: pick(indicator, "name", lang), level: levelName, unit: unit || t("panels.overlay.count_unit") }),
  };
}

/** Of very many rows few are ever read: their texts are written then. */
class Row {
  constructor(say) {
    this.say = say;
  }

  get text() {
    return this.say(this.value);
  }
}

/** Ranks by payload: other classes of the same values change none of them. */
const RANKED = new WeakMap();

function ranksOf(payload, numbers) {
  if (!RANKED.has(payload)) RANKED.set(payload, ranks(numbers));
  return RANKED.get(payload);
}

/** `Map(place id → text)` of rows that have a value; a text is written when it is asked for. */
class Labels extends Map {
  constructor(rows) {
    super();
    for (const row of rows) super.set(row.id, row);
  }

  get(id) {
    const row = super.get(id);
    return row && `${row.text}${row.star || ""}`;
  }
}

/** A course as a number: 1 for the second worst, more for better ones; null for what cannot be told. */
function rankOf(state, states) {
  const at = states.indexOf(state);
  return at < 0 || at === states.length - 1 ? null : states.length - 1 - at;
}

function stateEntries(states, numbers, colors, write, noData) {
  const shown = states.slice(0, -1).map((_, at) => states.length - 1 - at);
  return shown.map((value, at) => ({ color: colors[at] || noData, text: write(value), count: numbers.filter((item) => item === value).length }));
}

/**
 * What is to be said of single units, `[{text, star, places: [names]}]`; the same words are said once, the rows get
 * their marks as `star`.
 */
export function notesOf(rows) {
  const notes = new Map();
  for (const row of rows.filter((item) => item.note)) {
    if (!notes.has(row.note)) notes.set(row.note, []);
    notes.get(row.note).push(row);
  }
  let marked = 0;
  return [...notes].map(([text, of]) => {
    // What holds for all needs no mark.
    const general = of.length === rows.length && !of.some((row) => row.assumed);
    const star = general ? "" : markOf(++marked);
    for (const row of of) row.star = star;
    return { text, star, places: of.length === rows.length ? [] : of.map((row) => row.name) };
  });
}

/** Breaks and colours of a method, null where the payload has no classes (no values at all). */
export function classesOf(payload, method) {
  const all = payload.classes || {};
  const chosen = all[method] || all.zero || METHODS.map((name) => all[name]).find(Boolean);
  if (!chosen || !chosen.breaks || chosen.breaks.length < 2 || !chosen.colors.length) return null;
  return chosen;
}

const isValue = (value) => value !== null && value !== undefined;

/**
 * Area layers that would lie over the shading and falsify its colours: polygons that are on, are not the
 * units themselves, outlines or ground.
 * @param specs layers `{id, kinds, geometry, group}`; `kinds` Map of kind records
 */
export function layersInTheWay(specs, kinds, isVisible) {
  return specs.filter((spec) => {
    const own = (spec.kinds || []).map((id) => kinds.get(id)).filter(Boolean);
    if (!own.some((kind) => kind.geometry === "polygon")) return false;
    if (own.some((kind) => UNITS.has(kind.id))) return false;
    return own.some((kind) => isTranslucent(kind.symbol || {})) && isVisible(spec.id);
  });
}

const UNITS = new Set(["district", "zone", "zone_part", "township"]);

// An opaque area (water, neighbours) is a thing of its own; a translucent one mixes with the colour below.
function isTranslucent(symbol) {
  const opacity = symbol.fill_opacity ?? 1;
  return opacity > 0 && opacity < 1;
}
