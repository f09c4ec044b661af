/** The filter box's fields, what is chosen, and the list of what passes, at which list and map point at each other. */
import { el, replace } from "../core/dom.js";
import { citeLabel, formatNumber } from "../core/format.js";
import { FIELDS, NONE, countValues, isSet } from "../core/filter-model.js";
import { leadName, linksOf } from "../core/links.js";
import { swatch } from "../map/swatch.js";

const MOST_ROWS = 150;
/** Filters with a field of their own; `claim` only ever comes from a link. */
const CHOOSABLE = FIELDS.filter((field) => field !== "claim");
/** Filters that the list page knows too. */
const LISTED = new Set(["chapter", "box", "lead", "group", "zone", "status", "basis"]);

/** `box` is the page's `Filters`. */
export class FilterLists {
  constructor(app, box) {
    this.app = app;
    this.box = box;
    this.rows = new Map();
    this.fields = Object.fromEntries(CHOOSABLE.map((field) => [field, this.field(field)]));
    this.apart = el("div", { class: "pm-filter-apart" });
    box.form.append(...CHOOSABLE.map((field) => this.fields[field].node), this.apart);
    app.on("hover", ({ id }) => this.mark(id, "pm-hovered"));
    app.on("select", ({ id }) => this.mark(id, "pm-selected"));
  }

  // ---- words

  nameOf(field, value) {
    const { app } = this;
    if (value === NONE) return app.t(field === "basis" ? "filters.not_located" : "filters.none");
    if (field === "chapter") return app.name(this.box.chapters.get(value) || { name: value });
    if (field === "box") return citeLabel(value, app.t, app.lang);
    if (field === "group") return app.name(app.groups.find((group) => group.id === value) || { name: value });
    if (field === "zone") return app.name(this.box.features?.find((item) => item.id === `zone/${value}`) || { name: value });
    if (field === "claim") return app.name(this.box.claimNames.get(value) || { name: value });
    if (field === "lead") return leadName(app, value);
    const table = { status: app.statuses, basis: app.bases }[field];
    return table ? app.name(table.get(value) || { name: value }) : value;
  }

  /** The values of a filter in the order people expect. */
  sorted(field, counts) {
    const orders = {
      chapter: [...this.box.chapters.keys()],
      box: Object.keys(this.box.boxes),
      group: this.app.groups.map((group) => group.id),
      status: [...this.app.statuses.keys()],
      basis: [...this.app.bases.keys()],
    };
    const order = orders[field];
    const rank = (value) => (value === NONE ? 1e6 : order ? order.indexOf(value) : 0);
    return [...counts].sort((a, b) => rank(a[0]) - rank(b[0]) || (order ? 0 : b[1] - a[1]));
  }

  field(field) {
    const select = el("select", { id: `pm-filter-${field}`, class: "pm-filter-select" });
    select.addEventListener("change", () => this.box.choose(field, select.value ? [select.value] : []));
    const node = el("label", { class: "pm-filter-field" }, [el("span", { text: this.app.t(`filters.${field}`) }), select]);
    return { node, select };
  }

  reflect() {
    this.reflectFields();
    this.reflectChips();
    this.reflectList();
  }

  reflectFields() {
    if (this.box.form.hidden || !this.box.features) return;
    for (const [field, { select }] of Object.entries(this.fields)) {
      const counts = countValues(this.box.features, field, this.box.chosen, this.box.context);
      const [current = ""] = this.box.chosen[field] || [];
      if (current && !counts.has(current)) counts.set(current, 0);
      const options = this.sorted(field, counts).map(([value, count]) => el("option", { value, text: `${this.nameOf(field, value)} (${count})` }));
      replace(select, el("option", { value: "", text: this.app.t("filters.any") }), options);
      select.value = current;
      select.classList.toggle("pm-set", Boolean(current));
    }
    // With a filter the result says it.
    replace(this.apart, isSet(this.box.chosen) ? [] : this.unlisted());
  }

  /** What counts and lists leave out, said layer by layer. */
  unlisted() {
    const { app } = this;
    return this.box.unlisted().map(({ layer, count, veiled }) => el("p", { class: "pm-note pm-filter-unlisted", text: app.t(veiled ? "filters.unlisted" : "filters.unlisted_only", { name: app.name(app.layerSpecs.get(layer)), count: formatNumber(count, app.lang) }) }));
  }

  reflectChips() {
    const { app } = this;
    const chips = FIELDS.flatMap((field) =>
      (this.box.chosen[field] || []).map((value) => {
        const name = app.t(`filters.${field}`);
        const shown = this.nameOf(field, value);
        const remove = () => this.box.choose(field, this.box.chosen[field].filter((item) => item !== value));
        return el("li", {}, el("button", { type: "button", class: "pm-filter-chip", "aria-label": app.t("filters.remove", { name, value: shown }), onclick: remove }, [el("span", { class: "pm-filter-name", text: name }), el("bdi", { text: shown }), el("span", { "aria-hidden": "true", text: "×" })]));
      }),
    );
    replace(this.box.chips, chips);
    this.box.chips.hidden = !chips.length;
  }

  // ---- what matches

  reflectList() {
    if (!this.box.result) return;
    const { app } = this;
    this.rows.clear();
    this.box.result.hidden = !isSet(this.box.chosen);
    if (this.box.result.hidden) {
      replace(this.box.result);
      return;
    }
    const found = this.box.matches();
    const apart = this.unlisted();
    const shown = found.filter((feature) => feature.label && app.layers.isVisible(feature.layer));
    const off = [...new Set(found.filter((feature) => feature.label && !app.layers.isVisible(feature.layer)).map((feature) => feature.layer))];
    replace(
      this.box.result,
      el("p", { class: "pm-filter-count", role: "status", text: found.length ? app.t("filters.count", { count: found.length, shown: shown.length }) : app.t(apart.length ? "filters.none_listed" : "filters.nothing") }),
      apart,
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
    const params = Object.fromEntries(Object.entries(this.box.chosen).filter(([field, values]) => LISTED.has(field) && values.length === 1).map(([field, [value]]) => [field, value]));
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
    if (this.box.result.matches(":hover") || this.box.result.contains(document.activeElement)) return;
    const body = row.closest(".pm-section-body");
    const [own, frame] = [row.getBoundingClientRect(), body.getBoundingClientRect()];
    if (own.top < frame.top || own.bottom > frame.bottom) body.scrollTop += own.top - frame.top - frame.height / 2;
  }
}
