/** The legend: exactly what is on, drawn with the map's own symbols. */
import { media } from "../core/breakpoints.js";
import { el, replace, svg } from "../core/dom.js";
import { nextTask } from "../core/slices.js";
import { ink } from "../map/ink.js";
import { noteMark } from "../map/note-mark.js";
import { swatch } from "../map/swatch.js";
import { markNode } from "../map/units.js";
import { lightness } from "../map/symbols.js";
import { PAINTED_KINDS } from "../map/layers.js";
import { shieldText } from "../core/format.js";

/** More own colours than this in one kind are shown as one entry. */
const MOST_COLOURS = 16;

export function installLegend(app) {
  const embed = app.config.mode === "embed";
  const body = el("div", { class: "pm-legend-body" });
  const section = el("section", { class: "pm-section pm-section-legend", id: "pm-legend-section", "aria-labelledby": "pm-legend-title" }, [
    el("div", { class: "pm-section-head" }, el("h2", { id: "pm-legend-title", text: app.t("map.legend.title") })),
    el("div", { class: "pm-section-body", tabindex: "0" }, body),
  ]);
  const place = embed ? floating(app, section) : document.getElementById("pm-sidebar");
  if (!place) return;
  if (!embed) place.append(section);
  const strip = installStrip();
  let overlay = null;
  let frame = 0;
  const draw = async () => {
    // Beside the choice of surfaces their colours are explained already.
    replace(body, legendBlocks(app, overlay, false, embed));
    await nextTask();
    // In the strip, of which the beginning is seen first, what is on the map comes before what lines and rings mean.
    if (strip) replace(strip, legendBlocks(app, overlay, true, true));
  };
  const redraw = () => {
    cancelAnimationFrame(frame);
    // In a task of its own: the frame's has the layout to do.
    frame = requestAnimationFrame(() => nextTask().then(draw));
  };
  app.on("layers", redraw);
  app.on("opacity", redraw);
  app.on("paint", redraw);
  app.on("notes", redraw);
  app.on("surface", redraw);
  app.on("overlay", (detail) => {
    overlay = detail;
    if (embed) announce(app, overlay);
    redraw();
  });
  redraw();
  return { legend: { redraw: draw, entries: () => legendEntries(app) } };
}

/** The legend in two lines below the map (its place is in the page from the first, so that the map keeps its size), to be pushed sideways: for screens and frames without room beside it. */
function installStrip() {
  return document.getElementById("pm-strip");
}

/** An embed says in its title what the colours mean. */
function announce(app, overlay) {
  const title = document.querySelector(".pm-embed-title");
  title?.querySelector(".pm-embed-indicator")?.remove();
  if (!overlay) return;
  const unit = overlay.unit ? app.t("map.legend.in_brackets", { text: overlay.unit }) : "";
  title?.append(el("span", { class: "pm-embed-indicator" }, [el("bdi", { text: overlay.title }), unit]));
}

/** In an embed the legend is a small card on the map, open where there is room for it until somebody closes it. */
function floating(app, section) {
  const place = document.getElementById("pm-legend");
  if (!place) return null;
  const button = el("button", { type: "button", class: "pm-legend-button", "aria-controls": section.id, text: app.t("map.legend.title") });
  const small = media("frame-small");
  const set = (open) => {
    section.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => set(section.hidden));
  small.addEventListener("change", () => set(!small.matches));
  set(!small.matches);
  place.append(section, button);
  // The map's room begins beside the legend, once that has its size.
  new ResizeObserver(() => app.untouched() && app.fitView()).observe(section);
  return place;
}

/**
 * What is on, as data: `{groups: [{name, items: [{kind, color, name, …}]}], statuses, assumed, units, halo}`.
 */
