/** The card of the selected feature; for a zone or township also its indicators and what lies in it. */
import { cardModel, containedIn, markedNotes, pick, placeIndicators } from "./card-model.js";
import { el, replace } from "../core/dom.js";
import { citeLabel, formatNumber, unitOf } from "../core/format.js";
import { leadName, linksOf } from "../core/links.js";
import { owns } from "../core/own.js";
import { copyText, layerOf, loadPlaces, notify, words } from "../core/places.js";
import { swatch } from "../map/swatch.js";
import { failure, openFor } from "./opening.js";

export { failure };

const LEVELS = ["district", "zone", "township"];
const FORMATS = [
  ["gpkg", "GeoPackage"],
  ["geojson", "GeoJSON"],
];
/** Names listed at once for one layer; the rest unfolds. */
const SHOWN_NAMES = 8;

/**
 * The card's part of the panel: a function that shows what was selected, `{id, feature, quiet}`. What opens the panel
 * is `asking.js`.
 */
export function installCard(app) {
  const body = app.panel.bodies.feature;
  let asked = 0;
  return async function show(detail) {
    const turn = ++asked;
    const id = detail && detail.id;
    if (!id) {
      replace(body, emptyCard(app));
      return;
    }
    try {
      const feature = detail.feature || (await app.data.feature(id));
      const [places, parts, figures, quotes] = await Promise.all([loadPlaces(app, feature.properties), partsOf(app, feature), figuresOf(app, feature), quotesOf(app, feature)]);
      if (turn !== asked) return;
      if (!detail.feature && !detail.quiet) openFor(app, feature);
      const card = buildCard(app, feature, { places, parts, figures, quotes });
      replace(body, card.node);
      body.scrollTop = 0;
      await card.later();
    } catch (error) {
      if (turn === asked) replace(body, failure(app, () => show(detail)));
      if (error.name !== "DataError") throw error;
    }
  };
}

/** The parts into which an assumed line cuts a township, as properties. */
async function partsOf(app, { properties }) {
  const layer = properties.kind === "township" && layerOf(app, "zone_part");
  if (!layer || layer.tiles) return [];
  const slug = properties.id.split("/").pop();
  const payload = await app.data.layer(layer.id).catch(() => ({ features: [] }));
  return payload.features.map((item) => ({ ...item.properties, id: item.id ?? item.properties.id })).filter((part) => (part.township || []).includes(slug));
}

/** A place's measures that are indicators too, `Map(property → {value, decimals, flag})`. */
async function figuresOf(app, { properties }) {
  const figures = new Map();
  if (!LEVELS.includes(properties.kind) || layerOf(app, properties.kind)?.tiles) return figures;
  const { indicators } = await app.data.indicators().catch(() => ({ indicators: [] }));
  const own = indicators.find((item) => item.id === "area_km2" && item.origin === "computed");
  if (!own) return figures;
  const district = properties.kind === "district";
  const payload = district ? null : await app.data.indicator(own.id, properties.kind).catch(() => null);
  const found = district ? { value: own.values?.district } : payload?.values.find((item) => item.place === properties.id);
  if (Number.isFinite(found?.value)) figures.set(own.id, { value: found.value, decimals: own.decimals, unit: unitOf(own, app.lang), flag: found.flag || "" });
  return figures;
}

/** The plan's own words on a feature, clause by clause; none where the edition has no text. */
async function quotesOf(app, feature) {
  if (!app.config.sentences) return [];
  const { sentences } = await app.data.sentences().catch(() => ({ sentences: {} }));
  const id = feature.id ?? feature.properties.id;
  return owns(sentences, id) ? sentences[id] : [];
}

function emptyCard(app) {
  return el("p", { class: "pm-empty", text: app.t("panels.card.empty") });
}

function contextOf(app, known) {
  const records = app.config.sources || {};
  const sources = new Map(Array.isArray(records) ? records.map((item) => [item.name, item]) : Object.entries(records));
  return { t: app.t, lang: app.lang, kinds: app.kinds, statuses: app.statuses, bases: app.bases, sources, ...known, unitOf: (id) => app.layers.view(id)?.properties, links: linksOf(app), leadName: (unit) => leadName(app, unit) };
}

