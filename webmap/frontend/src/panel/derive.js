/**
 * What is shown of an indicator, made of its values: one period of a series, a difference of two, a ratio to area or people, a rank;
 * and the classes of that. Gives payloads in the form of `/api/indicators/<id>/<level>`; nothing here touches the page.
 */
import { around, breaks, classesBy, tidy, typedClasses } from "./breaks.js";
import { ranks } from "./table.js";

/** A payload for one period out of the answer of `/api/observed/<id>/<level>/periods`; the last one with values where none is named. */
export function periodPayload(series, period) {
  const at = periodIndex(series, period);
  const values = series.places.map((one) => ({ place: one.place, name: one.name, name_en: one.name_en, value: at < 0 ? null : one.values[at], flag: "", note: one.notes?.[at] || "", note_en: "" }));
  const code = series.periods[at] ?? "";
  return {
    indicator: series.indicator,
    level: series.level,
    edition: series.edition,
    year: code ? Number(code.slice(0, 4)) : null,
    show: series.show,
    period: code,
    periods: series.periods,
    reason: null,
    values,
    total: null,
    classes: {},
    middle: series.middle ?? null,
    states: series.states,
  };
}

/**
 * Scenarios as a series whose periods are their codes, so that they are compared as years are.
 * @param scenarios `[{code, name, period}]`; @param payloads what each says, in the same order and by the same places
 */
export function seriesOfScenarios(scenarios, payloads) {
  const [first] = payloads;
  const values = payloads.map((payload) => new Map(payload.values.map((one) => [one.place, one.value])));
  return {
    indicator: { ...first.indicator, decimals: Math.max(...payloads.map((payload) => payload.indicator.decimals ?? 0)) },
    level: first.level,
    edition: first.edition,
    show: first.show,
    periods: scenarios.map((one) => one.code),
    names: scenarios.map((one) => (scenarios.every((other) => other.period === one.period) ? one.name : `${one.name} (${one.period})`)),
    years: scenarios.map((one) => one.period),
    places: first.values.map(({ place, name, name_en, note, note_en }) => ({ place, name, name_en, note, note_en, values: values.map((known) => known.get(place) ?? null) })),
    middle: null,
    states: [],
  };
}

/** What a period of a series is called: a scenario has a name, all others are their code. */
export const nameOf = (series, code) => series.names?.[series.periods.indexOf(code)] || code;

/** The newest year among periods that is not after another; "" where there is none. */
export const yearUpTo = (periods, year) => periods.filter((code) => /^\d{4}$/.test(code) && code <= year).sort().pop() || "";

function periodIndex(series, period) {
  const at = series.periods.indexOf(period);
  if (at >= 0) return at;
  for (let last = series.periods.length - 1; last >= 0; last -= 1) if (series.places.some((one) => isShown(one.values[last]))) return last;
  return series.periods.length - 1;
}

/** A course that cannot be told is no value. */
const isShown = (value) => value !== null && value !== undefined && value !== "unknown";

/** May a quantity be divided by area or people? A share, and what is per something already, may not. */
export function isAmount(indicator) {
  return !/[%‰/每]|per /i.test(`${indicator.unit || ""} ${indicator.unit_en || ""}`);
}

/** Which of `BYS` an indicator may be turned into. */
export function bysOf(indicator, { show, hasPeople }) {
  const amount = isAmount(indicator) && !["progress", "course"].includes(show);
  return ["", ...(amount ? ["km2", ...(hasPeople ? ["person"] : [])] : []), ...(show === "course" ? [] : ["rank"])];
}

/**
 * The payload with the look applied: its values, unit, decimals and classes.
 * @param payload what the server or `periodPayload` gave
 * @param given `{look, method, series, areas: Map(place → km²), people, ramps: {sequential, diverging}, beside}`; `people` and `series` are
 *   answers of `…/periods`, or null; `beside` is a payload that is seen in the same classes
 */
export function derived(payload, given) {
  const { look, method, series, ramps } = given;
  if (payload.states?.length) return payload;
  const own = turned(payload.values.map((one) => one.value), payload.period, given, payload);
  const indicator = { ...payload.indicator, ...unitOfTurned(payload.indicator, given), decimals: decimalsOf(own, payload, look) };
  const middle = look.by === "rank" ? null : look.from && series ? 0 : payload.middle ?? null;
  const kept = (look.keep || look.split) && series && series.periods.length > 1;
  const aims = given.beside ? turned(given.beside.values.map((one) => one.value), given.beside.period, { ...given, series: null }, given.beside) : [];
  const pool = kept || aims.length ? [...(kept ? everyPeriod(series, given, payload) : own), ...aims] : own;
  const made = classesOf(pool, { look, method, middle, ramps, decimals: indicator.decimals });
  return {
    ...payload,
    indicator,
    middle,
    kept: Boolean(kept) && !look.at.length,
    values: payload.values.map((one, at) => ({ ...one, value: own[at] })),
    total: look.by || look.from ? null : payload.total,
    classes: made ? { [method]: made } : {},
    most: greatest(pool),
  };
}