export function legendEntries(app) {
  const found = { groups: [], statuses: new Set(), assumed: false, units: false, halo: false, schematic: false };
  for (const group of app.groups) {
    const items = [];
    for (const spec of app.layerSpecs.values()) {
      if (spec.group !== group.id || !app.layers.isVisible(spec.id) || app.layers.opacity(spec.id) <= 0.02) continue;
      const { large, views: loaded } = app.layers.entry(spec.id);
      const all = large ? large.samples() : [...loaded.values()];
      found.units ||= all.some((view) => view.properties.unit);
      const views = all.filter((view) => view.shape !== "none");
      for (const view of views) noteMarks(found, view);
      for (const id of spec.kinds || []) items.push(...kindItems(app, id, views.filter((view) => view.properties.kind === id)));
    }
    if (items.length) found.groups.push({ name: app.name(group), items });
  }
  return found;
}

function noteMarks(found, view) {
  const { style, properties } = view;
  if (properties.status && (view.shape === "line" || (view.shape === "point" && style.notBuilt))) found.statuses.add(properties.status);
  if (properties.assumed) found.assumed = true;
  if (style.uncertain && view.shape === "point") found.halo = true;
  if (style.uncertain && view.shape !== "point") found.schematic = true;
}

function kindItems(app, id, views) {
  const kind = app.kinds.get(id);
  if (!kind || !views.length) return [];
  const { shape } = views[0];
  // Under the shading of an indicator only the outlines of zones and townships are to be seen.
  if (PAINTED_KINDS.has(id) && app.layers.painted()) return [{ kind, shape, paint: { fillOpacity: 0 }, name: app.name(kind) }];
  const colours = new Map();
  for (const view of views) {
    const { color } = view.properties;
    if (color && !colours.has(color)) colours.set(color, view);
  }
  if (colours.size > 1 && colours.size <= MOST_COLOURS && shape !== "point") {
    const named = [...colours].map(([color, view]) => ({ color, name: app.name(view.properties) }));
    // Lines of many colours are told apart by their shields, as on the map.
    if (shape === "line") return [{ kind, shape, name: app.name(kind), badges: named.map(({ color, name }) => ({ color, name: shieldText(name) })) }];
    return named.map((item) => ({ kind, shape, ...item }));
  }
  return [{ kind, shape, color: colours.size === 1 ? [...colours.keys()][0] : "", name: app.name(kind) }];
}

function legendBlocks(app, overlay, kindsFirst = false, withSurface = false) {
  const { t } = app;
  const found = legendEntries(app);
  const row = (picture, text) => el("li", { class: "pm-legend-item" }, [picture, el("span", { text })]);
  const block = (title, items) => el("div", { class: "pm-legend-group" }, [el("h3", { text: title }), el("ul", {}, items)]);
  const blocks = [];
  const kinds = found.groups.map((group) => block(group.name, group.items.map((item) => (item.badges ? badgeRow(item) : row(swatch(item.kind, item), item.name)))));
  if (overlay) blocks.push(overlayBlock(app, overlay));
  const surface = withSurface && app.surfaces?.list.find((record) => record.id === app.surfaces.shown);
  // Its words stand beside its colours, as those of an indicator.
  if (surface) blocks.push(overlayBlock(app, { title: surface.name, note: surface.said, entries: surface.legend }));
  if (kindsFirst) blocks.push(...kinds);
  // What dashes, hatching and rings mean comes first: it holds for every layer.
  const statuses = [...app.statuses.values()].filter((status) => found.statuses.has(status.id));
  if (statuses.length > 1 || statuses.some((status) => status.dash && status.dash.length)) {
    blocks.push(block(t("map.legend.status"), statuses.map((status) => row(statusSwatch(status), app.name(status)))));
  }
  const marks = markItems(app, found, row);
  if (marks.length) blocks.push(block(t("map.legend.trust"), marks));
  if (!kindsFirst) blocks.push(...kinds);
  const notes = app.notes?.list() || [];
  if (notes.length) blocks.push(block(t("notes.legend"), noteItems(app, notes, row)));
  return blocks.length ? blocks : [el("p", { class: "pm-note", text: t("map.legend.empty") })];
}

