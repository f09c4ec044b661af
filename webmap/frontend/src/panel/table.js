/** The sortable table of an indicator's values, with one bar a row; rows answer to hover, selection and keys. */
import { axis, rowBar } from "./chart.js";
import { el, replace } from "../core/dom.js";
import { rowsInView } from "./rows-in-view.js";

/** How high a row is before one has been seen. */
const ROW_PX = 28;
/** Of more rows only those in view are in the page, and equal values keep the order that they came in. */
export const MANY_ROWS = 300;

const collators = new Map();

/** Names in their order. Made where names decide: the first of a page takes an engine a long task. */
function collatorOf(lang) {
  const locale = lang === "en" ? "en" : "zh-CN-u-co-pinyin";
  if (!collators.has(locale)) collators.set(locale, new Intl.Collator(locale, { numeric: true }));
  return collators.get(locale);
}

/**
 * Rows in a new order; the given array stays as it is. Rows without a value come last in either
 * direction, equal ones by name.
 * @param rows `[{name, value, …}]`
 * @param column "name" or "value"
 * @param direction "ascending" or "descending"
 */
export function sortRows(rows, column, direction, lang) {
  const byName = (a, b) => collatorOf(lang).compare(a.name, b.name);
  const sign = direction === "descending" ? -1 : 1;
  return [...rows].sort((a, b) => {
    if (column === "name") return sign * byName(a, b);
    const gone = Number(a.value === null) - Number(b.value === null);
    if (gone || a.value === null) return gone || (rows.length > MANY_ROWS ? 0 : byName(a, b));
    return sign * (a.value - b.value) || (rows.length > MANY_ROWS ? 0 : byName(a, b));
  });
}

/** Ranks from the greatest value down, equal values sharing one ("1, 2, 2, 4"); null without a value. */
export function ranks(values) {
  // Numbers alone sort many times as fast as with a comparison of ours.
  const sorted = Float64Array.from(values.filter((value) => value !== null)).sort().reverse();
  const first = new Map();
  sorted.forEach((value, index) => first.has(value) || first.set(value, index + 1));
  return values.map((value) => (value === null ? null : first.get(value)));
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
    this.long = model.rows.length > MANY_ROWS;
    this.element = el("table", { class: this.long ? "pm-values pm-values-long" : "pm-values", "aria-rowcount": this.long ? String(model.rows.length + 1) : null }, [
      el("caption", { class: "pm-visually-hidden", text: model.caption }),
      this.head(),
      this.body,
      model.totalText ? this.foot() : null,
    ]);
    this.body.addEventListener("keydown", (event) => this.onKey(event));
    this.body.addEventListener("mouseleave", () => app.hover(null));
    this.fill();
    if (this.long) this.follow();
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
    this.ordered = ordered;
    this.shown = null;
    if (!this.long) replace(this.body, ordered.map((row) => this.row(row)));
    for (const [column, header] of Object.entries(this.headers)) {
      header.setAttribute("aria-sort", column === this.sort.column ? this.sort.direction : "none");
    }
    this.order = ordered.map((row) => row.id);
    if (this.long) this.showRows(this.inView());
    if (this.order.length && !this.long) this.rows.get(this.order[0]).button.tabIndex = 0;
    this.highlight(this.app.hovered, this.app.selected);
  }

  // ---- a long table

  /** Scrolling, here or of what it is in, and a new size bring other rows. */
  follow() {
    const listen = (on) => {
      const change = on ? "addEventListener" : "removeEventListener";
      document[change]("scroll", look, { capture: true, passive: true });
      window[change]("resize", look);
    };
    let seen = false;
    const look = () => {
      if (this.element.isConnected) this.showRows(this.inView());
      else if (seen) listen(false);
      seen ||= this.element.isConnected;
    };
    listen(true);
    requestAnimationFrame(look);
  }

  inView() {
    const { top } = this.body.getBoundingClientRect();
    return rowsInView({ top, height: window.innerHeight, rowHeight: this.rowHeight || ROW_PX, count: this.ordered.length });
  }

  /** Rows `[from, to)`, with room above and below for the others. */
  showRows([from, to]) {
    if (this.shown && this.shown[0] === from && this.shown[1] === to) return;
    const active = this.body.contains(document.activeElement) ? document.activeElement.closest("tr").dataset.id : null;
    this.shown = [from, to];
    this.rows.clear();
    const height = this.rowHeight || ROW_PX;
    const gap = (count) => el("tr", { class: "pm-row-gap", "aria-hidden": "true" }, [el("td", { colspan: "4", style: { height: `${count * height}px` } })]);
    const nodes = this.ordered.slice(from, to).map((row, index) => {
      const node = this.row(row);
      node.setAttribute("aria-rowindex", String(from + index + 2));
      return node;
    });
    replace(this.body, from ? gap(from) : null, nodes, to < this.ordered.length ? gap(this.ordered.length - to) : null);
    this.highlight(this.app.hovered, this.app.selected);
    const stop = this.rows.get(active) || this.rows.get(this.order[from]);
    if (stop) stop.button.tabIndex = 0;
    if (this.rows.has(active)) this.rows.get(active).button.focus({ preventScroll: true });
    this.measure(nodes[0]);
  }

  /** How high a row is, once it can be told. */
  measure(node) {
    const height = node?.isConnected ? node.getBoundingClientRect().height : 0;
    if (!height || this.rowHeight) return;
    this.rowHeight = height;
    const rows = this.shown;
    // Those that were asked for, with gaps of the right height: they may be on their way into sight.
    this.shown = null;
    this.showRows(rows);
  }

  /** Bring a row into the page and into sight. */
  fetchRow(at) {
    if (!this.long || at < 0 || this.rows.has(this.order[at])) return;
    this.showRows([Math.max(0, at - 20), Math.min(this.order.length, at + 21)]);
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
    const at = this.order.indexOf(document.activeElement.closest("tr")?.dataset.id);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.order.length - 1 }[event.key];
    if (to === undefined || at < 0 || to < 0 || to >= this.order.length) return;
    event.preventDefault();
    this.rows.get(this.order[at]).button.tabIndex = -1;
    this.fetchRow(to);
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
    this.fetchRow(this.order.indexOf(id));
    this.rows.get(id)?.node.scrollIntoView({ block: "nearest" });
  }
}
