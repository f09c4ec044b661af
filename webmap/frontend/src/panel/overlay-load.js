/** What an overlay shows, fetched and made into its model: values of one period or of all, areas, people, the indicators beside it. */
import { formatNumber, pick, unitOf, withUnit } from "../core/format.js";
import { layerOf } from "../core/places.js";
import { METHODS } from "./overlay-form.js";
import { derived, isAmount, nameOf, ninth, periodPayload, seriesOfScenarios, yearUpTo } from "./derive.js";
import { formatLook, parseLook } from "../core/look-model.js";
import { marksModel } from "./marks-model.js";
import { nestedPicture, ninePicture } from "./marks.js";
import { SCENARIO_SHOWS, overlayModel } from "./overlay-model.js";
import { spread } from "./side-by-side.js";

/** The flag of the indicator that counts a place's people. */
export const PEOPLE = "population";
/** Radius of the greatest circle in a legend, px. */
const LEGEND_RADIUS = 22;
const MOST_YEARS = 6;
/** Scenarios that are compared at once. */
const MOST_SCENARIOS = 12;

/** Fetch what a spec asks for: `{payload, look, method, series, target, others}`; `target` is what a swipe holds it against. */
export async function load(app, spec) {
  const asked = parseLook(spec.look);
  const method = METHODS.includes(spec.method) ? spec.method : METHODS[0];
  const { level, show } = spec;
  const scenario = SCENARIO_SHOWS.includes(show);
  // What stands beside the other is seen as it is, no difference of both.
  const look = { ...asked, from: asked.split === "swipe" || (scenario && asked.split) ? "" : asked.from, keep: asked.keep && !scenario };
  const series = scenario ? await scenarioSeries(app, spec, asked) : show ? await app.data.observedPeriods(spec.id, level, show) : null;
  const raw = scenario ? await scenarioPayload(app, spec) : series ? periodPayload(series, spec.period) : show ? await app.data.observedLevel(spec.id, level, show, spec.period) : await app.data.indicator(spec.id, level);
  const plain = !series && !formatLook({ ...look, keep: true }) && raw.classes?.[method];
  if (plain) return { payload: raw, look, method, series: null, others: [] };
  const people = look.by === "person" ? await peopleOf(app, level) : null;
  const areas = look.by === "km2" ? await areasOf(app, level) : new Map();
  const ramps = { sequential: app.ramps.get("sequential")?.colors || [...app.ramps.values()][0]?.colors || [], diverging: app.ramps.get("diverging")?.colors };
  const target = look.split === "swipe" && series ? await swipedAgainst(app, spec, series, asked.from) : null;
  const given = { look, method, series, areas, people, ramps, beside: target?.payload };
  const others = ["bars", "pies", "two"].includes(look.as) ? await Promise.all(look.others.map((id) => beside(app, id, level, raw))) : [];
  return { payload: derived(raw, given), raw, look, method, series, target, others: others.filter(Boolean), given };
}

/** A scenario's values; what is missing and what is too much lie on either side of nothing. */
async function scenarioPayload(app, { period, show }) {
  const payload = await app.data.scenarioLevel(period, show);
  return show === "scenario_gap" ? { ...payload, middle: 0 } : payload;
}

/**
 * The scenarios of an indicator and a level as a series whose periods are their codes, for what compares them; else null. The one
 * that is shown comes first.
 */
async function scenarioSeries(app, { id, level, show, period }, look) {
  const compares = look.from || look.split || (look.as === "bars" && !look.others.length);
  if (show !== SCENARIO_SHOWS[0] || !compares) return null;
  const { scenarios } = await app.data.scenarios();
  const alike = scenarios.filter((one) => one.indicator === id && one.level === level);
  const wanted = [period, look.from].filter(Boolean);
  const chosen = [...alike].sort((a, b) => wanted.includes(b.code) - wanted.includes(a.code) || (b.code === period) - (a.code === period)).slice(0, MOST_SCENARIOS);
  const payloads = await Promise.all(chosen.map((one) => app.data.scenarioLevel(one.code, show)));
  return seriesOfScenarios(chosen, payloads);
}

