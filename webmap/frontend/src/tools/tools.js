/** The tool bar on the map, the scale bar, the coordinates and the attribution. */
import L from "leaflet";
import { Scale as LeafletScale } from "leaflet/src/control/Control.Scale.js";
import { el, svg } from "../core/dom.js";
import { reducedMotion } from "../core/motion.js";
import { copyText } from "../core/places.js";

/** Line icons, 20 × 20. */
const ICONS = {
  plus: "M10 4V16M4 10H16",
  minus: "M4 10H16",
  home: "M3.5 10L10 4L16.5 10M5.5 8.5V16H14.5V8.5",
  ruler: "M3 13.5L13.5 3L17 6.5L6.5 17ZM6 10.5L8 12.5M8.5 8L10 9.5M11 5.5L13 7.5",
  full: "M4 8V4H8M12 4H16V8M16 12V16H12M8 16H4V12",
  link: "M8.5 11.5L11.5 8.5M9 6.5L11 4.5A3.2 3.2 0 0 1 15.5 9L13.5 11M11 13.5L9 15.5A3.2 3.2 0 0 1 4.5 11L6.5 9",
  legend: "M4 5.5H7M4 10H7M4 14.5H7M10 5.5H16M10 10H16M10 14.5H16",
  basemap: "M3.5 5.5L8 3.5L12 5.5L16.5 3.5V14.5L12 16.5L8 14.5L3.5 16.5ZM8 3.5V14.5M12 5.5V16.5",
  figure: "M3.5 4.5H16.5V15.5H3.5ZM3.5 13L7.5 9L10.5 12L13 9.5L16.5 13M12.5 7.2H12.6",
  notes: "M4 16L5 12L13.5 3.5L16.5 6.5L8 15ZM11.5 5.5L14.5 8.5",
  print: "M6 8V3.5H14V8M6 14H3.5V8H16.5V14H14M6 11.5H14V16.5H6Z",
};

export function toolIcon(name) {
  return svg("svg", { width: 20, height: 20, viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false", class: "pm-icon" }, svg("path", { d: ICONS[name], fill: "none", stroke: "currentColor", "stroke-width": 1.7, "stroke-linecap": "round", "stroke-linejoin": "round" }));
}

export function installTools(app) {
  const bar = document.getElementById("pm-tools");
  const embed = app.config.mode === "embed";
  if (bar) {
    L.DomEvent.disableClickPropagation(bar);
    L.DomEvent.disableScrollPropagation(bar);
    bar.append(...groups(app, embed).map((buttons) => el("div", { class: groupClass(buttons) }, buttons)));
  }
  app.map.getContainer().setAttribute("role", "region");
  app.map.getContainer().setAttribute("aria-label", app.t("map.label"));
  installScale(app);
  if (!embed) installCoordinates(app);
  installAttribution(app, embed);
  app.map.on("keydown", (event) => onKey(app, event.originalEvent));
}

/** The group that holds nothing but the legend's button comes and goes with it. */
function groupClass(buttons) {
  return buttons.some((one) => one.classList.contains("pm-tool-legend")) ? "pm-tool-group pm-tool-group-legend" : "pm-tool-group";
}

function button(app, name, key, onclick, extra = {}) {
  const label = app.t(key);
  return el("button", { type: "button", class: `pm-tool pm-tool-${name}`, "aria-label": label, title: label, onclick, ...extra }, toolIcon(name));
}

function groups(app, embed) {
  const { map } = app;
  const zoomIn = button(app, "plus", "map.tool.zoom_in", () => map.zoomIn(1));
  const zoomOut = button(app, "minus", "map.tool.zoom_out", () => map.zoomOut(1));
  const limits = () => {
    zoomIn.disabled = map.getZoom() >= map.getMaxZoom();
    zoomOut.disabled = map.getZoom() <= map.getMinZoom();
  };
  map.on("zoomend", limits);
  limits();
  const home = button(app, "home", "map.tool.home", () => app.fitView({ animate: true }));
  const ground = app.basemap ? [basemap(app)] : [];
  if (embed) return [[zoomIn, zoomOut, home], ground].filter((buttons) => buttons.length);
  const measure = measuring(app);
  const legend = button(app, "legend", "map.tool.legend", () => showLegend(app), { class: "pm-tool pm-tool-legend" });
  const copy = button(app, "link", "map.tool.link", () => copyLink(app));
  const notes = button(app, "notes", "map.tool.notes", () => app.notes.toggle(notes), { "aria-pressed": "false" });
  const rest = [...ground, measure, notes, copy];
  if (app.config.urls?.figures) rest.push(figures(app));
  if (document.fullscreenEnabled) rest.push(fullscreen(app));
  return [[zoomIn, zoomOut, home], rest, [legend]];
}

/** Measuring comes when it is first asked for. */
function measuring(app) {
  let made = null;
  const node = button(app, "ruler", "map.tool.measure", async () => {
    try {
      const { Measure } = await app.asked();
      made ||= new Measure(app, node);
      made.toggle();
    } catch {
      app.toast(app.t("map.part_failed"));
    }
  }, { "aria-pressed": "false" });
  return node;
}

/** The dialog that makes figures comes when it is first asked for. */
function figures(app) {
  let dialog = null;
  return button(app, "figure", "map.tool.figure", async () => {
    try {
      const { FigureDialog } = await app.asked();
      dialog ||= new FigureDialog(app);
      dialog.open();
    } catch {
      app.toast(app.t("map.part_failed"));
    }
  }, { "aria-haspopup": "dialog" });
}

/** The operator's base map, on and off. */
function basemap(app) {
  const node = button(app, "basemap", "map.tool.basemap", () => app.basemap.set(!app.basemap.on), { "aria-pressed": "false" });
  app.on("basemap", ({ on }) => node.setAttribute("aria-pressed", String(on)));
  return node;
}

function showLegend(app) {
  app.sidebar.set(true);
  const target = document.getElementById("pm-legend-section");
  target?.scrollIntoView({ block: "start", behavior: reducedMotion() ? "auto" : "smooth" });
}

async function copyLink(app) {
  const done = await copyText(app.permalink());
  app.toast(app.t(done ? "map.link.copied" : "map.link.by_hand"));
}

function fullscreen(app) {
  const node = button(app, "full", "map.tool.full", async () => {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else await document.documentElement.requestFullscreen();
    } catch {
      app.toast(app.t("map.full_refused"));
    }
  }, { "aria-pressed": "false" });
  document.addEventListener("fullscreenchange", () => {
    node.setAttribute("aria-pressed", String(Boolean(document.fullscreenElement)));
    app.map.invalidateSize();
  });
  return node;
}

/** Keys on the map itself, beside Leaflet's arrows, + and −. */
function onKey(app, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && !app.busy) app.select(null);
  else if (event.key === "0" || event.key === "Home") app.fitView({ animate: true });
}

