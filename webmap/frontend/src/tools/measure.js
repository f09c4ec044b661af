/** Measuring on the map: lengths and areas along geodesics, by pointer or, at the map's centre, by key. */
import L from "leaflet";
import { el, replace } from "../core/dom.js";
import { ink } from "../map/ink.js";
import { PANES, addPane } from "../map/layers.js";
import { areaWords, lengthWords, muWords } from "./measuring.js";

export class Measure {
  constructor(app, button) {
    this.app = app;
    this.button = button;
    this.mode = "length";
    this.points = [];
    this.finished = false;
    /** Lengths and areas on the ellipsoid, once they have come. */
    this.geodesy = null;
    addPane(app.map, "pm-measure", PANES.labels + 10);
    this.group = L.layerGroup();
    this.renderer = L.svg({ pane: "pm-measure", padding: 0.3 });
    this.build();
    app.on("tool", (name) => name !== "measure" && !this.box.hidden && this.stop());
  }

  build() {
    const { t } = this.app;
    const radio = (mode) => {
      const input = el("input", { type: "radio", name: "pm-measure-mode", id: `pm-measure-${mode}`, value: mode, checked: mode === this.mode, onchange: () => this.setMode(mode) });
      return [input, el("label", { for: input.id, text: t(`map.measure.${mode}`) })];
    };
    const action = (key, run) => el("button", { type: "button", class: "pm-link", text: t(`map.measure.${key}`), onclick: run });
    this.result = el("div", { class: "pm-measure-result", role: "status", "aria-live": "polite" });
    this.hint = el("p", { class: "pm-note" });
    this.undoButton = action("undo", () => this.undo());
    this.clearButton = action("clear", () => this.clear());
    this.box = el("div", { class: "pm-measure", role: "dialog", "aria-label": t("map.tool.measure") }, [
      el("div", { class: "pm-measure-head" }, [
        el("fieldset", { class: "pm-segments" }, [el("legend", { class: "pm-visually-hidden", text: t("map.tool.measure") }), radio("length"), radio("area")]),
        el("button", { type: "button", class: "pm-close", "aria-label": t("map.close"), text: "×", onclick: () => this.stop() }),
      ]),
      this.result,
      this.hint,
      el("div", { class: "pm-measure-actions" }, [this.undoButton, this.clearButton]),
    ]);
    this.box.hidden = true;
    L.DomEvent.disableClickPropagation(this.box);
    L.DomEvent.disableScrollPropagation(this.box);
    (document.getElementById("pm-map") || this.app.map.getContainer()).append(this.box);
    this.handlers = {
      click: (event) => this.add(event.latlng),
      dblclick: () => this.finish(),
      mousemove: (event) => this.preview(event.latlng),
      keydown: (event) => this.onKey(event.originalEvent),
    };
    this.box.addEventListener("keydown", (event) => event.key === "Escape" && this.stop());
  }

  toggle() {
    if (this.box.hidden) this.start();
    else this.stop();
  }

  start() {
    const { map } = this.app;
    this.app.emit("tool", "measure");
    this.app.occupy(true);
    this.bringGeodesy();
    this.button.setAttribute("aria-pressed", "true");
    this.box.hidden = false;
    this.app.hover(null);
    map.doubleClickZoom.disable();
    map.getContainer().classList.add("pm-measuring");
    map.on(this.handlers);
    this.group.addTo(map);
    this.clear();
    map.getContainer().focus({ preventScroll: true });
  }

  async bringGeodesy() {
    try {
      this.geodesy ||= await this.app.later();
      if (this.points.length) this.draw();
    } catch {
      this.app.toast(this.app.t("map.part_failed"));
    }
  }

  stop() {
    const { map } = this.app;
    this.app.occupy(false);
    this.button.setAttribute("aria-pressed", "false");
    this.box.hidden = true;
    map.doubleClickZoom.enable();
    map.getContainer().classList.remove("pm-measuring");
    map.off(this.handlers);
    this.group.remove();
    this.button.focus({ preventScroll: true });
  }

  setMode(mode) {
    this.mode = mode;
    this.draw();
  }

  onKey(event) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.add(this.app.map.getCenter());
    } else if (event.key === "Backspace") this.undo();
    else if (event.key === "Escape") this.stop();
  }

  add(latlng) {
    if (this.finished) this.clear();
    const last = this.points[this.points.length - 1];
    // The second click of a double click hits the same place.
    if (last && this.app.map.latLngToContainerPoint(last).distanceTo(this.app.map.latLngToContainerPoint(latlng)) < 3) return;
    this.points.push(latlng);
    this.draw();
  }

  finish() {
    if (this.points.length > 1) this.finished = true;
    this.draw();
  }

  undo() {
    this.finished = false;
    this.points.pop();
    this.draw();
  }

  clear() {
    this.points = [];
    this.finished = false;
    this.draw();
  }

  preview(latlng) {
    if (this.finished || !this.points.length) return;
    this.draw(latlng);
  }

  draw(pointer = null) {
    const points = pointer ? [...this.points, pointer] : this.points;
    const base = { renderer: this.renderer, pane: "pm-measure", interactive: false };
    this.group.clearLayers();
    if (points.length > 1) {
      const line = { ...base, lineJoin: "round" };
      const shape = this.mode === "area" && points.length > 2 ? L.polygon : L.polyline;
      this.group.addLayer(shape(points, { ...line, color: "#ffffff", weight: 5, opacity: 0.9, fill: false }));
      this.group.addLayer(shape(points, { ...line, color: ink("measure"), weight: 2.2, dashArray: this.finished ? null : "6 4", fill: this.mode === "area", fillColor: ink("measure"), fillOpacity: 0.12 }));
    }
    for (const point of this.points) this.group.addLayer(L.circleMarker(point, { ...base, radius: 4, color: ink("measure"), weight: 2, fillColor: "#ffffff", fillOpacity: 1 }));
    this.report(points);
  }

  report(points) {
    const { t, lang } = this.app;
    const line = (key, text) => el("p", {}, [el("span", { text: t(`map.measure.${key}`) }), el("strong", { text })]);
    const lines = [];
    const { geodesy } = this;
    if (geodesy && this.mode === "length" && points.length > 1) lines.push(line("total", lengthWords(geodesy.lengthOf(points), t, lang)));
    if (geodesy && this.mode === "area" && points.length > 2) {
      const { area, perimeter } = geodesy.areaOf(points);
      lines.push(line("area", areaWords(area, t, lang)), line("mu", muWords(area, t, lang)), line("perimeter", lengthWords(perimeter, t, lang)));
    }
    replace(this.result, lines);
    this.hint.textContent = t(this.finished ? "map.measure.again" : points.length ? "map.measure.next" : "map.measure.first");
    this.undoButton.disabled = !this.points.length;
    this.clearButton.disabled = !this.points.length;
  }
}
