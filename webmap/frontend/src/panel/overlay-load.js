/** What an overlay shows, fetched and made into its model: values of one period or of all, areas, people, the indicators beside it. */
import { formatNumber, pick, unitOf, withUnit } from "../core/format.js";
import { layerOf } from "../core/places.js";
import { METHODS } from "./overlay-form.js";
import { derived, isAmount, ninth, periodPayload } from "./derive.js";
import { formatLook, parseLook } from "./look-model.js";
import { marksModel } from "./marks-model.js";
import { nestedPicture, ninePicture } from "./marks.js";
import { SCENARIO_SHOWS, overlayModel } from "./overlay-model.js";
import { spread } from "./side-by-side.js";

/** The flag of the indicator that counts a place's people. */
export const PEOPLE = "population";
/** Radius of the greatest circle in a legend, px. */
const LEGEND_RADIUS = 22;
const MOST_YEARS = 6;

/** Fetch what a spec asks for: `{payload, look, method, series, others}`. */
export async function load(app, spec) {
  const look = parseLook(spec.look);
  const method = METHODS.includes(spec.method) ? spec.method : METHODS[0];
  const { level, show } = spec;
  const scenario = SCENARIO_SHOWS.includes(show);
  const series = show && !scenario ? await app.data.observedPeriods(spec.id, level, show) : null;
  const raw = scenario ? await scenarioPayload(app, spec) : series ? periodPayload(series, spec.period) : show ? await app.data.observedLevel(spec.id, level, show, spec.period) : await app.data.indicator(spec.id, level);
  const plain = !series && !formatLook({ ...look, keep: true }) && raw.classes?.[method];
  if (plain) return { payload: raw, look, method, series: null, others: [] };
  const people = look.by === "person" ? await peopleOf(app, level) : null;
  const areas = look.by === "km2" ? await areasOf(app, level) : new Map();
  const ramps = { sequential: app.ramps.get("sequential")?.colors || [...app.ramps.values()][0]?.colors || [], diverging: app.ramps.get("diverging")?.colors };
  const target = look.split === "swipe" && series ? await app.data.observedPeriods(spec.id, level, "target") : null;
  const given = { look, method, series, areas, people, ramps, beside: target };
  const others = ["bars", "pies", "two"].includes(look.as) ? await Promise.all(look.others.map((id) => beside(app, id, level, raw))) : [];
  return { payload: derived(raw, given), raw, look, method, series, target, others: others.filter(Boolean), given };
}

/** A scenario's values; what is missing and what is too much lie on either side of nothing. */
async function scenarioPayload(app, { period, show }) {
  const payload = await app.data.scenarioLevel(period, show);
  return show === "scenario_gap" ? { ...payload, middle: 0 } : payload;
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
async function beside(app, id, level, { show, period }) {
  try {
    if (!show) return await app.data.indicator(id, level);
    const series = await app.data.observedPeriods(id, level, "observed");
    return series && series.periods.includes(period) ? periodPayload(series, period) : null;
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
  Object.assign(model, { series, sided: payload.middle !== null && payload.middle !== undefined && method !== "typed", kept: payload.kept, timed: Boolean(series) && payload.show !== "target" });
  if (look.from && series) model.said = t("overlay.since", { from: look.from });
  if (look.by) model.said = [model.said || (model.show ? t(`panels.overlay.show_${model.show}`) : ""), t(`overlay.by_${look.by}`)].filter(Boolean).join(" · ");
  if (model.reason || model.categories) return model;
  if (look.as === "two") return others.length ? twoModel(app, model, payload, others[0]) : model;
  if (look.as !== "areas") return marked(app, model, shown);
  return model;
}

/** What stands side by side: `[{title, period, model}]`; `chosen` are periods that somebody has chosen for single maps. */
export function sidesOf(app, shown, chosen) {
  const { look, series, target, given, payload } = shown;
  if (!look.split || !series) return null;
  const { t } = app;
  const plain = { ...shown, look: { ...look, as: "areas" } };
  const side = (title, period, one) => ({ title, period, model: modelOf(app, { ...plain, payload: one }) });
  if (look.split === "swipe") {
    const last = target && target.periods.length ? periodPayload(target, target.periods[target.periods.length - 1]) : null;
    // In the classes of what was observed, which the target's values are counted among.
    const aim = last && { ...derived(last, { ...given, series: null }), classes: payload.classes };
    return [side(`${t("panels.overlay.show_observed")} ${payload.period}`, payload.period, payload), aim ? side(t("panels.overlay.show_target"), "", aim) : { title: t("panels.overlay.show_target"), period: "", model: null }];
  }
  const periods = spread(series.periods, Number(look.split)).map((period, at) => (series.periods.includes(chosen[at]) ? chosen[at] : period));
  return periods.map((period) => side(period, period, { ...derived(periodPayload(series, period), given), classes: payload.classes }));
}

/** Symbols, bars or pies on units that are left as paper. */
function marked(app, model, shown) {
  const { t, lang } = app;
  const { look, payload } = shown;
  const colors = app.ramps.get("sequential")?.colors || [];
  const parts = look.as === "symbols" ? [] : partsOf(app, shown);
  if (look.as === "pies" && (parts.length < 2 || !isAmount(payload.indicator))) return Object.assign(model, { grading: t("overlay.pies_need") });
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
    const from = Math.max(0, series.periods.length - MOST_YEARS);
    // Years are an order: from light to dark.
    const steps = app.ramps.get("sequential")?.colors || ramp;
    return series.periods.slice(from).map((period, at) => ({ ...part(period, payload.indicator.unit, series.places.map((one) => [one.place, one.values[from + at] ?? null]), at), color: steps[Math.min(at + Math.max(0, steps.length - (series.periods.length - from)), steps.length - 1)] }));
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
