/** A line over the map that is moved by hand, touch or arrow keys: left of it the scanned maps lie on the plan, right of it not. */
import { el } from "../core/dom.js";
import { PICTURES } from "./sheets-layer.js";

/** The pane of `names/labels.js`. */
const NAMES = "pm-labels";

export class Swipe {
  constructor({ map, t }) {
    this.map = map;
    this.bar = el("input", { type: "range", class: "pm-swipe-bar", min: 0, max: 100, step: 1, value: 50, "aria-label": t("scans.swipe.bar"), oninput: () => this.divide() });
    this.node = el("div", { class: "pm-swipe" }, [
      el("span", { class: "pm-swipe-word pm-swipe-left", text: t("scans.swipe.left") }),
      el("span", { class: "pm-swipe-word pm-swipe-right", text: t("scans.swipe.right") }),
      this.bar,
      el("span", { class: "pm-swipe-grip", "aria-hidden": "true", text: "‹ ›" }),
    ]);
    this.redivide = () => this.divide();
  }

  get on() {
    return this.node.isConnected;
  }

  set(on) {
    if (on === this.on) return;
    this.map[on ? "on" : "off"]("move zoomend resize", this.redivide);
    if (on) {
      this.map.getContainer().after(this.node);
      this.divide();
    } else {
      this.node.remove();
      for (const pane of [PICTURES, NAMES]) this.map.getPane(pane).style.clipPath = "";
    }
  }

  /** The clip is in the coordinates of the map's moving pane. */
  divide() {
    const size = this.map.getSize();
    const { x, y } = this.map.containerPointToLayerPoint([0, 0]);
    const at = x + (size.x * Number(this.bar.value)) / 100;
    this.clip(PICTURES, x, at, y, y + size.y);
    // A scan has names of its own.
    this.clip(NAMES, at, x + size.x, y, y + size.y);
    this.node.style.setProperty("--swipe-at", `${this.bar.value}%`);
  }

  clip(pane, left, right, top, bottom) {
    const corners = [[left, top], [right, top], [right, bottom], [left, bottom]];
    this.map.getPane(pane).style.clipPath = `polygon(${corners.map(([a, b]) => `${a}px ${b}px`).join(", ")})`;
  }
}
