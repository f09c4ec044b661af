/**
 * The filter box above the layer tree: chapter, box, lead unit, kind group, zone, status, basis. What does not pass
 * steps back on the map (`veil.js`). Its fields and the list of what passes come when somebody filters (`filter-lists.js`).
 */
import { el } from "../core/dom.js";
import { formatFilter, isSet, parseFilter, passes, unlistedOf } from "../core/filter-model.js";
import { PAINTED_KINDS } from "../map/layers.js";

export function installFilters(app) {
  return { filters: new Filters(app) };
}

class Filters {
  constructor(app) {
    this.app = app;
    this.chosen = {};
    this.features = null;
    this.apart = [];
    this.claims = new Map();
    this.claimNames = new Map();
    this.lists = null;
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
      this.lists?.reflectList();
    });
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
    if (isSet(chosen)) await Promise.all([this.load(), this.bring()]);
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
      this.apart = await this.app.data.unlisted();
      if (wantsClaims) this.takeClaims(await this.app.data.get(`${urls.api || "/api"}/claims`));
    } catch (error) {
      this.app.toast(this.app.t("filters.failed"));
      if (error.name !== "DataError") throw error;
    }
  }

  /** The lists, once they are wanted; without them the map still shows what passes. */
  async bring() {
    if (this.lists || !this.form) return;
    try {
      const { FilterLists } = await this.app.soon();
      this.lists ||= new FilterLists(this.app, this);
    } catch {
      this.app.toast(this.app.t("map.part_failed"));
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

  /** Layers that no list has, see `unlistedOf`. */
  unlisted() {
    const { kinds, layerSpecs } = this.app;
    const kindsOf = (layer) => (layerSpecs.get(layer)?.kinds || []).map((id) => kinds.get(id)).filter(Boolean);
    return unlistedOf(this.apart, this.chosen, this.context, kindsOf, PAINTED_KINDS);
  }

  // ---- the box

  build() {
    const { app } = this;
    const { t } = app;
    const root = document.getElementById("pm-sidebar");
    if (!root) return;
    this.form = el("div", { class: "pm-filter-fields", id: "pm-filter-fields" });
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

  async open(on) {
    this.form.hidden = !on;
    this.toggle.setAttribute("aria-expanded", String(on));
    if (!on) return;
    await Promise.all([this.load(), this.bring()]);
    this.lists?.reflectFields();
  }

  reflect() {
    if (!this.form) return;
    const set = isSet(this.chosen);
    this.clear.hidden = !set;
    if (this.lists) this.lists.reflect();
    else this.chips.hidden = this.result.hidden = !set;
  }
}
