/**
 * The layer tree: groups and layers as nested lists of checkboxes, each layer with its picture, count,
 * opacity and, opened, its features, those without geometry and the reason included.
 */
import { media } from "../core/breakpoints.js";
import { el, replace } from "../core/dom.js";
import { formatNumber } from "../core/format.js";
import { swatch } from "../map/swatch.js";
import { layerSwatch } from "../map/layer-swatch.js";

export function* installTree(app) {
  const root = document.getElementById("pm-sidebar");
  if (!root) return null;
  const rows = new Map();
  const groups = [];
  const tree = el("ul", { class: "pm-tree" });
  const reset = el("button", { type: "button", class: "pm-link", text: app.t("map.tree.reset"), onclick: () => resetLayers(app) });
  const section = el("section", { class: "pm-section pm-section-tree", id: "pm-tree", "aria-labelledby": "pm-tree-title" }, [
    el("div", { class: "pm-section-head" }, [el("h2", { id: "pm-tree-title", text: app.t("map.tree.title") }), reset]),
    el("div", { class: "pm-section-body", tabindex: "0" }, tree),
  ]);
  root.append(section);
  const reflect = () => {
    for (const row of rows.values()) row.reflect();
    for (const item of groups) item.reflect();
  };
  app.on("layers", reflect);
  app.on("opacity", ({ id }) => rows.get(id)?.reflect());
  app.on("select", ({ id }) => {
    for (const row of rows.values()) row.mark(id);
  });
  for (const group of app.groups) {
    const layers = [...app.layerSpecs.values()].filter((spec) => spec.group === group.id);
    if (!layers.length) continue;
    const made = yield* groupNode(app, { group, layers }, rows);
    groups.push(made);
    made.reflect();
    tree.append(made.node);
    yield;
  }
  return { sidebar: createSheet(app, root) };
}

async function resetLayers(app) {
  for (const id of app.layers.ids) if (app.layers.opacity(id) < 1) app.layers.setOpacity(id, 1);
  await app.layers.setAll(app.layers.initial());
}

function* groupNode(app, { group, layers }, rows) {
  const { t } = app;
  const children = [];
  for (const spec of layers) {
    const row = layerNode(app, spec);
    row.reflect();
    rows.set(spec.id, row);
    children.push(row);
    yield;
  }
  const drawable = layers.filter((spec) => spec.geometry !== "none");
  const box = el("input", { type: "checkbox", id: `pm-group-${group.id}` });
  const list = el("ul", { class: "pm-layers", id: `pm-group-list-${group.id}` }, children.map((row) => row.node));
  const open = drawable.some((spec) => app.layers.initial().includes(spec.id));
  const toggle = expander(app.t("map.tree.open", { name: app.name(group) }), list, open);
  box.addEventListener("change", async () => {
    const on = box.checked;
    await Promise.all(drawable.map((spec) => app.layers.setVisible(spec.id, on)));
  });
  const number = el("span", { class: "pm-count" });
  const node = el("li", { class: "pm-group" }, [
    el("div", { class: "pm-row pm-group-row" }, [
      toggle,
      el("label", { class: "pm-check" }, [box, el("span", { class: "pm-group-name", text: app.name(group) })]),
      number,
    ]),
    list,
  ]);
  const reflect = () => {
    const on = drawable.filter((spec) => app.layers.isVisible(spec.id)).length;
    box.checked = on > 0 && on === drawable.length;
    box.indeterminate = on > 0 && on < drawable.length;
    box.disabled = drawable.length === 0;
    number.textContent = t("map.tree.on", { on, total: drawable.length });
  };
  return { node, reflect };
}

/** A button that shows and hides a part; the arrow is drawn by CSS from `aria-expanded`. */
function expander(label, target, open, onOpen = null) {
  const button = el("button", { type: "button", class: "pm-expand", "aria-label": label, title: label, "aria-controls": target.id });
  const set = (value) => {
    button.setAttribute("aria-expanded", String(value));
    target.hidden = !value;
    if (value && onOpen) onOpen();
  };
  button.addEventListener("click", () => set(target.hidden));
  set(open);
  return button;
}

