/**
 * Where the page gets its data: the server's JSON, or the payloads that a stand-alone file carries in
 * `config.data` under the same addresses. Every address is asked once; the browser's cache and the
 * server's ETag do the rest.
 */
import { joined } from "./columns.js";
import { owns } from "./own.js";
import { isOwn } from "./own-data.js";
import { unstepped } from "./steps.js";

/** The type of an entry of the search index that is a feature. */
export const FEATURE = "feature";

/** Characters that the server looks for at most. */
const LONGEST_QUERY = 60;

/** Values of an indicator that are many, and how many such answers are kept. */
const MANY_VALUES = 2000;
const KEPT_LARGE = 2;

export function createData(config) {
  const api = (config.urls && config.urls.api) || "/api";
  const inlined = config.data || null;
  const pending = new Map();
  /** What somebody has brought along (`own/own-model.js`), or null. */
  let brought = null;

  async function load(url) {
    if (inlined && owns(inlined, url)) return inlined[url];
    if (inlined) throw new DataError(url, 404);
    const response = await fetch(url, { headers: { Accept: "application/json, application/geo+json" } });
    if (!response.ok) throw new DataError(url, response.status, await problemOf(response));
    return response.json();
  }

  function get(url) {
    if (!pending.has(url)) {
      const promise = load(url);
      pending.set(url, promise);
      // A failure is not kept: the next try may succeed.
      promise.catch(() => pending.delete(url));
    }
    return pending.get(url);
  }

  /** Features of several layers in one answer; a layer that does not come with it is asked for by itself. */
  function getTogether({ url, layers }) {
    const answer = load(url);
    for (const id of layers) {
      const promise = answer.then(({ layers }) => (layers[id] ? unstepped(layers[id]) : Promise.reject(new DataError(url, 404)))).catch(() => load(layerUrl(id)));
      pending.set(layerUrl(id), promise);
      promise.catch(() => pending.delete(layerUrl(id)));
    }
  }

  /** An answer that is large is kept until there are two newer ones. */
  const lately = [];
  async function getLarge(url, isLarge) {
    const answer = await get(url);
    if (!isLarge(answer)) return answer;
    const at = lately.indexOf(url);
    if (at >= 0) lately.splice(at, 1);
    lately.push(url);
    if (lately.length > KEPT_LARGE) pending.delete(lately.shift());
    return answer;
  }

  /** Values of a level that is too large to be sent whole: names once, values as columns. */
  const rows = new WeakMap();
  const hasColumns = (level) => !inlined && (config.layers || []).some((layer) => layer.tiles && layer.kinds?.includes(level));
  const placesOf = (level) => get(`${api}/places/${path(level)}`);
  async function byColumns(url, level) {
    const [payload, places] = await Promise.all([getLarge(`${url}/columns`, ({ columns }) => columns.value.length > MANY_VALUES), placesOf(level)]);
    // The same object each time: what was worked out from it is kept with it.
    if (!rows.has(payload)) rows.set(payload, joined(payload, places));
    return rows.get(payload);
  }

  function indicator(id, level) {
    if (isOwn(id)) return ofOwn(brought?.payload(id, level), id);
    const url = `${api}/indicators/${path(id)}/${path(level)}`;
    return hasColumns(level) ? byColumns(url, level) : getLarge(url, ({ values }) => values?.length > MANY_VALUES);
  }

  const path = (text) => String(text).split("/").map(encodeURIComponent).join("/");
  const layerUrl = (id) => `${api}/layers/${path(id)}`;

  async function feature(id) {
    const url = `${api}/features/${path(id)}`;
    if (!inlined || owns(inlined, url)) return get(url);
    for (const layer of config.layers || []) {
      if (!owns(inlined, layerUrl(layer.id))) continue;
      const found = (await get(layerUrl(layer.id))).features.find((item) => item.id === id);
      if (found) return found;
    }
    throw new DataError(url, 404);
  }

  if (config.together && !inlined) getTogether(config.together);

  return {
    get,
    layer: (id) => get(layerUrl(id)),
    bring(own) {
      brought = own;
    },
    own: () => brought,
    indicators: async () => {
      const body = await get(`${api}/indicators`);
      return brought ? { ...body, indicators: [...brought.indicators, ...body.indicators] } : body;
    },
    indicator,
    /** Names of very many places are fetched before somebody chooses what is to be seen of them. */
    expect: (level) => (hasColumns(level) ? placesOf(level).then(() => undefined, () => undefined) : null),
    /** Names of very many places as columns, `{place, name, name_en}`; refused where there are too many even for that. */
    places: placesOf,
    /** The value of one place alone, with its rank among how many. */
    indicatorAt: (id, level, place) => get(`${api}/indicators/${path(id)}/${path(level)}?place=${encodeURIComponent(place)}`),
    /** What was observed: for which indicators and periods, and the values of a level; none where a file carries no such data. */
    observed: async () => {
      const body = await get(`${api}/observed`).catch((error) => (error.status === 404 ? { indicators: [] } : Promise.reject(error)));
      return brought ? { ...body, indicators: [...brought.periods, ...body.indicators] } : body;
    },
    scenarios: () => get(`${api}/scenarios`).catch((error) => (error.status === 404 ? { scenarios: [] } : Promise.reject(error))),
    /** A scenario by place; `code` says which. */
    scenarioLevel: (code, show) => get(`${api}/scenarios/${path(code)}/overlay?${new URLSearchParams({ show })}`),
    observedLevel: (id, level, show, period) => {
      const url = (asked) => `${api}/observed/${path(id)}/${path(level)}?${new URLSearchParams(asked)}`;
      const usual = url({ show });
      if (!period) return get(usual);
      // A file holds the periods that have values, and what is to be said of the others.
      const exact = url({ show, period });
      return get(inlined && !owns(inlined, exact) && owns(inlined, usual) ? usual : exact);
    },
    /** The same of every period at once; null where a file does not carry it. */
    observedPeriods: (id, level, show) => isOwn(id) ? ofOwn(brought?.series(id, level, show), id) : get(`${api}/observed/${path(id)}/${path(level)}/periods?${new URLSearchParams({ show })}`).catch((error) => (error.status === 404 ? null : Promise.reject(error))),
    search: () => get(`${api}/search`),
    /** What fits, best first, as the server finds it: where there is too much to be looked through here. `{entries, coming?}`. */
    found: (text) => load(`${api}/search?${new URLSearchParams({ q: text.slice(0, LONGEST_QUERY) })}`),
    /** The plan's own sentences by feature, where the edition has the plan's words (`config.sentences`). */
    sentences: () => get(`${api}/sentences`),
    /** What the search index says of the features alone. */
    records: async () => (await get(`${api}/search`)).entries.filter((entry) => entry.type === FEATURE),
    /** Layers of too many features to be in it, `[{layer, count}]`. */
    unlisted: async () => (await get(`${api}/search`)).unlisted || [],
    feature,
  };
}

/** What was brought along and has gone again is nowhere. */
const ofOwn = (payload, id) => (payload ? Promise.resolve(payload) : Promise.reject(new DataError(id, 404)));

/** A payload that could not be had; `status` is HTTP's, `detail` the server's own words or "". */
export class DataError extends Error {
  constructor(url, status, detail = "") {
    super(detail || `${status} ${url}`);
    this.name = "DataError";
    this.url = url;
    this.status = status;
    this.detail = detail;
  }
}

async function problemOf(response) {
  try {
    const problem = await response.json();
    return problem.detail || problem.title || "";
  } catch {
    return "";
  }
}