/** The values of a payload turned into what is looked at. */
function turned(values, period, given, payload) {
  const { look, series } = given;
  const places = payload.values.map((one) => one.place);
  let found = values.map((value) => (typeof value === "number" ? value : null));
  if (look.from && series) found = differences(found, period, series, look.from);
  const under = look.by === "km2" ? places.map((place) => given.areas.get(place)) : look.by === "person" && given.people ? valuesAt(given.people, period, places) : null;
  if (under) found = found.map((value, at) => (value === null || !(under[at] > 0) ? null : tidy(value / under[at])));
  return look.by === "rank" ? ranks(found) : found;
}

/** What changed since another period; none where either is missing or its scope is another. */
function differences(values, period, series, from) {
  const [now, then] = [series.periods.indexOf(period), series.periods.indexOf(from)];
  return values.map((value, at) => {
    const row = series.places[at];
    const before = row?.values[then];
    if (value === null || typeof before !== "number" || (row.scopes && row.scopes[now] !== row.scopes[then])) return null;
    return tidy(value - before);
  });
}

/** People of the same period, else of the year that it lies in; by place. */
function valuesAt(people, period, places) {
  const wanted = [period, String(period || "").slice(0, 4)].map((code) => people.periods.indexOf(code)).find((at) => at >= 0);
  const known = new Map(people.places.map((one) => [one.place, one.values]));
  return places.map((place) => (wanted === undefined ? null : known.get(place)?.[wanted]));
}

/** The turned values of all periods, for classes that stay the same. */
function everyPeriod(series, given, payload) {
  return series.periods.flatMap((period, at) => turned(series.places.map((one) => one.values[at] ?? null), period, given, payload));
}

function classesOf(pool, { look, method, middle, ramps, decimals }) {
  const values = pool.filter((value) => value !== null);
  if (look.at.length && method === "typed") return typedClasses(look.at, middle === null ? ramps.sequential : ramps.diverging || ramps.sequential);
  const sided = middle !== null && ramps.diverging ? around(values, middle, ramps.diverging) : null;
  if (sided) return sided;
  const made = classesBy(values, method === "typed" ? "quantiles" : method, ramps.sequential, decimals);
  // The first is the best: it has the darkest colour.
  return look.by === "rank" ? { ...made, colors: [...made.colors].reverse() } : made;
}

function unitOfTurned(indicator, { look, people }) {
  if (look.by === "rank") return { unit: "", unit_en: "" };
  const over = { km2: ["km²", "km²"], person: [people?.indicator.unit || "", people?.indicator.unit_en || people?.indicator.unit || ""] }[look.by];
  if (!over) return {};
  return { unit: `${indicator.unit || ""}/${over[0]}`, unit_en: `${indicator.unit_en || indicator.unit || ""}/${over[1]}` };
}

/** A ratio has three significant digits, at least as a rule; a rank none behind the point. */
function decimalsOf(values, payload, look) {
  if (look.by === "rank") return 0;
  if (!look.by) return look.from ? decimalsIn(values) : payload.indicator.decimals ?? null;
  const sizes = values.filter((value) => value).map(Math.abs).sort((a, b) => a - b);
  if (!sizes.length) return 0;
  return Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(sizes[sizes.length >> 1]))));
}

const decimalsIn = (values) => Math.min(6, Math.max(0, ...values.filter((one) => one !== null).map((one) => (String(one).split(".")[1] || "").length)));

const greatest = (values) => Math.max(0, ...values.filter((value) => value !== null).map(Math.abs));

/**
 * Two indicators in nine colours: a third of the units in each class of either.
 * @returns `{first, second, at: [cell or −1 a place]}`: breaks of both; a cell counts the first from 0 to 2 and three times the second
 */
export function ninth(first, second) {
  const made = [first, second].map((values) => breaks(values, "quantiles", 3));
  const place = (value, found) => {
    if (value === null || value === undefined || found.length < 2) return -1;
    const at = found.slice(1).findIndex((upper) => value <= upper);
    return Math.min(at < 0 ? 2 : at, 2);
  };
  const at = first.map((value, index) => {
    const [one, other] = [place(value, made[0]), place(second[index], made[1])];
    return one < 0 || other < 0 ? -1 : one + 3 * other;
  });
  return { first: made[0], second: made[1], at };
}

