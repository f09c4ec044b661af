/** Scanned maps: which are on and how dense, their group at the end of the layer tree, and the swipe. */
import L from "leaflet";
import { el, replace } from "../core/dom.js";
import { reducedMotion } from "../core/motion.js";
import { ControlPoints, makePanes, pictureOf } from "./sheets-layer.js";
import { formatScans, parseScans } from "./sheets-model.js";
import { SheetsSwipe } from "./sheets-swipe.js";

/** What a scan is switched on with: the plan is to be seen through it. */
const USUAL_OPACITY = 0.75;
const FACTS = ["publisher", "date", "map_number", "licence"];

export class ScansTool {
  constructor(app) {
    this.app = app;
    this.entries = new Map();
    this.swipe = new SheetsSwipe(app, () => {
      this.swipe.set(false);
      this.reflect?.();
      document.getElementById("pm-scan-swipe")?.focus();
    });
    this.told = false;
    makePanes(app.map);
  }

  async load() {
    const { scans } = await this.app.data.get(`${this.app.config.urls.api}/scans`);
    for (const scan of scans) this.entries.set(scan.id, { scan, on: false, opacity: USUAL_OPACITY, picture: null, points: null });
  }

  // ---- state

  text() {
    return formatScans([...this.entries.values()].filter((entry) => entry.on).map(({ scan, opacity }) => ({ id: scan.id, opacity })));
  }

  set(text) {
    const wanted = new Map(parseScans(text).map(({ id, opacity }) => [id, opacity]));
    for (const [id, entry] of this.entries) {
      if (wanted.has(id)) entry.opacity = wanted.get(id);
      this.show(entry, wanted.has(id));
    }
    this.changed();
  }

  show(entry, on) {
    const { map } = this.app;
    entry.on = on;
    if (on) {
      entry.picture ||= pictureOf(entry.scan, map.getMaxZoom()).on("tileerror", () => this.fail());
      entry.picture.setOpacity(entry.opacity).addTo(map);
    } else {
      entry.picture?.remove();
      entry.points?.show(false);
    }
  }

  fail() {
    if (!this.told) this.app.toast(this.app.t("scans.failed"));
    this.told = true;
  }

  changed() {
    if (![...this.entries.values()].some((entry) => entry.on)) this.swipe.set(false);
    this.reflect?.();
    this.app.emit("state");
  }

  zoomTo({ bounds: [west, south, east, north] }) {
    this.app.map.fitBounds(L.latLngBounds([south, west], [north, east]), { ...this.app.fitPadding(), animate: !reducedMotion() });
  }

  // ---- the group in the tree

  furnish(tree) {
    if (this.reflect || !this.entries.size) return;
    const { t } = this.app;
    const rows = [...this.entries.values()].map((entry) => this.row(entry));
    const swipe = el("input", { type: "checkbox", id: "pm-scan-swipe", onchange: () => this.swipe.set(swipe.checked) });
    const needed = el("p", { class: "pm-note", id: "pm-scan-needed", text: t("scans.swipe.needs") });
    swipe.setAttribute("aria-describedby", needed.id);
    const list = el("ul", { class: "pm-layers", id: "pm-scan-list" }, [...rows.map((row) => row.node), el("li", { class: "pm-scan-swipe" }, [el("label", { class: "pm-check", for: swipe.id }, [swipe, el("span", { text: t("scans.swipe") })]), needed])]);
    const count = el("span", { class: "pm-count" });
    const toggle = expander(t("map.tree.open", { name: t("scans.title") }), list);
    tree.append(el("li", { class: "pm-group pm-scans" }, [el("div", { class: "pm-row pm-group-row" }, [toggle, el("span", { class: "pm-check pm-group-name", text: t("scans.title") }), count]), list]));
    this.reflect = () => {
      const on = [...this.entries.values()].filter((entry) => entry.on).length;
      count.textContent = t("map.tree.on", { on, total: this.entries.size });
      swipe.disabled = !on;
      needed.hidden = Boolean(on);
      swipe.checked = this.swipe.on;
      for (const row of rows) row.reflect();
    };
    this.reflect();
  }

