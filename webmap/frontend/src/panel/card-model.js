/** What a feature card says, as plain data; `card.js` puts it on the page. */
import { accuracyText, citeLabel, footnote, formatNumber, markOf, measureText, pick, unitOf, withUnit } from "../core/format.js";

export { pick, sentence } from "../core/format.js";

/**
 * The card of a feature.
 * @param feature GeoJSON, properties as in DESIGN.md
 * @param context `{t, lang, kinds, statuses, bases, sources, places}`: records by id (Map), `places`
 *   `Map(id → properties)` of zones and townships; `parts`: properties of the zone parts of this township;
 *   `figures`: `Map(property → {value, decimals, flag})`, what indicators of the same name say of this place
 * @returns `{id, title, alt, altLang, kind, status, assumed, missing, rows}`; a row is
 *   `{key, label, items: [{text, id?, title?, small?}], explain?, mark?}`
 */
export function cardModel(feature, context) {
  const { t, lang } = context;
  const properties = feature.properties;
  const kind = context.kinds.get(properties.kind) || null;
  const [title, alt] = lang === "en" && properties.name_en ? [properties.name_en, properties.name] : [properties.name, properties.name_en];
  const known = Boolean(feature.geometry || properties.unit);
  const missing = known ? "" : pick(properties, "no_geometry", lang) || t("panels.card.no_geometry_default");
  return {
    id: feature.id ?? properties.id,
    title: title || properties.id,
    alt: alt && alt !== title ? alt : "",
    altLang: lang === "en" ? "zh" : "en",
    kind,
    kindName: kind ? pick(kind, "name", lang) : properties.kind || "",
    status: context.statuses.get(properties.status) || null,
    basis: context.bases.get(properties.basis) || null,
    assumed: Boolean(properties.assumed),
    missing,
    rows: rowsOf(feature, context).filter(Boolean),
  };
}

function rowsOf(feature, context) {
  const { t, lang } = context;
  const properties = feature.properties;
  const plain = (key, texts) => texts.length > 0 && { key, label: t(`panels.card.${key}`), items: texts.map((text) => ({ text })) };
  const note = pick(properties, "note", lang);
  return [
    plain("aliases", properties.aliases || []),
    statusRow(properties, context),
    unitRow(properties, context),
    placeRow("zone", properties, context),
    placeRow("township", properties, context),
    partsRow(context),
    measureRow(properties, context),
    citesRow(properties, context),
    leadsRow(properties, context),
    feature.geometry || properties.unit ? basisRow(properties, context) : null,
    sourcesRow(properties, context),
    plain("code", properties.code ? [properties.code] : []),
    note ? { ...plain("note", [note]), prose: true } : null,
  ];
}

function statusRow(properties, { t, lang, statuses }) {
  const status = statuses.get(properties.status);
  if (!properties.status) return null;
  return { key: "status", label: t("panels.card.status"), items: [{ text: status ? pick(status, "name", lang) : properties.status }] };
}

function placeRow(level, properties, { t, lang, places }) {
  const slugs = properties[level] || [];
  if (!slugs.length || properties.kind === level) return null;
  const items = slugs.map((slug) => {
    const id = `${level}/${slug}`;
    const place = places.get(id);
    return { text: place ? pick(place, "name", lang) : slug, id: place ? id : null };
  });
  const row = { key: level, label: t(`panels.card.${level}`), items };
  if (level === "zone" && properties.zone_from) row.mark = t(`panels.card.zone_${properties.zone_from}`);
  return row;
}

/** The area that is all that is known of the position. */
function unitRow({ unit }, { t, lang, unitOf = () => null }) {
  const record = unit && unitOf(unit);
  return unit ? { key: "unit", label: t("panels.card.unit"), items: [{ text: record ? pick(record, "name", lang) : unit, id: unit }] } : null;
}

/** A township in two zones: by which shares, and its parts. */
function partsRow({ t, lang, parts = [] }) {
  const whole = parts.reduce((sum, part) => sum + (part.area_km2 || 0), 0);
  if (parts.length < 2 || !(whole > 0)) return null;
  const ordered = [...parts].sort((a, b) => b.area_km2 - a.area_km2);
  const shares = ordered.map((part) => withUnit(formatNumber((part.area_km2 / whole) * 100, lang, 0), "%")).join(" / ");
  return {
    key: "parts",
    label: t("panels.card.parts"),
    items: ordered.map((part) => ({ text: pick(part, "name", lang), id: part.id })),
    explain: t("panels.card.parts_how", { count: parts.length, shares }),
  };
}

