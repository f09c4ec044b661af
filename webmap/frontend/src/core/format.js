/** Numbers, units, citations and accuracy as words; nothing here touches the page, so node can test it. */

/** Narrow no-break space between a number and its unit. */
export const THIN = "\u202f";
const LOCALES = { zh: "zh-CN", en: "en-GB" };
/** A unit stands in narrow columns; whatever is longer is no unit and is cut. */
const UNIT_LENGTH = 32;
const DIGITS = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/**
 * A number in the page's language. With `decimals` exactly so many are written; without, as many as the
 * value carries (a figure that a plan states is repeated as it stands).
 */
export function formatNumber(value, lang, decimals = null) {
  if (value === null || value === undefined || !Number.isFinite(Number(value))) return "—";
  const options =
    decimals === null || decimals === undefined
      ? { maximumFractionDigits: 6 }
      : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat(LOCALES[lang] || lang, options).format(Number(value)).replace("-", "\u2212");
}

/** Number and unit; a percent or degree sign stands close, a dash for "no unit" is left out. */
export function withUnit(text, unit) {
  if (!unit || unit === "—" || unit === "-" || text === "—") return text;
  return /^[%‰°]/.test(unit) ? `${text}${unit}` : `${text}${THIN}${unit}`;
}

/** The unit of an indicator in the page's language, "" where it has none. */
export function unitOf(indicator, lang) {
  const unit = (lang === "en" ? indicator.unit_en || indicator.unit : indicator.unit) || "";
  if (unit === "—" || unit === "-") return "";
  return unit.length > UNIT_LENGTH ? `${unit.slice(0, UNIT_LENGTH - 1)}…` : unit;
}

/**
 * A stated observation (`{value, low, high, comparator, text}`) as written in the plan: "1,828.47",
 * "96–97", ">90", or its words; "—" where the plan gives nothing.
 */
export function statedText(observation, lang) {
  if (!observation) return "—";
  const { value, low, high, comparator } = observation;
  if (isNumber(low) && isNumber(high)) return `${formatNumber(low, lang)}–${formatNumber(high, lang)}`;
  if (isNumber(value)) return `${comparatorSign(comparator)}${formatNumber(value, lang)}`;
  return (lang === "en" ? observation.text_en || observation.text : observation.text) || "—";
}

export function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

function comparatorSign(comparator) {
  return { ">=": "≥", "<=": "≤", "~": "≈" }[comparator] || comparator || "";
}

/**
 * Change from baseline to target: `{kind: "points"|"ratio"|"none", value}`. Shares (unit %) differ by
 * percentage points, everything else by a ratio in percent. No change is claimed where either end is
 * words or a range, or a comparator leaves it open.
 */
export function change(baseline, target, unit) {
  const exact = (item) => item && isNumber(item.value) && !item.comparator && !isNumber(item.low);
  if (!exact(baseline) || !exact(target)) return { kind: "none", value: null };
  if (unit === "%") return { kind: "points", value: round(target.value - baseline.value, 6) };
  if (baseline.value === 0) return { kind: "none", value: null };
  return { kind: "ratio", value: (target.value / baseline.value - 1) * 100 };
}

export function round(value, decimals) {
  const factor = 10 ** decimals;
  return Math.round(value * factor) / factor;
}

/** 1 … 99 in Chinese numerals; anything else as digits. */
export function chineseNumeral(number) {
  if (!Number.isInteger(number) || number < 1 || number > 99) return String(number);
  const tens = Math.floor(number / 10);
  const ones = number % 10;
  return `${tens > 1 ? DIGITS[tens] : ""}${tens ? "十" : ""}${ones ? DIGITS[ones] : ""}`;
}

/** A citation (`7.1.3`, `9.1`, `专栏2-4`, `表2-17`) in words; a notation not known is shown as it is. */
export function citeLabel(cite, t, lang) {
  const clause = /^(\d+)\.(\d+)(?:\.(\d+))?$/.exec(cite);
  const numeral = (text) => (lang === "zh" ? chineseNumeral(Number(text)) : text);
  if (clause) {
    const params = { chapter: numeral(clause[1]), section: numeral(clause[2]), item: clause[3] };
    return t(clause[3] ? "panels.cite.section_item" : "panels.cite.section", params);
  }
  const listed = /^(专栏|表)(\d+)(?:-(\d+))?$/.exec(cite);
  if (!listed) return String(cite);
  const name = listed[1] === "专栏" ? "box" : "table";
  return t(listed[3] ? `panels.cite.${name}_item` : `panels.cite.${name}`, { number: listed[2], item: listed[3] });
}

/** "±300 m", "±1.5 km": the stated uncertainty, or "" where none is stated. */
export function accuracyText(metres, t, lang) {
  if (!isNumber(metres) || metres <= 0) return "";
  if (metres < 1000) return t("panels.card.accuracy_m", { value: formatNumber(metres, lang, 0) });
  return t("panels.card.accuracy_km", { value: formatNumber(metres / 1000, lang) });
}

/** A length in km, no finer than its uncertainty allows, with at least two significant digits. */
export function lengthText(km, accuracyM, t, lang) {
  return withUnit(formatNumber(km, lang, decimalsFor(km, (accuracyM || 0) / 1000)), t("panels.unit.km"));
}

/**
 * An area in km², no finer than its uncertainty allows: a boundary off by `a` km along the perimeter of
 * a square of this area (4·√A), on both sides alike, leaves about 2·√A·a in doubt.
 */
export function areaText(km2, accuracyM, t, lang) {
  const doubt = 2 * Math.sqrt(Math.max(km2, 0)) * ((accuracyM || 0) / 1000);
  return withUnit(formatNumber(km2, lang, decimalsFor(km2, doubt)), t("panels.unit.km2"));
}

/** How many decimals a value deserves: the last digit not below the doubt, two significant digits kept. */
export function decimalsFor(value, doubt) {
  const byDoubt = doubt > 0 ? Math.floor(-Math.log10(doubt)) : 2;
  const bySize = value > 0 ? 1 - Math.floor(Math.log10(value)) : 0;
  return Math.min(2, Math.max(0, bySize, byDoubt));
}