/** `{name, payload, period}`: the period or the scenario that was chosen, else the target, of a scenario what was observed then. */
async function swipedAgainst(app, { id, level, show, period }, series, from) {
  const { t } = app;
  if (from && series.periods.includes(from) && from !== period) return { name: nameOf(series, from), payload: periodPayload(series, from), period: from };
  if (show !== SCENARIO_SHOWS[0]) {
    const target = await app.data.observedPeriods(id, level, "target");
    return target?.periods.length ? { name: t("panels.overlay.show_target"), payload: periodPayload(target, target.periods[target.periods.length - 1]), period: "" } : null;
  }
  const observed = await app.data.observedPeriods(id, level, "observed");
  const year = observed && yearUpTo(observed.periods, String(series.years[series.periods.indexOf(period)]));
  return year ? { name: `${t("panels.overlay.show_observed")} ${year}`, payload: periodPayload(observed, year), period: year } : null;
}

/** People by place and period; null where the plan has none. */
async function peopleOf(app, level) {
  const { indicators } = await app.data.indicators();
  const found = indicators.find((item) => (item.flags || []).includes(PEOPLE));
  return found ? app.data.observedPeriods(found.id, level, "observed") : null;
}

/** Areas of the units in km², as the map has them. */
async function areasOf(app, level) {
  const layer = layerOf(app, level);
  const entry = layer && (await app.layers.load(layer.id));
  return new Map([...(entry?.views || [])].map(([id, view]) => [id, view.properties.area_km2]));
}

/** The values of an indicator beside the first one, of the same period; null where there are none. */
async function beside(app, id, level, { show, period, scenario, year }) {
  try {
    if (!show) return await app.data.indicator(id, level);
    const series = await app.data.observedPeriods(id, level, "observed");
    // Beside a scenario stands what was observed in its year, else in the newest one before it.
    const code = scenario && series ? yearUpTo(series.periods, String(year)) : period;
    return series && series.periods.includes(code) ? periodPayload(series, code) : null;
  } catch {
    return null;
  }
}

/** The model of what was fetched, with what is drawn on the units and its legend. */
export function modelOf(app, shown) {
  const { payload, method, look, series, others } = shown;
  const { t, lang } = app;
  const ramp = app.ramps.get("sequential") || [...app.ramps.values()][0] || {};
  const model = overlayModel(payload, method, { t, lang, noData: ramp.no_data, course: app.ramps.get("course")?.colors });
  Object.assign(model, { series, sided: payload.middle !== null && payload.middle !== undefined && method !== "typed", kept: payload.kept && !payload.scenario, timed: hasValues(series) && !payload.scenario && payload.show !== "target" });
  if (look.from && series) model.said = t(payload.scenario ? "overlay.less" : "overlay.since", { from: nameOf(series, look.from) });
  if (look.by) model.said = [model.said || (model.show ? t(`panels.overlay.show_${model.show}`) : ""), t(`overlay.by_${look.by}`)].filter(Boolean).join(" · ");
  if (model.reason || model.categories) return model;
  if (look.as === "two") return others.length ? twoModel(app, model, payload, others[0]) : model;
  if (look.as !== "areas") return marked(app, model, shown);
  return model;
}

/** Whether any unit has a value at any time: else there is nothing to go through. */
function hasValues(series) {
  return Boolean(series) && series.places.some((one) => one.values.some((value) => value !== null && value !== undefined));
}

/** What stands side by side: `[{title, period, model}]`; `chosen` are periods that somebody has chosen for single maps. */
export function sidesOf(app, shown, chosen) {
  const { look, series, target, given, payload } = shown;
  if (!look.split || !series) return null;
  const { t } = app;
  const plain = { ...shown, look: { ...look, as: "areas" } };
  const side = (title, period, one) => ({ title, period, model: modelOf(app, { ...plain, payload: one }) });
  if (look.split === "swipe") {
    // In the classes of what is shown, which the other's values are counted among.
    const aim = target && { ...derived(target.payload, { ...given, series: null }), classes: payload.classes };
    const own = side(payload.scenario ? nameOf(series, payload.period) : `${t("panels.overlay.show_observed")} ${payload.period}`, payload.period, payload);
    if (!aim) return [own, { title: t(payload.scenario ? "panels.overlay.show_observed" : "panels.overlay.show_target"), period: "", model: null }];
    const other = side(target.name, target.period, aim);
    // What came first lies to the left: what was observed before a target or a scenario, a period before a later one.
    return payload.scenario || (target.period && target.period < payload.period) ? [other, own] : [own, other];
  }
  // Scenarios are in no order but that of the choice.
  const among = payload.scenario ? series.periods.slice(0, Number(look.split)) : series.periods;
  const periods = spread(among, Number(look.split)).map((period, at) => (series.periods.includes(chosen[at]) ? chosen[at] : period));
  return periods.map((period) => side(nameOf(series, period), period, { ...derived(periodPayload(series, period), given), classes: payload.classes }));
}

