/** The `app` object: the one thing every part of the page knows. See DESIGN.md, "The page". */
import { createBus } from "./bus.js";
import { createData } from "./data.js";
import { createTranslator, pick } from "./i18n.js";

/** Records by id; the server may send a list of records or a mapping already. */
export function byId(records) {
  if (!records) return new Map();
  if (Array.isArray(records)) return new Map(records.map((record) => [record.id, record]));
  return new Map(Object.entries(records).map(([id, record]) => [id, { id, ...record }]));
}

export function createApp(map, config) {
  const bus = createBus();
  const lang = config.lang === "en" ? "en" : "zh";
  const t = createTranslator(config.messages || {}, lang);
  const app = {
    map,
    config,
    lang,
    t,
    /** The name of any record (feature properties, layer, kind, view) in the page's language. */
    name: (record) => pick(record, "name", lang),
    /** Any field that has an `_en` twin. */
    text: (record, field) => pick(record, field, lang),
    data: createData(config),
    on: bus.on,
    emit: bus.emit,
    kinds: byId(config.kinds),
    statuses: byId(config.statuses),
    bases: byId(config.bases),
    ramps: byId(config.ramps),
    layerSpecs: byId(config.layers),
    groups: config.groups || [],
    selected: null,
    hovered: null,
    indicator: null,
  };
  return app;
}