function buildCard(app, feature, known) {
  const model = cardModel(feature, contextOf(app, known));
  const isPlace = LEVELS.includes(feature.properties.kind) && app.config.mode !== "embed";
  const indicators = isPlace ? el("section", { class: "pm-card-part" }) : null;
  const contents = isPlace && feature.properties.kind !== "district" ? el("section", { class: "pm-card-part" }) : null;
  const node = el("article", { class: "pm-card", "aria-labelledby": "pm-card-title" }, [
    header(app, model, feature),
    actions(app, model, feature),
    model.missing ? notice("pm-missing", app.t("panels.card.no_geometry"), model.missing) : null,
    model.assumed ? notice("pm-assumed", app.t("panels.card.assumed"), app.t("panels.card.assumed_how")) : null,
    el("dl", { class: "pm-facts" }, [model.rows.map((row) => factRow(app, row)), downloadRow(app, feature)]),
    known.quotes.length ? quotesPart(app, known.quotes) : null,
    indicators,
    contents,
  ]);
  const later = async () => {
    await Promise.all([
      indicators && fillIndicators(app, indicators, model, feature.properties.kind),
      contents && fillContents(app, contents, model.id),
    ]);
  };
  return { node, later };
}

/** Each clause's sentences with the name marked, and the way to the clause. */
function quotesPart(app, quotes) {
  const { t, lang } = app;
  const links = linksOf(app);
  return el("section", { class: "pm-card-part pm-quotes" }, [
    el("h3", { text: t("panels.card.words") }),
    quotes.map(({ cite, exact, more, parts }) => {
      const label = citeLabel(cite, t, lang);
      const href = links && links.clause(cite);
      return el("figure", { class: "pm-quote" }, [
        el("blockquote", { lang: "zh-CN" }, [el("bdi", {}, [parts.map((part) => (Array.isArray(part) ? el("mark", { text: part[0] }) : part)), more && !exact ? "……" : null])]),
        el("figcaption", {}, [href ? el("a", { class: "pm-link", href, text: label }) : label, exact ? null : el("span", { class: "pm-explain", text: t("panels.card.words_other") })]),
      ]);
    }),
  ]);
}

function header(app, model, feature) {
  const picture = model.kind ? swatch(model.kind, { color: feature.properties.color || "", status: model.status, basis: model.basis, assumed: model.assumed }) : null;
  return el("header", { class: "pm-card-head" }, [
    el("p", { class: "pm-card-kind" }, [picture, el("bdi", { text: model.kindName })]),
    el("h2", { id: "pm-card-title", class: "pm-card-title" }, [el("bdi", { text: model.title })]),
    model.alt ? el("p", { class: "pm-card-alt", lang: model.altLang === "zh" ? "zh-CN" : "en" }, [el("bdi", { text: model.alt })]) : null,
  ]);
}

function actions(app, model, feature) {
  const { t } = app;
  return el("div", { class: "pm-card-actions" }, [
    feature.geometry || feature.properties.unit ? el("button", { type: "button", class: "pm-action", text: t("panels.card.zoom"), onclick: () => app.select(model.id, { zoom: true }) }) : null,
    el("button", { type: "button", class: "pm-action pm-card-share", text: t("panels.card.share"), onclick: () => share(app) }),
    linksOf(app) ? el("a", { class: "pm-action", href: linksOf(app).feature(model.id), text: t("filters.feature_page") }) : null,
  ]);
}

/** The layer's files; not in an embed (a guest on another page) nor in a file without a server. */
function downloadRow(app, feature) {
  const { t, config } = app;
  const layer = layerOf(app, feature.properties.kind);
  const base = config.urls && config.urls.download;
  if (!base || !layer || config.mode === "embed") return null;
  const links = FORMATS.map(([ending, name]) => {
    const title = t("panels.card.download_title", { layer: app.name(layer), format: name });
    return el("a", { class: "pm-link", href: `${base}/${encodeURIComponent(layer.id)}.${ending}`, download: "", title, text: name });
  });
  return [el("dt", { text: t("panels.card.download") }), el("dd", { class: "pm-fact-download" }, joined(links, " · "))];
}

