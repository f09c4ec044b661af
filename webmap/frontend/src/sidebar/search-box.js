/**
 * What the search box finds: a combobox over all that the plan holds (features, indicators, targets, lead units, clauses), in
 * 汉字, pinyin, initials or English words, and over coordinates.
 */
import L from "leaflet";
import { clauseOf, formatFilter } from "../core/filter-model.js";
import { FEATURE } from "../core/data.js";
import { el, replace } from "../core/dom.js";
import { formatNumber } from "../core/format.js";
import { swatch } from "../map/swatch.js";

/** Of equal hits the features come first, by the rank of their kind's name on the map. */
const TYPES = [FEATURE, "indicator", "target", "lead", "clause", "claim", "review"];
/** Figures that lead further away than this are taken for something else than coordinates. */
const FAR_M = 500_000;
/** Between two letters of somebody who types. */
const TYPING_MS = 150;

export class SearchBox {
  constructor(app, input, list) {
    this.app = app;
    this.input = input;
    this.list = list;
    this.results = [];
    this.active = -1;
    this.turn = 0;
    this.prepared = null;
    this.townships = null;
    this.asks = app.config.layers.some((spec) => spec.tiles);
    if (this.asks) this.prepared = [];
    this.listen();
    this.ready().catch(() => {});
  }

  /** Resolves to the entries as they are looked through; of a plan with large layers the server looks through them. */
  async ready() {
    if (this.asks) return this.prepared;
    const [{ prepare }, { entries }] = await Promise.all([this.app.asked(), this.app.data.search()]);
    this.prepared ||= prepare(entries.filter((entry) => leadsSomewhere(this.app, entry)));
    return this.prepared;
  }

  listen() {
    const { app, input } = this;
    input.addEventListener("input", () => this.update());
    input.addEventListener("focus", () => {
      this.ready().catch(() => {});
      if (input.value.trim()) input.select();
    });
    input.addEventListener("keydown", (event) => this.onKey(event));
    input.addEventListener("blur", () => {
      app.hover(null);
      setTimeout(() => this.close(), 120);
    });
  }

  onKey(event) {
    const { length } = this.results;
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" && !open) this.update();
    else if (event.key === "ArrowDown" && length) this.activate((this.active + 1) % length);
    else if (event.key === "ArrowUp" && length) this.activate((this.active - 1 + length) % length);
    else if (event.key === "Enter" && open && this.results[this.active]) this.choose(this.results[this.active]);
    else if (event.key === "Escape" && open) this.close();
    else if (event.key === "Escape" && this.input.value) this.input.value = "";
    else if (event.key === "Escape") this.app.select(null);
    else return;
    event.preventDefault();
  }

  async update() {
    const mine = ++this.turn;
    const { app, list } = this;
    const text = this.input.value.trim();
    if (!text) {
      this.close();
      return;
    }
    const asked = await Promise.all([this.ready(), app.asked(), app.later().catch(() => null)]).catch(() => []);
    if (mine !== this.turn) return;
    const [prepared, how, later] = asked;
    this.how = how;
    this.unproject ||= later && later.unprojector(app.config.crs?.proj4);
    if (!prepared) {
      app.toast(app.t("map.search.failed"));
      return;
    }
    const found = this.asks ? await this.asked(text, mine) : { entries: how.find(prepared, text, { rank: (entry) => rankOf(app, entry) }) };
    if (mine !== this.turn) return;
    if (!found) {
      app.toast(app.t("map.search.failed"));
      return;
    }
    const place = this.placeIn(text);
    this.results = [...(place ? [place] : []), ...found.entries];
    this.townships ||= townshipNames(app, prepared);
    const nodes = this.results.map((entry, index) => option(app, entry, index, this.townships, () => this.choose(entry)));
    const note = (words) => el("li", { class: "pm-note", role: "presentation", text: words });
    const coming = (found.coming || []).map((one) => note(comingText(app, one)));
    replace(list, [...nodes, ...(nodes.length || coming.length ? coming : [note(app.t("map.search.none"))])]);
    list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.activate(this.results.length ? 0 : -1);
  }

  /** What the server finds; null when it cannot be asked. Who types on asks once. */
  async asked(text, mine) {
    await new Promise((done) => setTimeout(done, TYPING_MS));
    if (mine !== this.turn) return null;
    const shown = (body) => ({ ...body, entries: body.entries.filter((entry) => leadsSomewhere(this.app, entry)) });
    return this.app.data.found(text).then(shown, () => null);
  }

  activate(index) {
    this.active = index;
    [...this.list.querySelectorAll('[role="option"]')].forEach((node, at) => {
      node.setAttribute("aria-selected", String(at === index));
      if (at === index) node.scrollIntoView({ block: "nearest" });
    });
    if (index >= 0) this.input.setAttribute("aria-activedescendant", `pm-result-${index}`);
    else this.input.removeAttribute("aria-activedescendant");
    const hovered = this.results[index];
    this.app.hover(hovered?.type === FEATURE ? hovered.id : null);
  }

