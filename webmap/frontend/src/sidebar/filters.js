/**
 * The filter box above the layer tree: chapter, box, lead unit, kind group, zone, status, basis. What does not pass
 * steps back on the map (`veil.js`); what passes is listed, and list and map point at each other.
 */
import { el, replace } from "../core/dom.js";
import { citeLabel } from "../core/format.js";
import { FIELDS, NONE, countValues, formatFilter, isSet, parseFilter, passes } from "../core/filter-model.js";
import { PAINTED_KINDS } from "../map/layers.js";
import { leadName, linksOf } from "../core/links.js";
import { swatch } from "../map/swatch.js";

const MOST_ROWS = 150;
/** Filters with a field of their own; `claim` only ever comes from a link. */
const CHOOSABLE = FIELDS.filter((field) => field !== "claim");
/** Filters that the list page knows too. */
const LISTED = new Set(["chapter", "box", "lead", "group", "zone", "status", "basis"]);

export function installFilters(app) {
  return { filters: new Filters(app) };
}

class Filters {
  constructor(app) {
    this.app = app;
    this.chosen = {};
    this.features = null;
    this.claims = new Map();
    this.claimNames = new Map();
    this.rows = new Map();
    const outline = app.config.outline || {};
    this.chapters = new Map((outline.chapters || []).map((chapter) => [chapter.id, chapter]));
    this.boxes = outline.boxes || {};
    this.context = {
      boxChapters: this.boxes,
      groupOf: (layer) => app.layerSpecs.get(layer)?.group || "",
      claimsOf: (id) => this.claims.get(id) || [],
    };
    this.build();
    app.on("layers", () => {
      this.veil();
      this.reflectList();
    });
    app.on("hover", ({ id }) => this.mark(id, "pm-hovered"));
    app.on("select", ({ id }) => this.mark(id, "pm-selected"));
  }

  // ---- state

  /** As the address has it, or "". */
  text() {
    return formatFilter(this.chosen);
  }

  /** Set all filters, from text or as `{field: [values]}`; resolves when map and list show it. */
  async set(next) {
    const chosen = typeof next === "string" ? parseFilter(next) : next;
    if (formatFilter(chosen) === this.text()) return;
    this.chosen = chosen;
    if (isSet(chosen)) await this.load();
    this.changed();
  }

  choose(field, values) {
    return this.set({ ...this.chosen, [field]: values });
  }

  async load() {
    const wantsClaims = this.chosen.claim?.length && !this.claimNames.size;
    const urls = this.app.config.urls || {};
    try {
      this.features ||= (await this.app.data.records()).filter((entry) => this.app.kinds.get(entry.kind)?.cited !== false);
      if (wantsClaims) this.takeClaims(await this.app.data.get(`${urls.api || "/api"}/claims`));
    } catch (error) {
      this.app.toast(this.app.t("filters.failed"));
      if (error.name !== "DataError") throw error;
    }
  }

  takeClaims({ claims }) {
    for (const claim of claims) {
      this.claimNames.set(claim.id, claim);
      for (const id of claim.features) {
        if (!this.claims.has(id)) this.claims.set(id, []);
        this.claims.get(id).push(claim.id);
      }
    }
  }

  changed() {
    this.reflect();
    this.veil();
    this.app.labels?.refresh();
    this.app.emit("filter", { text: this.text() });
    this.app.emit("state");
  }

  /** Features of visible layers that step back; the ground and what shows where one is stay. */
  veil() {
    const { app, context, chosen } = this;
    const out = new Set();
    const stepsBack = (view) => view.kind?.cited !== false && !PAINTED_KINDS.has(view.properties.kind) && !passes({ ...view.properties, id: view.id, layer: view.layerId }, chosen, context);
    for (const id of app.layers.visible()) {
      const { large, views } = app.layers.entry(id);
      large?.setVeil(isSet(chosen) ? stepsBack : null);
      if (isSet(chosen)) for (const view of views.values()) if (stepsBack(view)) out.add(view.id);
    }
    app.veil.set("filter", out);
  }

  matches() {
    if (!isSet(this.chosen) || !this.features) return [];
    return this.features.filter((feature) => passes(feature, this.chosen, this.context));
  }

  // ---- words