  row(entry) {
    const { app } = this;
    const { t } = app;
    const { scan } = entry;
    const name = app.name(scan);
    const box = el("input", { type: "checkbox", id: `pm-scan-${scan.id}`, onchange: () => (this.show(entry, box.checked), this.changed()) });
    const slider = el("input", { type: "range", min: 0, max: 100, step: 5, id: `pm-scan-op-${scan.id}`, class: "pm-range" });
    const output = el("output", { for: slider.id });
    slider.addEventListener("input", () => {
      entry.opacity = Number(slider.value) / 100;
      entry.picture?.setOpacity(entry.opacity);
      this.changed();
    });
    const points = el("input", { type: "checkbox", id: `pm-scan-points-${scan.id}`, onchange: () => this.showPoints(entry, points.checked) });
    const drawnOut = el("span", { class: "pm-note", role: "status" });
    const more = el("div", { class: "pm-layer-more", id: `pm-scan-more-${scan.id}` }, [
      el("div", { class: "pm-opacity" }, [el("label", { for: slider.id, text: t("map.tree.opacity") }), slider, output]),
      el("label", { class: "pm-check", for: points.id }, [points, el("span", { text: t("scans.points", { count: scan.points.length }) })]),
      drawnOut,
      this.facts(scan),
      el("p", { class: "pm-scan-actions" }, [
        el("button", { type: "button", class: "pm-link", text: t("scans.zoom"), onclick: () => this.zoomTo(scan) }),
        scan.file ? el("a", { class: "pm-link", href: scan.file, download: `${scan.id}.tif`, text: t("scans.file") }) : null,
      ]),
    ]);
    const reflect = () => {
      box.checked = entry.on;
      slider.value = String(Math.round(entry.opacity * 100));
      output.textContent = `${slider.value}%`;
      points.disabled = !entry.on;
      points.checked = Boolean(entry.on && entry.points && app.map.hasLayer(entry.points.group));
      drawnOut.textContent = !entry.on ? t("scans.points.needs") : points.checked ? t("scans.drawn_out", { factor: entry.points.factor }) : "";
      node.classList.toggle("pm-on", entry.on);
    };
    app.map.on("zoomend", () => entry.points && reflect());
    const accuracy = scan.accuracy_m === null ? null : el("span", { class: "pm-count", text: t("scans.about", { metres: scan.accuracy_m }), title: t("scans.accuracy") });
    const head = el("div", { class: "pm-row" }, [expander(t("scans.details", { name }), more, false), el("label", { class: "pm-check", for: box.id }, [box, el("span", { class: "pm-layer-name", text: name })]), accuracy]);
    const node = el("li", { class: "pm-layer", "data-scan": scan.id }, [head, more]);
    return { node, reflect };
  }

  showPoints(entry, on) {
    entry.points ||= new ControlPoints(this.app.map, entry.scan);
    entry.points.show(on);
    this.reflect();
  }

  /** What is known of a scan; what nobody stated has no line. */
  facts(scan) {
    const { t } = this.app;
    const lines = FACTS.filter((name) => scan[name]).map((name) => [t(`scans.${name}`), scan[name]]);
    if (scan.scale) lines.push([t("scans.scale"), `1 : ${Math.round(scan.scale).toLocaleString("en")}`]);
    lines.push([t("scans.transformation"), t(`scans.by.${scan.transformation}`)]);
    lines.push([t("scans.accuracy"), scan.accuracy_m === null ? t("scans.no_accuracy") : t("scans.about", { metres: scan.accuracy_m })]);
    if (scan.left_out_m !== null) lines.push([t("scans.left_out"), t("scans.metres", { metres: scan.left_out_m < 10 ? scan.left_out_m.toFixed(1) : Math.round(scan.left_out_m) })]);
    const list = el("dl", { class: "pm-scan-facts" });
    replace(list, lines.map(([name, value]) => [el("dt", { text: name }), el("dd", {}, el("bdi", { text: value }))]).flat());
    return list;
  }
}

/** A button that shows and hides a part, as those of the tree. */
function expander(label, target, open = true) {
  const button = el("button", { type: "button", class: "pm-expand", "aria-label": label, title: label, "aria-controls": target.id });
  const set = (value) => {
    button.setAttribute("aria-expanded", String(value));
    target.hidden = !value;
  };
  button.addEventListener("click", () => set(target.hidden));
  set(open);
  return button;
}
