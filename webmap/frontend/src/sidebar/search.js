/** The search box: a combobox over names, aliases and townships, in 汉字, pinyin or initials. */
import { el, replace } from "../core/dom.js";
import { find, prepare } from "./match.js";
import { swatch } from "../map/swatch.js";

export function installSearch(app) {
  let prepared = null;
  const records = async () => {
    const payload = await app.data.search();
    return payload.entries || payload.features || [];
  };
  const ready = async () => {
    prepared ||= prepare(await records());
    return prepared;
  };
  app.search = { records };
  const root = document.getElementById("pm-search");
  if (!root || app.config.mode === "embed") return;
  const box = new SearchBox(app, ready);
  root.append(box.input, box.list);
}

class SearchBox {
  constructor(app, ready) {
    this.app = app;
    this.ready = ready;
    this.results = [];
    this.active = -1;
    this.turn = 0;
    this.townships = null;
    this.build();
    this.listen();
  }

  build() {
    const { t } = this.app;
    this.list = el("ul", { class: "pm-results", id: "pm-results", role: "listbox", "aria-label": t("map.search.results") });
    this.list.hidden = true;
    this.input = el("input", {
      type: "search",
      class: "pm-search-input",
      id: "pm-search-input",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      enterkeyhint: "search",
      placeholder: t("map.search.placeholder"),
      "aria-label": t("map.search.label"),
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
    });
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
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      input.focus();
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
    const prepared = await this.ready().catch(() => null);
    if (mine !== this.turn) return;
    if (!prepared) {
      app.toast(app.t("map.search.failed"));
      return;
    }
    this.results = find(prepared, text, { rank: (entry) => -kindPriority(app, entry) });
    this.townships ||= townshipNames(app, prepared);
    const nodes = this.results.map((entry, index) => option(app, entry, index, this.townships, () => this.choose(entry)));
    replace(list, nodes.length ? nodes : el("li", { class: "pm-note", role: "presentation", text: app.t("map.search.none") }));
    list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.activate(this.results.length ? 0 : -1);
  }

  activate(index) {
    this.active = index;
    [...this.list.querySelectorAll('[role="option"]')].forEach((node, at) => {
      node.setAttribute("aria-selected", String(at === index));
      if (at === index) node.scrollIntoView({ block: "nearest" });
    });
    if (index >= 0) this.input.setAttribute("aria-activedescendant", `pm-result-${index}`);
    else this.input.removeAttribute("aria-activedescendant");
    this.app.hover(index >= 0 ? this.results[index].id : null);
  }

  choose(entry) {
    this.input.value = this.app.name(entry);
    this.close();
    this.app.hover(null);
    this.app.select(entry.id, { zoom: true });
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.active = -1;
  }
}

function kindPriority(app, entry) {
  const kind = app.kinds.get(entry.kind);
  return (kind && kind.label && kind.label.priority) || 0;
}

function option(app, entry, index, townships, choose) {
  const kind = app.kinds.get(entry.kind);
  const near = entry.kind === "township" ? [] : (entry.township || []).map((slug) => townships.get(slug)).filter(Boolean);
  const places = near.slice(0, 3).join(app.lang === "zh" ? "、" : ", ") + (near.length > 3 ? "…" : "");
  const details = [app.name(kind || {}), places, entry.label ? "" : app.t("map.tree.no_geometry")];
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
