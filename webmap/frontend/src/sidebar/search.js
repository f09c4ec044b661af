/**
 * The search box, where it stands: a combobox over all that the plan holds. What it finds, and how, comes when it is first
 * gone to (`search-box.js`).
 */
import { el } from "../core/dom.js";

export function installSearch(app) {
  const root = document.getElementById("pm-search");
  if (!root || app.config.mode === "embed") return;
  const { t } = app;
  const list = el("ul", { class: "pm-results", id: "pm-results", role: "listbox", "aria-label": t("map.search.results"), hidden: true });
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
  bringing(app, input, list);
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    input.focus();
  });
  root.append(input, list);
}

/** What is typed before the box's program has come is looked for when it has. */
function bringing(app, input, list) {
  let coming = null;
  const bring = () => {
    coming ||= app.soon().then(
      ({ SearchBox }) => {
        for (const event of ["focus", "input"]) input.removeEventListener(event, bring);
        const box = new SearchBox(app, input, list);
        if (input.value.trim()) box.update();
      },
      () => {
        coming = null;
        app.toast(app.t("map.part_failed"));
      },
    );
  };
  for (const event of ["focus", "input"]) input.addEventListener(event, bring);
}
