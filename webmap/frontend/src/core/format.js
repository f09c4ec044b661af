/**
 * Numbers, units, measures, citations and accuracy as words; nothing here touches the page, so node can test it.
 * The server's `layers/words.py` says the same: `tests/words.json` holds the cases that both must pass.
 */

/** Narrow no-break space between a number and its unit. */
export const THIN = "\u202f";
/** What stands where there is nothing to say. */
export const NONE = "—";
/** How a plan writes that a figure has no unit. */
const NO_UNIT = new Set(["", "—", "–", "-"]);
/** Lengths that differ by less than this share are the same to a reader. */
const SAME_LENGTH = 0.01;
/** Of a number that says itself how exact it is. */
const MOST_DECIMALS = 6;
/** A unit stands in narrow columns; whatever is longer is no unit and is cut. */
const UNIT_LENGTH = 32;
const DIGITS = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/**
 * A positive number with commas, rounded half up by its shortest decimals, as `Intl.NumberFormat` writes it in both languages: making
 * one of those takes an engine a long task, the first time.
 */
function written(value, least, most) {
  const [mantissa, exponent] = value.toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const kept = Number(exponent) + 1 + most;
  let whole = BigInt(kept > 0 ? digits.slice(0, kept).padEnd(kept, "0") : 0);
  if (kept >= 0 && digits[kept] >= "5") whole += 1n;
  const all = String(whole).padStart(most + 1, "0");
  const decimals = most ? all.slice(-most) : "";
  const needed = Math.max(least, decimals.replace(/0+$/, "").length);
  return all.slice(0, all.length - most).replace(/\B(?=(\d{3})+$)/g, ",") + (needed ? `.${decimals.slice(0, needed)}` : "");
}

/**
 * A number; both languages write it alike. With `decimals` exactly so many are written; without, as many as the
 * value carries (a figure that a plan states is repeated as it stands). Zero is "0": decimals would claim
 * that it was measured.
 */
export function formatNumber(value, _lang, decimals = null) {
  if (value === null || value === undefined || !Number.isFinite(Number(value))) return NONE;
  if (Number(value) === 0) return "0";
  const shown = written(Math.abs(Number(value)), decimals ?? 0, decimals ?? MOST_DECIMALS);
  return Number(value) < 0 && /[1-9]/.test(shown) ? `\u2212${shown}` : shown;
}

/** Number and unit; a percent or degree sign stands close, a × before a unit that begins with a number ("10k t"),
 * a dash for "no unit" is left out. */
export function withUnit(text, unit) {
  if (!unit || NO_UNIT.has(unit) || text === NONE) return text;
  if (/^\p{Nd}/u.test(unit)) return `${text}${THIN}×${THIN}${unit}`;
  return /^[%‰°]/.test(unit) ? `${text}${unit}` : `${text}${THIN}${unit}`;
}

/** The unit of an indicator in the page's language, "" where it has none. */
export function unitOf(indicator, lang) {
  const unit = pick(indicator, "unit", lang);
  if (NO_UNIT.has(unit)) return "";
  return unit.length > UNIT_LENGTH ? `${unit.slice(0, UNIT_LENGTH - 1)}…` : unit;
}

/**
 * A stated observation (`{value, low, high, comparator, text}`) as written in the plan: "1,828.47",
 * "96–97", "≥2,600", or its words; "—" where the plan gives nothing.
 */
export function statedText(observation, lang) {
  if (!observation) return NONE;
  const { value, low, high, comparator } = observation;
  if (isNumber(low) && isNumber(high)) return `${formatNumber(low, lang)}–${formatNumber(high, lang)}`;
  if (isNumber(value)) return `${comparatorSign(comparator)}${formatNumber(value, lang)}`;
  return pick(observation, "text", lang) || NONE;
}

/** A field in the page's language, the other language's where it is missing, "" where both are. */
export function pick(record, field, lang) {
  const [zh, en] = [record[field] || "", record[`${field}_en`] || ""];
  return lang === "en" ? en || zh : zh || en;
}

export function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

function comparatorSign(comparator) {
  return { ">=": "≥", "<=": "≤", ">": ">", "<": "<", "~": "≈" }[comparator] || "";
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
  const listed = /^([^\d\s.-]+)(\d+)(?:-(\d+))?$/.exec(cite);
  if (!listed) return String(cite);
  const key = `panels.cite.mark.${listed[1]}`;
  const mark = t(key);
  // A text that is not there comes back as its key.
  if (mark === key) return String(cite);
  return t(listed[3] ? "panels.cite.numbered_item" : "panels.cite.numbered", { mark, number: listed[2], item: listed[3] });
}