async function share(app) {
  const link = app.permalink ? app.permalink() : window.location.href;
  notify(app, app.t((await copyText(String(link))) ? "panels.card.shared" : "panels.copy_failed"));
}

function notice(name, title, text) {
  return el("div", { class: `pm-notice ${name}` }, [el("strong", { text: title }), el("p", {}, [words(text)])]);
}

function factRow(app, row) {
  const content = row.items.map((item) => {
    const inner = words(item.text);
    if (item.id) return el("button", { type: "button", class: "pm-link", onclick: () => app.select(item.id, { zoom: false }) }, [inner]);
    if (item.href) return el("a", { class: row.chips ? "pm-chip" : "pm-link", href: item.href, title: item.title || null }, [inner]);
    return el("span", { class: row.chips ? "pm-chip" : "pm-fact-item", title: item.title || null }, [inner]);
  });
  const separated = row.chips || row.list ? content : joined(content, app.lang === "zh" ? "、" : ", ");
  return [
    el("dt", { text: row.label }),
    el("dd", { class: `pm-fact-${row.key}${row.prose ? " pm-prose" : ""}${row.list ? " pm-fact-list" : ""}` }, [
      separated,
      row.mark ? el("span", { class: "pm-mark", text: row.mark, title: row.markTitle || null }) : null,
      row.explain ? el("p", { class: "pm-explain", text: row.explain }) : null,
    ]),
  ];
}

/** Nodes in a row; a separator never begins a line. */
function joined(nodes, separator) {
  return nodes.map((node, index) => (index < nodes.length - 1 ? [el("span", { class: "pm-item" }, [node, separator.trimEnd()]), separator.endsWith(" ") ? " " : ""] : node));
}

async function fillIndicators(app, section, model, level) {
  const { t, lang } = app;
  const heading = el("h3", { text: t("panels.card.indicators") });
  replace(section, heading, el("p", { class: "pm-loading", text: t("panels.loading") }));
  const list = (await app.data.indicators()).indicators.filter((item) => item.origin === "computed");
  const large = Boolean(layerOf(app, level)?.tiles);
  const fitting = list.filter((item) => (item.levels || []).includes(level));
  if (level === "district") {
    const rows = list
      .filter((item) => item.values && item.values.district !== null && item.values.district !== undefined)
      .map((item) => ({ ...describe(item, lang), value: item.values.district, flag: "", rank: null }));
    replace(section, rows.length ? [heading, indicatorTable(app, rows, null)] : []);
    return;
  }
  // Of very many places the figures of the one are asked for.
  const answers = await Promise.allSettled(fitting.map((item) => (large ? app.data.indicatorAt(item.id, level, model.id) : app.data.indicator(item.id, level))));
  const rows = placeIndicators(answers.filter((item) => item.status === "fulfilled").map((item) => item.value), model.id, lang);
  if (!rows.length) {
    replace(section);
    return;
  }
  replace(section, heading, indicatorTable(app, rows, level), el("p", { class: "pm-foot", text: t("panels.card.stated_only") }));
}

function describe(item, lang) {
  return { id: item.id, name: pick(item, "name", lang), domain: pick(item, "domain", lang), unit: unitOf(item, lang), decimals: item.decimals };
}

/** What is there comes first; what is zero or unknown unfolds. */
function indicatorTable(app, rows, level) {
  const { t, lang } = app;
  const there = rows.filter((row) => row.value);
  const rest = rows.filter((row) => !row.value);
  const notes = markedNotes(rows, t("panels.overlay.assumed"), lang);
  return [
    there.length ? indicatorRows(app, there, level) : null,
    notes.map((note) => el("p", { class: "pm-foot" }, [words(note)])),
    rest.length ? el("details", { class: "pm-more" }, [el("summary", { text: t("panels.card.rest", { count: rest.length }) }), indicatorRows(app, rest, level)]) : null,
  ];
}

