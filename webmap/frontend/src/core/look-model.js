/**
 * How an indicator is looked at beyond level, classes and period, as it stands in the map's address: `by~km2!keep~0!at~10~20`.
 * Pure; the text is anybody's, so what makes no sense is left out.
 */

/** What a value is turned into: per square kilometre, per person, its rank. */
export const BYS = ["", "km2", "person", "rank"];
/** What the map shows it with: shaded areas, symbols as large as the value, bars, pies, two indicators in nine colours. */
export const FORMS = ["areas", "symbols", "bars", "pies", "two"];
/** Beside the map's own: swiped against what it is compared with (else the target, of a scenario what was observed), two or four maps. */
export const SPLITS = ["", "swipe", "2", "4"];
/** Bounds that may be typed, and indicators that may stand beside the first. */
export const MOST_BOUNDS = 8;
export const MOST_OTHERS = 4;

/** A period, or the code of a scenario. */
const COMPARED = /^(?:\d{4}(?:Q[1-4]|-(?:0[1-9]|1[0-2]))?|s[1-9]\d{0,8})$/;
const ID = /^[\w./-]{1,80}$/;

/** `{by, from, keep, at, as, others, split}`; what is not said is as if nobody had chosen. */
export function parseLook(text) {
  const look = { by: "", from: "", keep: true, at: [], as: "areas", others: [], split: "" };
  for (const part of String(text || "").slice(0, 600).split("!")) {
    const [key, ...values] = part.split("~");
    const [value] = values;
    if (key === "by" && BYS.includes(value)) look.by = value;
    else if (key === "from" && COMPARED.test(value)) look.from = value;
    else if (key === "keep") look.keep = value !== "0";
    else if (key === "at") look.at = boundsOf(values);
    else if (key === "as" && FORMS.includes(value)) look.as = value;
    else if (key === "with") look.others = [...new Set(values.filter((one) => ID.test(one)))].slice(0, MOST_OTHERS);
    else if (key === "split" && SPLITS.includes(value)) look.split = value;
  }
  return look;
}

/** The other way; "" where nothing was chosen. */
export function formatLook(look) {
  const parts = [
    look.by && `by~${look.by}`,
    look.from && `from~${look.from}`,
    look.keep ? "" : "keep~0",
    look.at.length && `at~${look.at.join("~")}`,
    look.as !== "areas" && `as~${look.as}`,
    look.others.length && `with~${look.others.join("~")}`,
    look.split && `split~${look.split}`,
  ];
  return parts.filter(Boolean).join("!");
}

/** Bounds typed by somebody: "10, 20; 30.5", full width too. Rising, each once; null where something is no number. */
export function typedBounds(text) {
  const plain = String(text).normalize("NFKC").replace(/−/g, "-").replace(/、/g, ",");
  const parts = plain.split(/[,;，；\s]+/).filter(Boolean);
  const numbers = parts.map(Number);
  if (!parts.length || parts.length > MOST_BOUNDS || numbers.some((one) => !Number.isFinite(one))) return null;
  return rising(numbers);
}

const boundsOf = (values) => rising(values.filter(Boolean).map(Number).filter(Number.isFinite).slice(0, MOST_BOUNDS));
const rising = (numbers) => [...new Set(numbers)].sort((a, b) => a - b);
