/**
 * The same indicator on two or four maps in step, or two of them divided by a line that is moved: each shows the units alone, in the classes
 * and at the place of the map below, which they move with.
 */
import L from "leaflet";
import { DivIcon } from "leaflet/src/layer/marker/DivIcon.js";
import { marker } from "leaflet/src/layer/marker/Marker.js";
import { el, replace } from "../core/dom.js";
import { ink } from "../map/ink.js";
import { Swipe } from "../map/swipe.js";

/** No map shows the extent from further away than this many zoom levels. */
const LESS_ZOOM = 2;

export class SideBySide {
  /** @param choose called with a map's number and the period that it shall show; @param close when one map is wanted again */
  constructor(app, { choose, close }) {
    this.app = app;
    this.choose = choose;
    this.close = close;
    this.node = null;
    this.maps = [];
    this.moving = false;
    this.follow = () => this.move(app.map);
  }

  clear() {
    if (!this.node) return;
    this.app.map.off("move zoomend resize", this.follow);
    for (const { map } of this.maps) map.remove();
    this.maps = [];
    this.node.parentElement.classList.remove("pm-with-split", "pm-with-many");
    this.node.remove();
    this.node = null;
    this.form = "";
  }

  /**
   * @param form "swipe", "2" or "4"
   * @param sides `[{title, period, model}]`, models as the overlay's; @param views of the units' layer, by id
   * @param periods `[[code, name]]` to choose from
   */
  set(form, sides, views, periods) {
    const focused = document.activeElement?.id;
    if (this.form !== form || this.maps.length !== sides.length) {
      this.clear();
      this.build(form, sides, views);
    }
    sides.forEach((side, at) => {
      this.paint(this.maps[at], side);
      if (!this.swipe) this.name(this.maps[at], side, at, periods);
    });
    this.swipe?.name(sides[0].title, sides[1].title);
    this.node.querySelector(".pm-split-empty").hidden = sides.some((side) => side.model && !side.model.reason);
    if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
    this.move(this.app.map);
    this.swipe?.divide();
  }

  build(form, sides, views) {
    const { app } = this;
    const { t } = app;
    this.form = form;
    const cells = sides.map((_, at) => el("div", { class: "pm-split-cell" }, [el("div", { class: "pm-split-map", role: "img" }), el("div", { class: `pm-split-name pm-split-name-${at}` })]));
    this.swipe = form === "swipe" ? new Swipe({ bar: t("overlay.split_bar"), left: "", right: "" }, { onMove: () => this.divide() }) : null;
    this.node = el("div", { class: `pm-split pm-split-${form}`, role: "group", "aria-label": t("overlay.split") }, [
      cells,
      this.swipe?.node,
      el("p", { class: "pm-split-empty", role: "status", hidden: true, text: t("overlay.split_empty") }),
      el("button", { type: "button", class: "pm-split-close", text: t("overlay.split_close"), onclick: this.close }),
    ]);
    this.node.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    const place = document.getElementById("pm-map") || app.map.getContainer().parentElement;
    place.append(this.node);
    place.classList.add("pm-with-split");
    place.classList.toggle("pm-with-many", form !== "swipe");
    this.maps = cells.map((cell) => this.makeMap(cell, views));
    app.map.on("move zoomend resize", this.follow);
  }

  makeMap(cell, views) {
    const { map: main } = this.app;
    const map = L.map(cell.firstChild, { attributionControl: false, zoomControl: false, zoomAnimation: false, fadeAnimation: false, keyboard: false, zoomSnap: 0.25, minZoom: Math.max(0, main.getMinZoom() - LESS_ZOOM), maxZoom: main.getMaxZoom() });
    map.setView(main.getCenter(), main.getZoom() - this.less(map));
    const made = { map, cell, areas: new Map(), names: new Map() };
    for (const [id, view] of views) {
      if (view.shape !== "polygon") continue;
      made.areas.set(id, L.polygon(view.parts, { color: ink("mark-soft"), weight: 0.8, fillOpacity: 1, interactive: false }).addTo(map));
    }
    for (const [id, { properties }] of views) {
      if (!properties.label) continue;
      const text = el("span", {});
      made.names.set(id, { text, name: this.app.name(properties) });
      marker([properties.label[1], properties.label[0]], { icon: new DivIcon({ className: "pm-split-label", html: text, iconSize: [0, 0] }), interactive: false, keyboard: false }).addTo(map);
    }
    map.on("move", () => this.move(map));
    return made;
  }

  paint({ areas, names, cell }, { model, title }) {
    for (const [id, area] of areas) area.setStyle({ fillColor: model?.paint.get(id) || model?.noData || ink("sheet") });
    const said = [];
    for (const [id, { text, name }] of names) {
      const value = model?.labels.get(id) || "";
      replace(text, el("span", { text: name }), value ? el("b", { text: value }) : null);
      if (value) said.push(`${name} ${value}`);
    }
    cell.firstChild.setAttribute("aria-label", `${title}: ${said.join(", ")}`);
  }

  /** What a map shows; where it is a period, another one may be chosen. */
  name({ cell }, { period }, at, periods) {
    const place = cell.lastChild;
    const select = el("select", { class: "pm-select", id: `pm-split-${at}`, "aria-label": this.app.t("panels.overlay.period"), onchange: () => this.choose(at, select.value) }, periods.map(([value, text]) => el("option", { value, text })));
    select.value = period;
    replace(place, select);
  }

  /** All maps look where one of them looks. */
  move(from) {
    if (this.moving || !this.node) return;
    this.moving = true;
    // A smaller map shows the same extent from further away.
    const [center, zoom] = [from.getCenter(), from.getZoom() + (from === this.app.map ? 0 : this.less(from))];
    for (const map of [this.app.map, ...this.maps.map((one) => one.map)]) {
      if (map === from) continue;
      if (map !== this.app.map) map.invalidateSize({ animate: false, pan: false });
      map.setView(center, zoom - (map === this.app.map ? 0 : this.less(map)), { animate: false });
    }
    this.moving = false;
  }

  /** By how many zoom levels a map is smaller than the page's own. */
  less(map) {
    const [whole, part] = [this.app.map.getSize(), map.getSize()];
    if (!part.x || !part.y) return 0;
    return Math.min(LESS_ZOOM, Math.max(0, Math.round(4 * Math.log2(Math.max(whole.x / part.x, whole.y / part.y))) / 4));
  }

  divide() {
    const [, after] = this.maps;
    after.cell.style.setProperty("clip-path", `inset(0 0 0 ${100 * this.swipe.at}%)`);
  }
}

/** Periods for a number of maps: the first, the last and what lies evenly between. */
export function spread(periods, count) {
  if (periods.length <= count) return Array.from({ length: count }, (_, at) => periods[Math.min(at, periods.length - 1)]);
  return Array.from({ length: count }, (_, at) => periods[Math.round((at * (periods.length - 1)) / (count - 1))]);
}