function indicatorRows(app, rows, level) {
  const { t, lang } = app;
  const count = Math.max(0, ...rows.map((row) => row.count || 0));
  const body = [];
  let domain = null;
  for (const row of rows) {
    if (row.domain !== domain) body.push(el("tr", { class: "pm-domain-row" }, [el("th", { colspan: level ? 3 : 2, scope: "rowgroup" }, [el("bdi", { text: row.domain })])]));
    domain = row.domain;
    body.push(indicatorRow(app, row, level));
  }
  return el("table", { class: "pm-facts-table" }, [
    el("thead", { class: "pm-visually-hidden" }, [
      el("tr", {}, [
        el("th", { scope: "col", text: t("panels.overlay.choose") }),
        el("th", { scope: "col", text: t("panels.table.value") }),
        level ? el("th", { scope: "col", text: t("panels.card.rank"), title: t("panels.card.rank_how", { count: formatNumber(count, lang, 0) }) }) : null,
      ]),
    ]),
    el("tbody", {}, body),
  ]);
}

function indicatorRow(app, row, level) {
  const { t, lang } = app;
  const open = () => {
    app.setIndicator({ id: row.id, level, method: app.indicator?.method || "quantiles" });
    app.panel.open("indicators", { focus: true });
  };
  const name = level
    ? el("button", { type: "button", class: "pm-link-quiet", title: t("panels.card.show_on_map", { name: row.name }), onclick: open }, [el("bdi", { text: row.name })])
    : el("bdi", { text: row.name });
  return el("tr", { "data-indicator": row.id }, [
    el("th", { scope: "row" }, [name]),
    el("td", { class: "pm-num" }, [
      row.value === null
        ? el("span", { class: "pm-none", text: t("panels.overlay.no_data"), title: row.note || null })
        : formatNumber(row.value, lang, row.decimals),
      el("span", { class: "pm-star", text: row.flag === "assumed" ? row.star || "" : "" }),
      row.unit && row.value !== null ? el("span", { class: "pm-unit", text: row.unit }) : null,
    ]),
    level ? el("td", { class: "pm-num pm-rank", title: t("panels.card.rank_how", { count: row.count }), text: row.rank === null ? "" : `${row.rank}/${row.count}` }) : null,
  ]);
}

async function fillContents(app, section, id) {
  const { t } = app;
  const skip = new Set(["district", "zone", "zone_part", ...(id.startsWith("township/") ? ["township"] : [])]);
  const within = (app.config.layers || []).filter((layer) => !layer.tiles && !(layer.kinds || []).some((kind) => skip.has(kind)));
  const answers = await Promise.allSettled(within.map((layer) => app.data.layer(layer.id)));
  const groups = containedIn(id, within, answers.map((item) => (item.status === "fulfilled" ? item.value : null)), app.lang);
  const heading = el("h3", { text: t("panels.card.contains") });
  if (!groups.length) replace(section, heading, el("p", { class: "pm-foot", text: t("panels.card.contains_none") }));
  else replace(section, heading, el("dl", { class: "pm-contents" }, groups.map((group) => contentsRow(app, group))));
}

function contentsRow(app, { layer, items }) {
  const { t, lang } = app;
  const separator = lang === "zh" ? "、" : ", ";
  const links = items.map((item) => el("button", { type: "button", class: "pm-link", onclick: () => app.select(item.id, { zoom: true }) }, [words(item.name)]));
  const shown = joined(links.slice(0, SHOWN_NAMES), separator);
  const rest = links.slice(SHOWN_NAMES);
  const more = rest.length
    ? el("details", { class: "pm-more" }, [el("summary", { text: t("panels.card.more", { count: items.length }) }), el("p", {}, joined(rest, separator))])
    : null;
  return [el("dt", {}, [el("bdi", { text: app.name(layer) })]), el("dd", {}, [shown, more])];
}
