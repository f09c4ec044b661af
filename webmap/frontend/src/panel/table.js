/** The sortable table of an indicator's values, with one bar a row; rows answer to hover, selection and keys. */
import { axis, rowBar } from "./chart.js";
import { el, replace } from "../core/dom.js";

/**
 * Rows in a new order; the given array stays as it is. Rows without a value come last in either
 * direction, equal ones by name.
 * @param rows `[{name, value, …}]`
 * @param column "name" or "value"
 * @param direction "ascending" or "descending"
 */
export function sortRows(rows, column, direction, lang) {
  const collator = new Intl.Collator(lang === "en" ? "en" : "zh-CN-u-co-pinyin", { numeric: true });
  const byName = (a, b) => collator.compare(a.name, b.name);
  const sign = direction === "descending" ? -1 : 1;
  return [...rows].sort((a, b) => {
    if (column === "name") return sign * byName(a, b);
    const gone = Number(a.value === null) - Number(b.value === null);
    if (gone || a.value === null) return gone || byName(a, b);
    return sign * (a.value - b.value) || byName(a, b);
  });
}

/** Ranks from the greatest value down, equal values sharing one ("1, 2, 2, 4"); null without a value. */
export function ranks(values) {
  const sorted = values.filter((value) => value !== null).sort((a, b) => b - a);
  return values.map((value) => (value === null ? null : sorted.indexOf(value) + 1));
}

/**
 * The table as an element with `highlight(hovered, selected)`.
 * @param model from `overlay.js`: `{rows, scale, columns…}`; a row is
 *   `{id, name, value, text, rank, color, assumed, note, alt}`.
 */
export class ValueTable {
  constructor(app, { model, sort, onSort }) {
    this.app = app;
    this.model = model;
    this.sort = sort;
    this.onSort = onSort;
    this.rows = new Map();
    this.headers = {};
    this.body = el("tbody");
    this.element = el("table", { class: "pm-values" }, [
      el("caption", { class: "pm-visually-hidden", text: model.caption }),
      this.head(),
      this.body,
      model.totalText ? this.foot() : null,
    ]);
    this.body.addEventListener("keydown", (event) => this.onKey(event));
    this.body.addEventListener("mouseleave", () => app.hover(null));
    this.fill();
  }

  head() {
    const { t } = this.app;
    const sortable = (column, text, unit) => {
      this.headers[column] = el("th", { scope: "col", class: `pm-col-${column}` }, [
        el("button", { type: "button", class: "pm-sort", onclick: () => this.toggle(column) }, [
          el("span", { text }),
          unit ? el("span", { class: "pm-unit", text: unit }) : null,
        ]),
      ]);
      return this.headers[column];
    };
    const scale = this.model.scale;
    return el("thead", {}, [
      el("tr", {}, [
        el("th", { scope: "col", class: "pm-col-rank", text: t("panels.table.rank"), title: t("panels.table.rank_how") }),
        sortable("name", this.model.levelName),
        el("th", { scope: "col", class: "pm-col-bar" }, [
          el("span", { class: "pm-visually-hidden", text: t("panels.table.bar") }),
          this.model.categories ? null : axis(scale, { format: this.model.tick }),
        ]),
        sortable("value", t("panels.table.value"), this.model.unit),
      ]),
    ]);
  }

  foot() {
    return el("tfoot", {}, [
      el("tr", {}, [
        el("td"),
        el("th", { scope: "row", text: this.model.totalName }),
        el("td"),
        el("td", { class: "pm-col-value", text: this.model.totalText }),
      ]),
    ]);
  }

  row(row) {
    const { app } = this;
    const button = el("button", { type: "button", class: "pm-row-name", tabindex: "-1", title: row.alt || null, onclick: () => app.select(row.id) }, [
      el("bdi", { text: row.name }),
    ]);
    const node = el("tr", { "data-id": row.id, onmouseenter: () => app.hover(row.id), onclick: (event) => event.target.closest("button") || app.select(row.id) }, [
      el("td", { class: "pm-col-rank", text: row.rank ?? "" }),
      el("th", { scope: "row", class: "pm-col-name" }, [button]),
      el("td", { class: "pm-col-bar" }, [
        row.value === null || this.model.categories ? null : rowBar(this.model.scale, { value: row.value, color: row.color, hatched: row.assumed, label: row.text }),
      ]),
      el("td", { class: "pm-col-value" }, [
        el("span", { class: row.value === null ? "pm-none" : "", text: row.text }),
        el("span", { class: "pm-star", text: row.star || "", title: row.note || null }),
      ]),
    ]);
    button.addEventListener("focus", () => app.hover(row.id));
    this.rows.set(row.id, { node, button });
    return node;
  }

  fill() {
    this.rows.clear();
    const ordered = sortRows(this.model.rows, this.sort.column, this.sort.direction, this.app.lang);
    replace(this.body, ordered.map((row) => this.row(row)));
    for (const [column, header] of Object.entries(this.headers)) {
      header.setAttribute("aria-sort", column === this.sort.column ? this.sort.direction : "none");
    }
    this.order = ordered.map((row) => row.id);
    if (this.order.length) this.rows.get(this.order[0]).button.tabIndex = 0;
    this.highlight(this.app.hovered, this.app.selected);
  }

  toggle(column) {
    const first = column === "name" ? "ascending" : "descending";
    const other = first === "ascending" ? "descending" : "ascending";
    const same = this.sort.column === column && this.sort.direction === first;
    this.sort = { column, direction: same ? other : first };
    this.onSort(this.sort);
    this.fill();
  }

  /** Up and down walk the rows, so that 22 rows are one stop of the Tab key. */
  onKey(event) {
    const at = this.order.findIndex((id) => this.rows.get(id).button === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.order.length - 1 }[event.key];
    if (to === undefined || at < 0 || to < 0 || to >= this.order.length) return;
    event.preventDefault();
    this.rows.get(this.order[at]).button.tabIndex = -1;
    const next = this.rows.get(this.order[to]).button;
    next.tabIndex = 0;
    next.focus();
  }

  /** Mark the row of the place under the pointer and of the selected one; both are feature ids or null. */
  highlight(hovered, selected) {
    for (const [id, { node }] of this.rows) {
      node.classList.toggle("pm-hovered", id === hovered);
      node.classList.toggle("pm-selected", id === selected);
      if (id === selected) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
    }
  }

  reveal(id) {
    this.rows.get(id)?.node.scrollIntoView({ block: "nearest" });
  }
}