function layerNode(app, spec) {
  const { t } = app;
  const name = app.name(spec);
  const bare = spec.geometry === "none";
  const box = el("input", { type: "checkbox", id: `pm-layer-${spec.id}`, disabled: bare });
  box.addEventListener("change", () => app.layers.setVisible(spec.id, box.checked));
  const picture = el("span", { class: "pm-swatch-box" });
  const more = el("div", { class: "pm-layer-more", id: `pm-layer-more-${spec.id}` });
  let opacity = null;
  const list = el("ul", { class: "pm-features" });
  // What lies beyond the district is for orientation: nobody is led to it.
  const beyond = (spec.kinds || []).length > 0 && spec.kinds.every((kind) => app.kinds.get(kind)?.beyond);
  if (!beyond) more.append(list);
  let filled = false;
  const fill = async () => {
    if (!opacity && !bare) {
      opacity = opacityRow(app, spec);
      more.prepend(opacity.node);
    }
    if (filled || beyond) return;
    filled = true;
    filled = await fillFeatures(app, spec, list);
  };
  const toggle = expander(t("map.tree.details", { name }), more, false, fill);
  const row = el("div", { class: "pm-row" }, [
    toggle,
    el("label", { class: "pm-check" }, [box, picture, el("span", { class: "pm-layer-name", text: name })]),
    bare ? el("span", { class: "pm-unmapped", text: t("map.tree.no_geometry") }) : el("span", { class: "pm-count", text: Number.isFinite(spec.count) ? formatNumber(spec.count, app.lang) : "" }),
  ]);
  const node = el("li", { class: bare ? "pm-layer pm-layer-bare" : "pm-layer", "data-layer": spec.id }, [row, more]);
  let pictured = null;
  const reflect = () => {
    const on = app.layers.isVisible(spec.id);
    const entry = app.layers.entry(spec.id);
    box.checked = on && !bare;
    node.classList.toggle("pm-on", on);
    node.classList.toggle("pm-failed", Boolean(entry.error));
    opacity?.reflect();
    if (pictured !== entry.loaded) {
      pictured = entry.loaded;
      replace(picture, layerSwatch(app, entry));
    }
  };
  const mark = (id) => {
    for (const button of list.querySelectorAll("button")) button.toggleAttribute("aria-current", button.dataset.id === id);
  };
  return { node, reflect, mark };
}

/** Made when it is asked for: a slider is dear, and there is one a layer. */
function opacityRow(app, spec) {
  const slider = el("input", { type: "range", min: 0, max: 100, step: 5, id: `pm-op-${spec.id}`, class: "pm-range" });
  const output = el("output", { for: slider.id });
  slider.addEventListener("input", () => app.layers.setOpacity(spec.id, Number(slider.value) / 100));
  const reflect = () => {
    const percent = Math.round(app.layers.opacity(spec.id) * 100);
    slider.value = String(percent);
    output.textContent = `${percent}%`;
  };
  reflect();
  return { node: el("div", { class: "pm-opacity" }, [el("label", { for: slider.id, text: app.t("map.tree.opacity") }), slider, output]), reflect };
}

/** The features of a layer as buttons: the way to them without a pointer. Resolves to true when they are in. */
async function fillFeatures(app, spec, list) {
  replace(list, el("li", { class: "pm-note", text: app.t("map.loading") }));
  const entry = await app.layers.load(spec.id);
  if (entry.error) {
    replace(list, el("li", { class: "pm-note", text: app.t("map.layer_failed", { name: app.name(spec) }) }));
    return false;
  }
  replace(list, entry.large ? el("li", { class: "pm-note", text: app.t("map.large_list", { count: formatNumber(spec.count, app.lang) }) }) : [...entry.views.values()].map((view) => featureRow(app, view)));
  return true;
}

function featureRow(app, view) {
  const { properties } = view;
  const reason = app.text(properties, "no_geometry");
  const button = el(
    "button",
    {
      type: "button",
      class: "pm-feature",
      "data-id": view.id,
      onclick: () => app.select(view.id, { zoom: view.shape !== "none" || Boolean(properties.unit) }),
      onmouseenter: () => app.hover(view.id),
      onmouseleave: () => app.hover(null),
      onfocus: () => app.hover(view.id),
      onblur: () => app.hover(null),
    },
    [
      swatch(view.kind, { shape: view.shape === "none" ? (properties.unit && view.kind?.geometry) || "line" : view.shape, status: app.statuses.get(properties.status), basis: view.basis, color: properties.color, assumed: properties.assumed, width: 22, height: 14 }),
      el("span", { class: "pm-feature-name", text: app.name(properties) || view.id }),
    ],
  );
  return el("li", {}, [button, reason ? el("p", { class: "pm-reason", text: reason }) : null]);
}

/** The sidebar as a whole: the header's button hides it; on a narrow screen it is a sheet from below. */
function createSheet(app, root) {
  const button = document.getElementById("pm-btn-layers");
  const narrow = media("narrow");
  const isOpen = () => !root.hidden;
  const set = (open, { focus = false } = {}) => {
    root.hidden = !open;
    document.body.classList.toggle("pm-sidebar-open", open);
    button?.setAttribute("aria-expanded", String(open));
    app.emit("sheet", { open });
    if (open && focus) root.querySelector("input, button")?.focus();
  };
  const close = el("button", { type: "button", class: "pm-close pm-sheet-close", "aria-label": app.t("map.close"), text: "×", onclick: () => { set(false); button?.focus(); } });
  root.prepend(close);
  button?.addEventListener("click", () => {
    // Two sheets at a time would leave no map.
    if (narrow.matches && !isOpen()) app.panel?.close();
    set(!isOpen(), { focus: narrow.matches });
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && narrow.matches) {
      set(false);
      button?.focus();
    }
  });
  const settle = () => {
    set(!narrow.matches);
    // With the next frame, which lays out everything anyway.
    requestAnimationFrame(() => document.querySelector("#pm-views [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }));
  };
  narrow.addEventListener("change", settle);
  app.on("panel", ({ open }) => open && narrow.matches && set(false));
  app.on("select", ({ id }) => id && narrow.matches && set(false));
  const sidebar = {
    set,
    isOpen,
    /** Does it lie over the map now? */
    isSheet: () => narrow.matches && isOpen(),
    setSheet: (open) => narrow.matches && open !== isOpen() && set(open),
  };
  settle();
  return sidebar;
}