/** One line for each sort of notes that has no words of its own on the map, and the numbers with theirs. */
function noteItems(app, notes, row) {
  const items = new Map();
  let number = 0;
  for (const note of notes) {
    if (note.shape === "number") number += 1;
    const key = note.shape === "number" ? `number ${number}` : `${note.shape} ${note.color}`;
    const said = note.shape === "number" && note.text ? note.text : app.t(`notes.shape.${note.shape}`);
    if (!items.has(key)) items.set(key, row(picture(noteMark(note.shape, `note-${note.color}`, number)), said));
  }
  return [...items.values()];
}

/** Coloured shields in one row, the name of their kind first. */
function badgeRow(item) {
  const badge = ({ color, name }) => el("span", { class: lightness(color) > 0.72 ? "pm-badge pm-badge-light" : "pm-badge", style: { "background-color": color } }, [el("bdi", { text: name })]);
  return el("li", { class: "pm-legend-item pm-legend-badges" }, [el("span", { text: item.name }), ...item.badges.map(badge)]);
}

function overlayBlock(app, overlay) {
  const items = overlay.entries.map((entry) =>
    el("li", { class: "pm-legend-item" }, [
      svg("svg", { class: "pm-swatch", width: 30, height: 18, viewBox: "0 0 30 18", "aria-hidden": "true" }, svg("rect", { x: 3, y: 2, width: 24, height: 14, fill: entry.color, stroke: ink("mark-soft"), "stroke-width": 0.8 })),
      el("span", { text: entry.text }),
    ]),
  );
  return el("div", { class: "pm-legend-group pm-legend-overlay" }, [
    el("h3", { text: overlay.title }),
    el("p", { class: "pm-note", text: overlay.note }),
    overlay.picture ? overlay.picture() : null,
    el("ul", {}, items),
  ]);
}

function statusSwatch(status) {
  const neutral = { id: "neutral", geometry: "line", symbol: { stroke: ink("mark"), width: 3 } };
  return swatch(neutral, { status, shape: "line" });
}

function markItems(app, found, row) {
  const { t } = app;
  const items = [];
  if (found.assumed) items.push(row(swatch({ geometry: "polygon", symbol: { stroke: ink("mark-soft"), width: 1, dash: [4, 3], pattern: "hatch", pattern_color: ink("mark-soft") } }, {}), t("map.legend.assumed")));
  if (found.halo) items.push(row(haloSwatch(), t("map.legend.halo")));
  if (found.units) items.push(row(unitSwatch(), t("map.legend.unit_mark")));
  if (found.schematic || found.halo) items.push(row(bandSwatch(), t("map.legend.band")));
  return items;
}

const picture = (children) => svg("svg", { class: "pm-swatch", width: 30, height: 18, viewBox: "-15 -9 30 18", "aria-hidden": "true", focusable: "false" }, children);

function haloSwatch() {
  return picture([
    svg("circle", { r: 8, fill: ink("mark"), "fill-opacity": 0.13, stroke: ink("mark"), "stroke-width": 0.8, "stroke-opacity": 0.5, "stroke-dasharray": "2 2" }),
    svg("circle", { r: 2.6, fill: ink("mark") }),
  ]);
}

function bandSwatch() {
  return picture([
    svg("path", { d: "M-13 3C-4 -5 4 6 13 -3", fill: "none", stroke: ink("focus"), "stroke-width": 11, "stroke-opacity": 0.18 }),
    svg("path", { d: "M-13 3C-4 -5 4 6 13 -3", fill: "none", stroke: ink("mark"), "stroke-width": 2 }),
  ]);
}

function unitSwatch() {
  const node = markNode(3);
  node.setAttribute("class", "pm-swatch");
  node.setAttribute("aria-hidden", "true");
  return node;
}