const Scale = LeafletScale.extend({
  options: { units: { m: "m", km: "km" } },
  _updateMetric(maxMeters) {
    const metres = this._getRoundNum(maxMeters);
    const { m, km } = this.options.units;
    this._updateScale(this._mScale, metres < 1000 ? `${metres} ${m}` : `${metres / 1000} ${km}`, metres / maxMeters);
  },
});

function installScale(app) {
  new Scale({ imperial: false, maxWidth: 110, position: "bottomleft", units: { m: app.t("map.unit.m"), km: app.t("map.unit.km") } }).addTo(app.map);
}

function installCoordinates(app) {
  const { map, t, config } = app;
  const crs = config.crs || {};
  let project = null;
  let last = null;
  const degrees = el("span", { class: "pm-coord" });
  const metres = el("span", { class: "pm-coord" });
  const node = el("div", { class: "pm-coordinates", role: "group", "aria-label": t("map.coord.label") }, [
    el("span", { class: "pm-coord-name", text: "WGS 84" }),
    degrees,
  ]);
  app.on("ready", () => app.later().then(({ projector }) => {
    project = projector(crs.proj4);
    if (!project) return;
    node.append(el("span", { class: "pm-coord-name", text: t("map.coord.metric", { meridian: crs.meridian ?? "" }), title: crs.name || "" }), metres);
    show(last);
  }, () => {}));
  const Holder = L.Control.extend({ onAdd: () => node });
  new Holder({ position: "bottomleft" }).addTo(map);
  L.DomEvent.disableClickPropagation(node);
  // Narrow screens show the first system; a tap shows both.
  node.addEventListener("click", () => node.classList.toggle("pm-open"));
  let frame = 0;
  const show = (latlng) => {
    last = latlng;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      const { lat, lng } = latlng.wrap();
      degrees.textContent = `${Math.abs(lng).toFixed(5)}°${lng < 0 ? "W" : "E"}  ${Math.abs(lat).toFixed(5)}°${lat < 0 ? "S" : "N"}`;
      if (!project) return;
      const { east, north } = project(lng, lat);
      const sound = Number.isFinite(east) && Number.isFinite(north);
      metres.textContent = sound ? t("map.coord.xy", { x: north.toFixed(1), y: east.toFixed(1) }) : "—";
    });
  };
  map.on("mousemove", (event) => show(event.latlng));
  // Without a pointer (touch, keyboard): the middle of the map.
  map.on("moveend", () => show(map.getCenter()));
  show(map.getCenter());
}

function installAttribution(app, embed) {
  const { t, config } = app;
  const plan = config.plan || {};
  const title = app.text(plan, "short_title") || app.text(plan, "title");
  const urls = config.urls || {};
  const parts = [el("span", { text: title })];
  if (embed && urls.map) {
    parts.push(el("a", { class: "pm-full-link", href: fullUrl(app), target: "_blank", rel: "noopener", text: t("map.attribution.full") }));
  } else if (urls.about) parts.push(el("a", { href: urls.about, text: t("map.attribution.about") }));
  if (app.basemap) {
    const source = el("span", { class: "pm-basemap-source", text: t("map.basemap.source", { source: config.basemap.attribution }), hidden: true });
    app.on("basemap", ({ on }) => (source.hidden = !on));
    parts.push(source);
  }
  const node = el("div", { class: "pm-attribution" }, parts);
  if (embed) {
    const link = node.querySelector("a");
    if (link) app.on("link", () => (link.href = fullUrl(app)));
  }
  const Holder = L.Control.extend({ onAdd: () => node });
  new Holder({ position: "bottomright" }).addTo(app.map);
}

/** The full map in the state that the embed shows. */
function fullUrl(app) {
  const url = new URL(app.config.urls.map || "/", window.location.href);
  url.searchParams.set("lang", app.lang);
  if (app.config.view && app.config.view.id) url.searchParams.set("view", app.config.view.id);
  if (app.permalink) url.hash = new URL(app.permalink()).hash;
  return url.href;
}
