/** Two editions on one map, divided by the line of `map/swipe.js`: left the earlier, right the later. */
import L from "leaflet";
import { Zoom } from "leaflet/src/control/Control.Zoom.js";
import { el } from "../core/dom.js";
import { reducedMotion } from "../core/motion.js";
import { Swipe } from "../map/swipe.js";
import { Side } from "./side.js";
import { changeMarks } from "./marks.js";

const SIDES = ["before", "after"];
const CLOSEST_ZOOM = 13.5;
/** From here on the names of townships have room. */
const NAMES_ZOOM = 10.75;

export async function installComparison(figure) {
  try {
    const answer = await fetch(figure.dataset.url);
    if (!answer.ok) throw new Error(String(answer.status));
    const comparison = new Comparison(figure, await answer.json());
    await comparison.load();
  } catch (error) {
    console.error(error);
    figure.querySelector(".swipe-frame").hidden = true;
    figure.querySelector(".swipe-said").textContent = figure.dataset.failed;
  }
  figure.dataset.ready = "true";
}

class Comparison {
  constructor(figure, given) {
    this.figure = figure;
    this.given = given;
    this.frame = figure.querySelector(".swipe-frame");
    const { swipe: bar, before: left, after: right } = given.words;
    this.swipe = new Swipe({ bar, left, right }, { onMove: () => this.divide() });
    this.frame.append(this.swipe.node);
    this.map = makeMap(figure.querySelector(".swipe-map"), given);
    this.sides = Object.fromEntries(SIDES.map((name) => [name, new Side(this.map, name, given.sides[name], given.lang)]));
    this.map.on("move zoomend resize", () => this.divide());
    this.map.on("zoomend", () => this.name());
    this.swipe.divide();
    this.name();
    this.layers();
  }

  /** Fetch and draw what is shown at first, then mark what changed and let the table's buttons lead here. */
  async load() {
    const done = await Promise.all(SIDES.map((name) => this.sides[name].load()));
    if (done.includes(false)) this.figure.querySelector(".swipe-said").textContent = this.figure.dataset.failed;
    this.marks = changeMarks(this.map, this.given, this.sides);
    for (const button of document.querySelectorAll("[data-show]")) {
      const target = this.marks.of(button.dataset.show);
      if (!target) continue;
      button.hidden = false;
      button.addEventListener("click", () => this.show(target));
    }
  }

  divide() {
    this.swipe.clip(this.map, this.sides.before.pane, "left");
    this.swipe.clip(this.map, this.sides.after.pane, "right");
  }

  name() {
    this.frame.classList.toggle("swipe-named", this.map.getZoom() >= NAMES_ZOOM);
  }

  /** A feature that changed, in view, with what is told of it. */
  show(target) {
    this.figure.scrollIntoView({ block: "start", behavior: reducedMotion() ? "auto" : "smooth" });
    this.map.fitBounds(target.bounds, { maxZoom: CLOSEST_ZOOM, padding: [60, 60], animate: false });
    this.marks.tell(target);
  }

  /** A switch for each layer that either edition has. */
  layers() {
    const specs = new Map(SIDES.flatMap((name) => this.given.sides[name].layers.map((spec) => [spec.id, spec])));
    const list = [...specs.values()].map((spec) => {
      const box = el("input", { type: "checkbox", onchange: () => this.setVisible(spec.id, box.checked) });
      box.checked = spec.show;
      return el("li", {}, el("label", {}, [box, el("span", { text: spec.name })]));
    });
    this.figure.append(el("details", { class: "swipe-layers" }, [el("summary", { text: this.given.words.layers }), el("ul", {}, list)]));
  }

  setVisible(id, on) {
    for (const name of SIDES) this.sides[name].setVisible(id, on);
  }
}

function makeMap(node, given) {
  const map = L.map(node, {
    attributionControl: false,
    zoomControl: false,
    // The clip follows the map's pane, which an animated zoom scales.
    zoomAnimation: false,
    fadeAnimation: false,
    scrollWheelZoom: false,
    zoomSnap: 0.25,
    zoomDelta: 1,
    maxZoom: 18,
  });
  new Zoom({ position: "topright", zoomInTitle: given.words.zoom_in, zoomOutTitle: given.words.zoom_out }).addTo(map);
  // The page scrolls under the wheel until the map has been chosen.
  map.on("focus click", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  return map.fitBounds(given.bounds);
}