  nameOf(field, value) {
    const { app } = this;
    if (value === NONE) return app.t(field === "basis" ? "filters.not_located" : "filters.none");
    if (field === "chapter") return app.name(this.chapters.get(value) || { name: value });
    if (field === "box") return citeLabel(value, app.t, app.lang);
    if (field === "group") return app.name(app.groups.find((group) => group.id === value) || { name: value });
    if (field === "zone") return app.name(this.features?.find((item) => item.id === `zone/${value}`) || { name: value });
    if (field === "claim") return app.name(this.claimNames.get(value) || { name: value });
    if (field === "lead") return leadName(app, value);
    const table = { status: app.statuses, basis: app.bases }[field];
    return table ? app.name(table.get(value) || { name: value }) : value;
  }

  /** The values of a filter in the order people expect. */
  sorted(field, counts) {
    const orders = {
      chapter: [...this.chapters.keys()],
      box: Object.keys(this.boxes),
      group: this.app.groups.map((group) => group.id),
      status: [...this.app.statuses.keys()],
      basis: [...this.app.bases.keys()],
    };
    const order = orders[field];
    const rank = (value) => (value === NONE ? 1e6 : order ? order.indexOf(value) : 0);
    return [...counts].sort((a, b) => rank(a[0]) - rank(b[0]) || (order ? 0 : b[1] - a[1]));
  }

  // ---- the box

  build() {
    const { app } = this;
    const { t } = app;
    const root = document.getElementById("pm-sidebar");
    if (!root) return;
    this.fields = Object.fromEntries(CHOOSABLE.map((field) => [field, this.field(field)]));
    this.form = el("div", { class: "pm-filter-fields", id: "pm-filter-fields" }, CHOOSABLE.map((field) => this.fields[field].node));
    this.form.hidden = true;
    this.toggle = el("button", { type: "button", class: "pm-expand", "aria-label": t("filters.open"), title: t("filters.open"), "aria-controls": "pm-filter-fields", "aria-expanded": "false", onclick: () => this.open(this.form.hidden) });
    this.clear = el("button", { type: "button", class: "pm-link", text: t("filters.clear"), onclick: () => this.set({}) });
    this.chips = el("ul", { class: "pm-filter-chips" });
    this.result = el("div", { class: "pm-filter-result", id: "pm-filter-result" });
    const heading = el("h2", { id: "pm-filter-title" }, [el("label", { class: "pm-filter-heading", text: t("filters.title"), onclick: () => this.open(this.form.hidden) })]);
    const section = el("section", { class: "pm-section pm-section-filter", id: "pm-filters", "aria-labelledby": "pm-filter-title" }, [
      el("div", { class: "pm-section-head" }, [el("span", { class: "pm-filter-head" }, [this.toggle, heading]), this.clear]),
      el("div", { class: "pm-section-body", tabindex: "0" }, [this.form, this.chips, this.result]),
    ]);
    root.append(section);
    this.reflect();
  }

  field(field) {
    const select = el("select", { id: `pm-filter-${field}`, class: "pm-filter-select" });
    select.addEventListener("change", () => this.choose(field, select.value ? [select.value] : []));
    const node = el("label", { class: "pm-filter-field" }, [el("span", { text: this.app.t(`filters.${field}`) }), select]);
    return { node, select };
  }

  async open(on) {
    this.form.hidden = !on;
    this.toggle.setAttribute("aria-expanded", String(on));
    if (!on) return;
    await this.load();
    this.reflectFields();
  }

  reflect() {
    if (!this.form) return;
    const set = isSet(this.chosen);
    this.clear.hidden = !set;
    this.reflectFields();
    this.reflectChips();
    this.reflectList();
  }

  reflectFields() {
    if (this.form.hidden || !this.features) return;
    for (const [field, { select }] of Object.entries(this.fields)) {
      const counts = countValues(this.features, field, this.chosen, this.context);
      const [current = ""] = this.chosen[field] || [];
      if (current && !counts.has(current)) counts.set(current, 0);
      const options = this.sorted(field, counts).map(([value, count]) => el("option", { value, text: `${this.nameOf(field, value)} (${count})` }));
      replace(select, el("option", { value: "", text: this.app.t("filters.any") }), options);
      select.value = current;
      select.classList.toggle("pm-set", Boolean(current));
    }
  }