/** What the map still waits for before it shows what was chosen, in words; "" where nothing is missing. */
export function waitsFor(app, { look, payload, others, series }) {
  const { t } = app;
  const amount = isAmount(payload.indicator);
  if (look.as === "two") return others.length ? "" : t(look.others.length ? "overlay.wait_none_then" : "overlay.wait_two");
  if (look.as === "pies") return !amount ? t("overlay.pies_never") : others.length ? "" : t(look.others.length ? "overlay.wait_none_then" : "overlay.wait_pies");
  if (look.as === "bars" && !others.length) return look.others.length ? t("overlay.wait_none_then") : series ? "" : t("overlay.wait_bars");
  return "";
}

/** Symbols, bars or pies on units that are left as paper. */
function marked(app, model, shown) {
  const { t, lang } = app;
  const { look, payload } = shown;
  const colors = app.ramps.get("sequential")?.colors || [];
  const parts = look.as === "symbols" ? [] : partsOf(app, shown);
  if (look.as === "pies" && (parts.length < 2 || !isAmount(payload.indicator))) return model;
  const below = app.ramps.get("diverging")?.colors?.[0] || colors[0];
  const marks = marksModel(look.as, model.rows, parts, { most: payload.most, color: colors[colors.length - 2], below });
  const paper = new Map(model.rows.map((row) => [row.id, row.value === null ? model.noData : colors[0]]));
  const write = (value) => withUnit(formatNumber(value, lang), model.unit);
  const legend = look.as === "symbols" ? { entries: marks.items.some((item) => item.value < 0) ? [{ color: below, text: t("overlay.below"), plain: true }] : [], picture: () => nestedPicture(marks, LEGEND_RADIUS, write) } : { entries: parts.map((part) => ({ color: part.color, text: part.name, plain: true })) };
  const grading = t(`overlay.as_${look.as}_how`);
  return Object.assign(model, { marks, paint: paper, grading, ...legend });
}

/** What bars and pies consist of: the indicators chosen beside the first, else the periods of it. */
function partsOf(app, { payload, raw, series, others, look }) {
  const { lang } = app;
  const ramp = app.ramps.get("parts")?.colors || [];
  const part = (name, unit, rows, at) => ({ name, unit, color: ramp[at % ramp.length], values: new Map(rows) });
  if (!others.length && look.as === "bars" && series) {
    const bar = (code, at) => part(nameOf(series, code), payload.indicator.unit, series.places.map((one) => [one.place, one.values[series.periods.indexOf(code)] ?? null]), at);
    if (series.names) return series.periods.slice(0, Math.min(MOST_YEARS, ramp.length)).map(bar);
    // Years are an order, which scenarios are not: from light to dark.
    const [years, steps] = [series.periods.slice(-MOST_YEARS), app.ramps.get("sequential")?.colors || ramp];
    return years.map((code, at) => ({ ...bar(code, at), color: steps[Math.min(at + Math.max(0, steps.length - years.length), steps.length - 1)] }));
  }
  const all = [raw, ...others];
  return all.map((one, at) => part(`${pick(one.indicator, "name", lang)}${unitOf(one.indicator, lang) ? ` (${unitOf(one.indicator, lang)})` : ""}`, one.indicator.unit, one.values.map((row) => [row.place, row.value ?? null]), at));
}

/** Two indicators in nine colours. */
function twoModel(app, model, payload, other) {
  const { t, lang } = app;
  const nine = app.ramps.get("bivariate")?.colors || [];
  const second = new Map(other.values.map((row) => [row.place, row.value]));
  const values = model.rows.map((row) => row.value);
  const made = ninth(values, model.rows.map((row) => second.get(row.id) ?? null));
  const names = [model.title, pick(other.indicator, "name", lang)];
  const { rows } = model;
  rows.forEach((row, at) => (row.color = made.at[at] < 0 ? model.noData : nine[made.at[at]]));
  const missing = made.at.filter((at) => at < 0).length;
  return Object.assign(model, {
    paint: new Map(rows.map((row) => [row.id, row.color])),
    entries: nine.map((color, at) => ({ color, text: t("overlay.nine", { first: t(`overlay.third_${at % 3}`), second: t(`overlay.third_${Math.floor(at / 3)}`) }), count: made.at.filter((one) => one === at).length, plain: true })).filter((entry) => entry.count),
    hasNone: missing > 0,
    grading: t("overlay.as_two_how", { first: names[0], second: names[1] }),
    picture: () => ninePicture(nine, names, t("overlay.as_two_how", { first: names[0], second: names[1] })),
  });
}