function measureRow(properties, { t, lang, figures }) {
  let text = measureText(properties, t, lang);
  if (!text) return null;
  const isArea = properties.symbolic || properties.area_km2 > 0;
  const row = { key: isArea ? "area" : "length", label: t(isArea ? "panels.card.area" : "panels.card.length") };
  if (properties.symbolic) return { ...row, items: [{ text }] };
  // One figure, one way of writing it: as the indicator further down and the table have it.
  const figure = isArea && figures?.get("area_km2");
  if (figure) text = withUnit(formatNumber(figure.value, lang, figure.decimals), figure.unit ?? t("words.unit.km2"));
  return { ...row, items: [{ text }], mark: t("panels.card.computed"), markTitle: t("panels.card.computed_how") };
}

function citesRow(properties, { t, lang, links }) {
  const cites = properties.cites || [];
  if (!cites.length) return null;
  const labels = properties.cite_labels || [];
  const items = cites.map((cite, index) => ({ text: labels[index] || citeLabel(cite, t, lang), title: cite, ...(links ? { href: links.clause(cite) } : {}) }));
  return { key: "cites", label: t("panels.card.cites"), items, chips: true };
}

function leadsRow(properties, { t, links, leadName = (unit) => unit }) {
  const units = properties.lead_units || [];
  if (!units.length) return null;
  const items = units.map((unit) => ({ text: leadName(unit), ...(links ? { href: links.lead(unit) } : {}) }));
  return { key: "lead_units", label: t("panels.card.lead_units"), items };
}

/** "概化示意，约 ±800 米，不作划界依据": the basis, the stated accuracy, and what it is no good for. */
function basisRow(properties, { t, lang, bases }) {
  const basis = bases.get(properties.basis);
  if (!properties.basis && !properties.accuracy_m) return null;
  const parts = [basis ? pick(basis, "name", lang) : properties.basis, accuracyText(properties.accuracy_m, t, lang)];
  if (!["official", "surveyed"].includes(properties.basis)) parts.push(t("panels.card.no_boundary"));
  return {
    key: "basis",
    label: t("panels.card.basis"),
    items: [{ text: parts.filter(Boolean).join(t("panels.card.joint")) }],
    explain: basis ? pick(basis, "explain", lang) : "",
  };
}

function sourcesRow(properties, { t, lang, sources }) {
  const names = properties.sources || [];
  if (!names.length) return null;
  const items = names.map((name) => {
    const record = sources.get(name);
    const title = record ? pick(record, "title", lang) || name : name;
    const detail = record ? [record.attribution, record.licence].filter(Boolean).join(" · ") : "";
    return { text: title, title: detail };
  });
  return { key: "sources", label: t("panels.card.sources"), items, list: true };
}

/**
 * The computed indicators of a place: `[{id, name, value, flag, note, unit, decimals, rank, count, domain}]`.
 * @param payloads answers of `/api/indicators/<id>/<level>`
 */
export function placeIndicators(payloads, placeId, lang) {
  const rows = [];
  for (const payload of payloads) {
    const own = payload.values.find((item) => item.place === placeId);
    if (!own) continue;
    const { indicator } = payload;
    const known = payload.values.map((item) => item.value).filter((value) => value !== null && value !== undefined);
    const has = own.value !== null && own.value !== undefined;
    rows.push({
      id: indicator.id,
      name: pick(indicator, "name", lang),
      domain: pick(indicator, "domain", lang),
      unit: unitOf(indicator, lang),
      decimals: indicator.decimals,
      value: has ? own.value : null,
      flag: own.flag || "",
      note: pick(own, "note", lang),
      rank: !has ? null : Number.isFinite(own.rank) ? own.rank : 1 + known.filter((value) => value > own.value).length,
      count: Number.isFinite(own.rank) ? own.of : known.length,
    });
  }
  return rows;
}

/**
 * The notes under a place's figures, each once and with the names of the figures that it is about; the rows get
 * their marks as `star`.
 */
export function markedNotes(rows, usual, lang) {
  const notes = new Map();
  for (const row of rows.filter((item) => item.flag === "assumed")) {
    const text = row.note || usual;
    notes.set(text, [...(notes.get(text) || []), row]);
  }
  return [...notes].map(([text, of], index) => {
    for (const row of of) row.star = markOf(index + 1);
    return footnote(index + 1, of.map((row) => row.name), text, lang);
  });
}

/**
 * Features of the plan whose `zone` or `township` names the place, as `[{layer, items: [{id, name}]}]` in
 * layer order. Ground, which no clause speaks of, is left out; townships are named all the same.
 */
export function containedIn(placeId, layers, payloads, lang) {
  const [level, slug] = placeId.split(/\/(.*)/s);
  const groups = [];
  layers.forEach((layer, index) => {
    const features = payloads[index] ? payloads[index].features : [];
    const items = features
      .filter(({ properties }) => (properties[level] || []).includes(slug) && properties.id !== placeId)
      .filter(({ properties }) => (properties.cites || []).length > 0 || properties.kind === "township")
      .map((feature) => ({ id: feature.id ?? feature.properties.id, name: pick(feature.properties, "name", lang) }));
    if (items.length) groups.push({ layer, items });
  });
  return groups;
}