  choose(entry) {
    const { app } = this;
    this.input.value = app.name(entry);
    this.close();
    app.hover(null);
    this.mark?.remove();
    if (entry.type === FEATURE) app.select(entry.id, { zoom: true });
    else if (entry.type === "place") this.goTo(entry);
    else if (entry.type === "indicator") {
      app.setIndicator({ id: entry.id, level: entry.levels.find((level) => level !== "district") || "zone", method: app.indicator?.method || "quantiles" });
      app.panel?.open("indicators");
    } else if (pageOf(app, entry)) window.location.assign(pageOf(app, entry));
    else if (entry.place) app.select(entry.place, { zoom: true });
    else app.filters?.set(filterOf(app, entry));
  }

  /** The text as a place on the map, where it is coordinates near the plan. */
  placeIn(text) {
    const { app } = this;
    const { crs = {}, plan = {}, views = [] } = app.config;
    const bounds = app.map.options.maxBounds || (views.length && L.latLngBounds(views.map((view) => view.bounds).flat()));
    const center = bounds && L.latLngBounds(bounds).getCenter();
    const found = this.how.parsePlace(text, { crs, unproject: this.unproject, near: center && { lat: center.lat, lng: plan.lon ?? center.lng } });
    if (!found) return null;
    const { lng, lat } = found;
    const inside = !bounds || L.latLngBounds(bounds).contains([lat, lng]);
    if (!inside && center.distanceTo([lat, lng]) > FAR_M) return null;
    return { type: "place", id: `place/${lng},${lat}`, name: app.t("map.search.at", { lng: lng.toFixed(5), lat: lat.toFixed(5) }), lng, lat, inside, metric: found.metric };
  }

  goTo({ lng, lat, inside }) {
    const { app } = this;
    if (!inside) {
      app.toast(app.t("map.search.outside"));
      return;
    }
    this.mark = L.circleMarker([lat, lng], { radius: 9, className: "pm-found", interactive: false, pane: "pm-select" }).addTo(app.map);
    app.map.setView([lat, lng], Math.max(app.map.getZoom(), 14), { animate: false });
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.active = -1;
  }
}

/** Of a layer whose names the server is still making ready: that they are not among what was found. */
function comingText(app, { layer, count }) {
  return app.t("map.search.coming", { name: app.name(app.layerSpecs.get(layer)), count: formatNumber(count, app.lang) });
}

function rankOf(app, entry) {
  const kind = app.kinds.get(entry.kind);
  return TYPES.indexOf(entry.type) * 1000 - ((kind && kind.label && kind.label.priority) || 0);
}

/** Address of the page about an entry; "" in a file without a server. */
function pageOf(app, entry) {
  const root = app.config.urls?.map;
  if (!root || !entry.page) return "";
  const url = new URL(entry.page, new URL(root, window.location.href));
  if (app.lang !== "zh") url.searchParams.set("lang", app.lang);
  return url.href;
}

/** A filter that lets an entry's features through, or "": for a lead unit, a chapter or a box. */
function filterOf(app, entry) {
  if (entry.type === "lead") return formatFilter({ lead: [entry.id] });
  if (entry.type !== "clause") return "";
  const { chapter, box } = clauseOf(entry.id, app.config.outline?.boxes || {});
  if (box && /\D/.test(box) && box in (app.config.outline?.boxes || {})) return formatFilter({ box: [box] });
  const number = chapter || /\d+/.exec(entry.id)?.[0];
  return number ? formatFilter({ chapter: [number] }) : "";
}

function leadsSomewhere(app, entry) {
  if (entry.type === FEATURE || entry.type === "indicator" || pageOf(app, entry)) return true;
  return Boolean(entry.place || filterOf(app, entry));
}

/** What stands after a name: of what kind it is, and where or of what. */
function detailsOf(app, entry, townships) {
  if (entry.type === "place") return [app.t(entry.metric ? "map.search.metric" : "map.search.degrees"), entry.inside ? "" : app.t("map.search.outside")];
  if (entry.type !== FEATURE) return [app.t(`map.search.type_${entry.type}`), app.text(entry, "detail")];
  const kind = app.kinds.get(entry.kind);
  const near = entry.kind === "township" ? [] : (entry.township || []).map((slug) => townships.get(slug)).filter(Boolean);
  const places = near.slice(0, 3).join(app.lang === "zh" ? "、" : ", ") + (near.length > 3 ? "…" : "");
  return [app.name(kind || {}), places, entry.label ? "" : app.t("map.tree.no_geometry")];
}

function option(app, entry, index, townships, choose) {
  const kind = app.kinds.get(entry.kind);
  const details = detailsOf(app, entry, townships);
  const node = el("li", { role: "option", id: `pm-result-${index}`, class: "pm-result", "aria-selected": "false" }, [
    kind ? swatch(kind, { width: 26, height: 16, color: entry.color }) : null,
    el("span", { class: "pm-result-name", text: app.name(entry) || entry.id }),
    el("span", { class: "pm-result-detail", text: details.filter(Boolean).join(" · ") }),
  ]);
  // mousedown, not click: the input would lose the focus and the list its place first.
  node.addEventListener("mousedown", (event) => {
    event.preventDefault();
    choose();
  });
  return node;
}

/** Names of townships by slug, from the index itself. */
function townshipNames(app, prepared) {
  const names = new Map();
  for (const { entry } of prepared) if (entry.kind === "township") names.set(entry.id.split("/").pop(), app.name(entry));
  return names;
}
