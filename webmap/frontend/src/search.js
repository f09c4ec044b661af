/** The search box: a combobox over names, aliases and townships, in 汉字, pinyin or initials. */
import { el, replace } from "./dom.js";
import { find, prepare } from "./match.js";
import { swatch } from "./swatch.js";

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
  if (root && app.config.mode !== "embed") buildBox(app, root, ready);
}

function buildBox(app, root, ready) {
  const { t } = app;
  const list = el("ul", { class: "pm-results", id: "pm-results", role: "listbox", "aria-label": t("map.search.results") });
  list.hidden = true;
  const input = el("input", {
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
    "aria-controls": list.id,
  });
  root.append(input, list);
  let results = [];
  let active = -1;
  let turn = 0;

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  };
  const activate = (index) => {
    active = index;
    [...list.querySelectorAll('[role="option"]')].forEach((node, at) => {
      node.setAttribute("aria-selected", String(at === index));
      if (at === index) node.scrollIntoView({ block: "nearest" });
    });
    if (index >= 0) input.setAttribute("aria-activedescendant", `pm-result-${index}`);
    else input.removeAttribute("aria-activedescendant");
    app.hover(index >= 0 ? results[index].id : null);
  };
  const choose = (entry) => {
    input.value = app.name(entry);
    close();
    app.hover(null);
    app.select(entry.id, { zoom: true });
  };
  const update = async () => {
    const mine = ++turn;
    const text = input.value.trim();
    if (!text) return close();
    let prepared;
    try {
      prepared = await ready();
    } catch {
      app.toast(t("map.search.failed"));
      return;
    }
    if (mine !== turn) return;
    results = find(prepared, text, { rank: (entry) => -kindPriority(app, entry) });
    const nodes = results.map((entry, index) => option(app, entry, index, () => choose(entry)));
    replace(list, nodes.length ? nodes : el("li", { class: "pm-note", role: "presentation", text: t("map.search.none") }));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    activate(results.length ? 0 : -1);
  };
  input.addEventListener("input", update);
  input.addEventListener("focus", () => {
    ready().catch(() => {});
    if (input.value.trim() && document.activeElement === input) input.select();
  });
  input.addEventListener("keydown", (event) => {
    const { length } = results;
    if (event.key === "ArrowDown" && list.hidden) update();
    else if (event.key === "ArrowDown" && length) activate((active + 1) % length);
    else if (event.key === "ArrowUp" && length) activate((active - 1 + length) % length);
    else if (event.key === "Enter" && !list.hidden && results[active]) choose(results[active]);
    else if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "Escape") input.value = "";
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", () => {
    app.hover(null);
    setTimeout(close, 120);
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      input.focus();
    }
  });
}

function kindPriority(app, entry) {
  const kind = app.kinds.get(entry.kind);
  return (kind && kind.label && kind.label.priority) || 0;
}

function option(app, entry, index, choose) {
  const kind = app.kinds.get(entry.kind);
  const details = [app.name(kind || {}), placesOf(app, entry), entry.label ? "" : app.t("map.tree.no_geometry")];
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

/** The townships of an entry by name: the index gives names or slugs. */
function placesOf(app, entry) {
  const names = app.lang === "en" ? entry.township_name_en || entry.township_names_en : entry.township_name || entry.township_names;
  const list = Array.isArray(names) ? names : names ? [names] : [];
  if (entry.kind === "township") return "";
  return list.slice(0, 3).join(app.lang === "zh" ? "、" : ", ");
}
