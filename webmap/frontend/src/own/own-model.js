/**
 * Own data as indicators that the page shows like the edition's, and as text in its address when they are few. Nothing here touches
 * the page; the text is anybody's.
 */
import { isOwn, OWN } from "../core/own-data.js";

/** Longer texts do not go into a link. */
export const MOST_LETTERS = 3000;
const MOST_PLACES = 600;
const MOST_COLUMNS = 24;
const NAME_LENGTH = 60;

/** `{title, level, columns: [{name, unit, period, values: Map(id → number)}]}` as text; null when too long for a link. */
export function formatOwn({ title, level, columns }) {
  // Asked at every move of the map: of tens of thousands of places no text is even begun.
  if (columns.some((column) => column.values.size > MOST_PLACES)) return null;
  const ids = [...new Set(columns.flatMap((column) => [...column.values.keys()]))];
  const heads = columns.map(({ name, unit, period }) => [name, unit, period].map(escape).join("*"));
  const rows = ids.map((id) => [escape(id.slice(level.length + 1)), ...columns.map((column) => column.values.get(id) ?? "")].join("*"));
  const text = [escape(title), level, heads.join("~"), rows.join("~")].join("!");
  return text.length > MOST_LETTERS ? null : text;
}

const escape = (text) => encodeURIComponent(text).replace(/[!~*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** The other way; null where it makes no sense. */
export function parseOwn(text) {
  const parts = String(text).split("!");
  if (parts.length !== 4 || text.length > 2 * MOST_LETTERS) return null;
  const [title, level, heads, rows] = parts;
  if (!["zone", "township"].includes(level)) return null;
  try {
    const columns = heads.split("~").slice(0, MOST_COLUMNS).map((head) => {
      const [name, unit = "", period = ""] = head.split("*").map(decodeURIComponent);
      return { name: name.slice(0, NAME_LENGTH), unit: unit.slice(0, 12), period: /^\d{4}$/.test(period) ? period : "", values: new Map() };
    });
    for (const row of rows.split("~").slice(0, MOST_PLACES)) {
      const [slug, ...values] = row.split("*");
      const id = `${level}/${decodeURIComponent(slug)}`;
      values.forEach((value, at) => {
        if (columns[at] && value !== "" && Number.isFinite(Number(value))) columns[at].values.set(id, Number(value));
      });
    }
    return columns.some((column) => column.values.size) ? { title: decodeURIComponent(title).slice(0, NAME_LENGTH), level, columns } : null;
  } catch {
    return null;
  }
}

/**
 * Own data in the form of the API's answers: `{indicators, periods, payload(id, level), series(id, level)}`.
 * @param places `[{id, name, name_en}]` of the level, in the map's order
 */
export function ownIndicators({ title, level, columns }, places) {
  const years = columns.filter((column) => column.period);
  // Columns that are called 2020, 2021 … are one indicator over time.
  const timed = years.length > 1 ? [{ name: title, unit: years.find((one) => one.unit)?.unit || "", years: [...years].sort((a, b) => a.period.localeCompare(b.period)) }] : [];
  const single = columns.filter((column) => years.length < 2 || !column.period).map((column) => ({ ...column, name: column.name, years: null }));
  const made = [...timed, ...single].map((one, at) => ({ ...one, record: record(one, `${OWN}${at}`, title, level) }));
  const of = (id) => made.find((one) => one.record.id === id);
  const named = (place, more) => ({ place: place.id, name: place.name, name_en: place.name_en || "", ...more });
  return {
    indicators: made.map((one) => one.record),
    periods: made.filter((one) => one.years).map((one) => ({ id: one.record.id, periods: { observed: one.years.map((year) => year.period) } })),
    payload(id, wanted) {
      const one = of(id);
      if (!one) return null;
      const values = one.years ? one.years[one.years.length - 1].values : one.values;
      const rows = wanted === level ? places.map((place) => named(place, { value: values.get(place.id) ?? null, flag: "", note: "", note_en: "" })) : [];
      return { indicator: one.record, level: wanted, edition: "", year: null, reason: rows.length ? null : "not_by_zone", values: rows, total: null, classes: {} };
    },
    series(id, wanted, show) {
      const one = of(id);
      if (!one?.years || wanted !== level || show !== "observed") return null;
      const rows = places.map((place) => named(place, { values: one.years.map((year) => year.values.get(place.id) ?? null) }));
      return { indicator: one.record, level, edition: "", show, periods: one.years.map((year) => year.period), places: rows, middle: null, states: [] };
    },
  };
}

function record(one, id, title, level) {
  let decimals = 0;
  for (const { values } of one.years || [one]) for (const value of values.values()) decimals = Math.max(decimals, (String(value).split(".")[1] || "").length);
  decimals = Math.min(4, decimals);
  return { id, name: one.name, name_en: "", unit: one.unit, unit_en: "", domain: title, domain_en: "", property: "", origin: "own", formula: "", formula_en: "", better: "", levels: [level], cites: [], flags: [], decimals, baseline: null, target: null, values: { district: null } };
}

export { isOwn };
