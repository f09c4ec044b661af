/**
 * Filters of features: what was chosen, whether a feature passes, how it is written in the address. Pure;
 * the box is in `filters.js`.
 *
 * A feature is what the search index says of it: `{id, kind, layer, zone, status, basis, label, cites, lead_units}`.
 */

/** What can be chosen, in the order of the box; `claim` comes from a link of the page of checked figures. */
export const FIELDS = ["chapter", "box", "lead", "group", "zone", "status", "basis", "claim"];
/** Stands for: has none. */
export const NONE = "none";

/** `{chapter, box}` of a citation: `7.1.3` is of chapter 7, `专栏2-4` of box 专栏2, whose chapter the outline says. */
export function clauseOf(cite, boxChapters) {
  const text = String(cite);
  const section = /^(\d+)\.\d+(\.\d+)?$/.exec(text);
  if (section) return { chapter: section[1], box: "" };
  const box = text.replace(/-\d+$/, "");
  return { chapter: String(boxChapters[box] ?? ""), box };
}

/** The values of a feature for one filter. */
export function valuesOf(feature, field, context) {
  switch (field) {
    case "chapter":
    case "box":
      return [...new Set((feature.cites || []).map((cite) => clauseOf(cite, context.boxChapters)[field]).filter(Boolean))];
    case "lead":
      return feature.lead_units && feature.lead_units.length ? feature.lead_units : [NONE];
    case "group":
      return [context.groupOf(feature.layer)];
    case "zone":
      return feature.zone && feature.zone.length ? feature.zone : [NONE];
    case "basis":
      return [feature.label ? feature.basis || NONE : NONE];
    case "claim":
      return context.claimsOf(feature.id);
    default:
      return [feature[field] || NONE];
  }
}

/** Does a feature pass? Within a filter any of its values will do, all filters must hold. */
export function passes(feature, chosen, context) {
  return Object.entries(chosen).every(([field, wanted]) => {
    if (!wanted.length) return true;
    const own = valuesOf(feature, field, context);
    return wanted.some((value) => own.includes(value));
  });
}

/** The values of a filter with how many features each would leave, the other filters kept: `Map(value → count)`. */
export function countValues(features, field, chosen, context) {
  const others = { ...chosen, [field]: [] };
  const counts = new Map();
  for (const feature of features) {
    if (!passes(feature, others, context)) continue;
    for (const value of new Set(valuesOf(feature, field, context))) counts.set(value, (counts.get(value) || 0) + 1);
  }
  return counts;
}

/**
 * Layers of which features may pass though no list has them.
 * @param unlisted `[{layer, count}]`, as the search index has them
 * @param kindsOf `layer → [kind records]`; kinds of the ground are never listed
 * @param stay ids of the kinds that never step back on the map
 * @returns `[{layer, count, veiled}]`: whether what does not pass steps back on the map
 */
export function unlistedOf(unlisted, chosen, { groupOf }, kindsOf, stay) {
  const { group = [] } = chosen;
  return unlisted.flatMap(({ layer, count }) => {
    const kinds = kindsOf(layer).filter((kind) => kind.cited !== false);
    if (!kinds.length || (group.length && !group.includes(groupOf(layer)))) return [];
    return [{ layer, count, veiled: kinds.some((kind) => !stay.has(kind.id)) }];
  });
}

/** Is anything chosen? */
export function isSet(chosen) {
  return Object.values(chosen).some((values) => values.length > 0);
}

/** For the address: `chapter:7,8;lead:…`; values are percent-encoded, so that separators are only ours. */
export function formatFilter(chosen) {
  return FIELDS.filter((field) => chosen[field]?.length)
    .map((field) => `${field}:${chosen[field].map((value) => encodeURIComponent(value)).join(",")}`)
    .join(";");
}

const MOST_VALUES = 40;

/** The other way; what makes no sense is left out. */
export function parseFilter(text) {
  const chosen = {};
  for (const part of String(text).split(";")) {
    const cut = part.indexOf(":");
    const field = part.slice(0, cut);
    if (cut < 1 || !FIELDS.includes(field)) continue;
    const values = part.slice(cut + 1).split(",").map(decode).filter(Boolean);
    if (values.length) chosen[field] = [...new Set(values)].slice(0, MOST_VALUES);
  }
  return chosen;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
