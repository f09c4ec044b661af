/**
 * The map on paper: it gets a sheet's size and shows what the screen showed, with what a printed map must say:
 * view, indicator, date, source, scale, north. Afterwards all is as before.
 */
import { el, svg } from "../core/dom.js";
import { formatNumber } from "../core/format.js";

/** Millimetres of paper in a CSS pixel: 25.4 / 96. */
const MM_PER_PX = 25.4 / 96;
/** Metres in a pixel at the equator at zoom 0, Web Mercator. */
const METRES_AT_ZOOM_0 = 156543.03392804097;

/** The scale's denominator on paper, to three digits, where the map's middle lies at a latitude (degrees). */
export function scaleDenominator(latitude, zoom) {
  const metres = (METRES_AT_ZOOM_0 * Math.cos((latitude * Math.PI) / 180)) / 2 ** zoom;
  return Number(((metres * 1000) / MM_PER_PX).toPrecision(3));
}

export function installPrinting(app) {
  const { map } = app;
  const head = el("div", { class: "pm-imprint pm-imprint-head" });
  const foot = el("div", { class: "pm-imprint pm-imprint-foot" });
  const north = svg("svg", { class: "pm-imprint pm-north", viewBox: "-10 -16 20 32", "aria-hidden": "true" }, [
    svg("path", { d: "M0 -6L6 14L0 9L-6 14Z", fill: "currentColor" }),
    svg("text", { "text-anchor": "middle", y: -8, "font-size": 9, fill: "currentColor", text: "N" }),
  ]);
  const main = document.getElementById("pm-main");
  main?.before(head);
  main?.after(foot);
  document.getElementById("pm-map")?.append(north);
  let before = null;
  window.addEventListener("beforeprint", () => {
    before = { center: map.getCenter(), zoom: map.getZoom() };
    const { bounds, padding } = shown(app);
    document.body.classList.add("pm-printing");
    document.body.classList.toggle("pm-printing-dense", document.querySelectorAll(LEGEND_ROWS).length > LEGEND_ROOM);
    head.replaceChildren(...headWords(app));
    if (window.parent !== window) fitFrame(head, foot, footWords(app));
    map.invalidateSize({ animate: false });
    map.fitBounds(bounds, { padding, animate: false });
    app.labels.placeNow();
    foot.replaceChildren(...footWords(app));
  });
  window.addEventListener("afterprint", () => {
    document.body.classList.remove("pm-printing", "pm-printing-dense", "pm-printing-guest");
    map.invalidateSize({ animate: false });
    if (before) map.setView(before.center, before.zoom, { animate: false });
  });
}

/** Between a view's edge and the map's frame on paper, CSS pixels. */
const PADDING_PX = 10;

/** With more lines than this a legend is set smaller, so that it stays on the map's sheet. */
const LEGEND_ROOM = 44;
const LEGEND_ROWS = ".pm-section-legend .pm-legend-item, .pm-section-legend h3";

/** What the sheet shows: the view, where nobody has moved the map away from it, else all that the screen shows. */
function shown(app) {
  const view = app.untouched() && app.config.view?.bounds;
  return view ? { bounds: view, padding: [PADDING_PX, PADDING_PX] } : { bounds: app.map.getBounds(), padding: [0, 0] };
}

/** Width of an A4 sheet between usual margins, and the least that a map with its legend gets, in CSS pixels. */
const SHEET_PX = 690;
const LEAST_PX = 420;
const LEGEND_SHARE = 0.36;
const GAP_PX = 8;

/**
 * Inside somebody's page the host's sheet rules: map, legend and words share the frame's own box. A frame as wide as
 * its column gets narrower on the sheet; how wide the column is a guest cannot ask, the window's width stands for it.
 */
export function frameWidth(inner, outer) {
  const shrunk = outer > SHEET_PX ? (inner * SHEET_PX) / outer : inner;
  return Math.round(Math.min(inner, SHEET_PX, Math.max(shrunk, LEAST_PX)));
}

function fitFrame(head, foot, words) {
  const { style, classList } = document.body;
  const width = frameWidth(window.innerWidth, window.outerWidth);
  classList.add("pm-printing-guest");
  style.setProperty("--guest-width", `${width}px`);
  foot.replaceChildren(...words);
  const legend = Math.round(width * LEGEND_SHARE);
  const height = Math.max(window.innerHeight - head.offsetHeight - foot.offsetHeight - GAP_PX, LEAST_PX / 3);
  style.setProperty("--guest-height", `${height}px`);
  style.setProperty("--guest-map", `${width - legend - GAP_PX}px`);
  const body = document.querySelector(".pm-section-legend .pm-legend-body");
  // The legend shrinks until all of it fits beside the map.
  for (const scale of [0.9, 0.8, 0.7, 0.6, 0.52, 0.45, 0.38]) {
    style.setProperty("--guest-scale", scale);
    style.setProperty("--guest-legend", `${legend / scale}px`);
    style.setProperty("--guest-legend-height", `${height / scale}px`);
    if (!body || (body.scrollWidth <= body.clientWidth + 1 && body.scrollHeight <= body.clientHeight + 1)) break;
  }
}

function headWords(app) {
  const { config } = app;
  const view = (config.views || []).find((one) => one.id === config.view?.id) || config.view;
  const model = app.overlay?.model;
  const title = [app.name({ name: config.plan?.short_title, name_en: config.plan?.short_title_en }), view ? app.name(view) : ""].filter(Boolean).join(" · ");
  const indicator = app.indicator && model ? `${model.title}${model.unit ? ` (${model.unit})` : ""}` : "";
  return [el("strong", {}, [el("bdi", { text: title })]), indicator ? el("span", {}, [el("bdi", { text: indicator })]) : null].filter(Boolean);
}

function footWords(app) {
  const { map, t, lang, config } = app;
  const scale = scaleDenominator(map.getCenter().lat, map.getZoom());
  const day = new Date();
  const date = `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
  const source = app.name({ name: config.plan?.title, name_en: config.plan?.title_en });
  return [
    el("span", { class: "pm-print-scale", text: t("map.print.scale", { scale: formatNumber(scale, lang, 0) }) }),
    el("span", {}, [t("map.print.source"), el("bdi", { text: source })]),
    app.basemap?.on ? el("span", { text: t("map.basemap.source", { source: config.basemap.attribution }) }) : null,
    el("span", { text: t("map.print.warning") }),
    el("span", { text: t("map.print.date", { date, edition: String(config.edition || "").slice(0, 12) }) }),
  ].filter(Boolean);
}