  reflectChips() {
    const { app } = this;
    const chips = FIELDS.flatMap((field) =>
      (this.chosen[field] || []).map((value) => {
        const name = app.t(`filters.${field}`);
        const shown = this.nameOf(field, value);
        const remove = () => this.choose(field, this.chosen[field].filter((item) => item !== value));
        return el("li", {}, el("button", { type: "button", class: "pm-filter-chip", "aria-label": app.t("filters.remove", { name, value: shown }), onclick: remove }, [el("span", { class: "pm-filter-name", text: name }), el("bdi", { text: shown }), el("span", { "aria-hidden": "true", text: "×" })]));
      }),
    );
    replace(this.chips, chips);
    this.chips.hidden = !chips.length;
  }

  // ---- what matches

  reflectList() {
    if (!this.result) return;
    const { app } = this;
    this.rows.clear();
    this.result.hidden = !isSet(this.chosen);
    if (this.result.hidden) {
      replace(this.result);
      return;
    }
    const found = this.matches();
    const shown = found.filter((feature) => feature.label && app.layers.isVisible(feature.layer));
    const off = [...new Set(found.filter((feature) => feature.label && !app.layers.isVisible(feature.layer)).map((feature) => feature.layer))];
    replace(
      this.result,
      el("p", { class: "pm-filter-count", role: "status", text: found.length ? app.t("filters.count", { count: found.length, shown: shown.length }) : app.t("filters.nothing") }),
      off.length ? el("button", { type: "button", class: "pm-link pm-filter-on", text: app.t("filters.layers_on", { count: off.length }), onclick: () => this.switchOn(off) }) : null,
      el("ul", { class: "pm-features pm-filter-list" }, found.slice(0, MOST_ROWS).map((feature) => this.row(feature))),
      found.length > MOST_ROWS ? el("p", { class: "pm-note", text: app.t("filters.more", { count: MOST_ROWS }) }) : null,
      el("p", { class: "pm-note" }, [app.t("filters.dimmed"), " ", found.length ? this.listLink() : null]),
    );
    this.mark(app.selected, "pm-selected");
  }

  async switchOn(layers) {
    await this.app.layers.setAll([...this.app.layers.visible(), ...layers]);
  }

  listLink() {
    const links = linksOf(this.app);
    const params = Object.fromEntries(Object.entries(this.chosen).filter(([field, values]) => LISTED.has(field) && values.length === 1).map(([field, [value]]) => [field, value]));
    return links && Object.keys(params).length ? el("a", { class: "pm-link", href: links.list(params), text: this.app.t("filters.list") }) : null;
  }

  row(feature) {
    const { app } = this;
    const kind = app.kinds.get(feature.kind);
    const visible = app.layers.isVisible(feature.layer);
    const [cite] = feature.cites || [];
    const state = !feature.label ? app.t("filters.not_located") : visible ? "" : app.t("filters.hidden");
    const details = [app.name(kind || {}), cite ? citeLabel(cite, app.t, app.lang) : "", state];
    const button = el(
      "button",
      {
        type: "button",
        class: "pm-feature pm-filter-row",
        "data-id": feature.id,
        onclick: () => app.select(feature.id, { zoom: Boolean(feature.label) }),
        onmouseenter: () => app.hover(feature.id),
        onmouseleave: () => app.hover(null),
        onfocus: () => app.hover(feature.id),
        onblur: () => app.hover(null),
      },
      [
        kind ? swatch(kind, { status: app.statuses.get(feature.status), basis: app.bases.get(feature.basis), width: 22, height: 14 }) : null,
        el("span", { class: "pm-feature-name" }, [el("bdi", { text: app.name(feature) || feature.id }), el("span", { class: "pm-filter-detail", text: details.filter(Boolean).join(" · ") })]),
      ],
    );
    this.rows.set(feature.id, button);
    return el("li", {}, button);
  }

  /** The row of what is hovered or selected on the map, brought into sight unless the pointer is in the list. */
  mark(id, name) {
    for (const row of this.rows.values()) row.classList.remove(name);
    const row = id && this.rows.get(id);
    if (!row) return;
    row.classList.add(name);
    if (this.result.matches(":hover") || this.result.contains(document.activeElement)) return;
    const body = row.closest(".pm-section-body");
    const [own, frame] = [row.getBoundingClientRect(), body.getBoundingClientRect()];
    if (own.top < frame.top || own.bottom > frame.bottom) body.scrollTop += own.top - frame.top - frame.height / 2;
  }
}