/** "±300 m", "±1.5 km": the stated uncertainty, or "" where none is stated. */
export function accuracyText(metres, t, lang) {
  if (!isNumber(metres) || metres <= 0) return "";
  if (metres < 1000) return withUnit(`±${formatNumber(metres, lang, 0)}`, t("words.unit.m"));
  return withUnit(`±${formatNumber(metres / 1000, lang)}`, t("words.unit.km"));
}

/** A length in km, no finer than its uncertainty allows, with at least two significant digits. */
export function lengthText(km, accuracyM, t, lang) {
  return withUnit(formatNumber(km, lang, decimalsFor(km, (accuracyM || 0) / 1000)), t("words.unit.km"));
}

/**
 * An area in km², no finer than its uncertainty allows: a boundary off by `a` km along the perimeter of
 * a square of this area (4·√A), on both sides alike, leaves about 2·√A·a in doubt.
 */
export function areaText(km2, accuracyM, t, lang) {
  const doubt = 2 * Math.sqrt(Math.max(km2, 0)) * ((accuracyM || 0) / 1000);
  return withUnit(formatNumber(km2, lang, decimalsFor(km2, doubt)), t("words.unit.km2"));
}

/** How large a feature is, from its properties; "" for a point. A shape that only marks a place has no size. */
export function measureText(properties, t, lang) {
  const { length_km: length, length_inside_km: inside, area_km2: area, accuracy_m: accuracy } = properties;
  if (properties.symbolic) return t("words.symbolic");
  if (area > 0) return areaText(area, accuracy, t, lang);
  if (!(length > 0)) return "";
  const whole = lengthText(length, accuracy, t, lang);
  if (!isNumber(inside) || length - inside <= SAME_LENGTH * length) return whole;
  return t("words.length_inside", { whole, inside: lengthText(inside, accuracy, t, lang) });
}

/** The mark of a footnote, from 1: it must not read as arithmetic ("42.6*2"). */
export function markOf(index) {
  return index >= 1 && index <= 20 ? String.fromCharCode(0x2460 + index - 1) : `(${index})`;
}

/** A note under figures: its mark, the figures that it is about, what it says as a sentence. */
export function footnote(index, names, note, lang) {
  const [comma, colon] = lang === "zh" ? ["、", "："] : [", ", ": "];
  return `${markOf(index)} ${names.join(comma)}${colon}${sentence(note, lang)}`;
}

/** Words as a whole sentence: a capital first, a full stop last. */
export function sentence(text, lang) {
  const trimmed = text.trim();
  const ended = /[.!?。！？]$/.test(trimmed) ? trimmed : `${trimmed}${lang === "zh" ? "。" : "."}`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}

/** How many decimals a value deserves: the last digit not below the doubt, two significant digits kept. */
export function decimalsFor(value, doubt) {
  const byDoubt = doubt > 0 ? Math.floor(-Math.log10(doubt)) : 2;
  const bySize = value > 0 ? 1 - Math.floor(Math.log10(value)) : 0;
  return Math.min(2, Math.max(0, bySize, byDoubt));
}

/** The short form of a line's name for its shield: "地铁2号线一期" → "2号线", "Metro Line 2" → "Line 2". */
export function shieldText(name) {
  const match = /\d+\s*号线/.exec(name) || /Line\s+\w+/i.exec(name);
  return match ? match[0] : name;
}

/**
 * The choices of the indicator list: `[{label, options: [{id, name}]}]`, computed ones by domain first,
 * then what the plan states for the district.
 */
export function indicatorGroups(indicators, { t, lang }) {
  const groups = new Map();
  for (const origin of ["own", "computed", "stated"]) {
    for (const item of indicators.filter((one) => one.origin === origin)) {
      const domain = pick(item, "domain", lang);
      const key = `${origin} ${domain}`;
      if (!groups.has(key)) groups.set(key, { label: t(`panels.overlay.group_${origin}`, { domain }), options: [] });
      groups.get(key).options.push({ id: item.id, name: pick(item, "name", lang) });
    }
  }
  return [...groups.values()];
}
