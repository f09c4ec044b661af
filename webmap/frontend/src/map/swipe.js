/**
 * One line over a map that is moved by hand, touch or keys, with a word on either side: for two editions, for a scanned map on the
 * plan, for two states of an indicator. Arrows move it by one per cent, page keys by ten, Home and End to the edges; Escape gives
 * it up where somebody can do that.
 */
import { el } from "../core/dom.js";

const MIDDLE = 50;

export class Swipe {
  /**
   * @param words `{bar, left, right}`: what the line is called, and what lies on its sides
   * @param onMove called when the line has moved; @param onClose called on Escape, where the line can be given up
   */
  constructor({ bar, left, right }, { onMove, onClose = null }) {
    this.onMove = onMove;
    this.bar = el("input", { type: "range", class: "pm-swipe-bar", min: 0, max: 100, step: 1, value: MIDDLE, "aria-label": bar, oninput: () => this.divide() });
    this.sides = { left: el("span", { class: "pm-swipe-word pm-swipe-left" }), right: el("span", { class: "pm-swipe-word pm-swipe-right" }) };
    this.node = el("div", { class: "pm-swipe" }, [this.sides.left, this.sides.right, this.bar, el("span", { class: "pm-swipe-grip", "aria-hidden": "true", text: "‹ ›" })]);
    this.bar.addEventListener("keydown", (event) => {
      // The arrows are the line's own here; the map would move with them.
      if (event.key !== "Escape") event.stopPropagation();
      else if (onClose) onClose();
    });
    this.name(left, right);
  }

  name(left, right) {
    this.sides.left.textContent = left;
    this.sides.right.textContent = right;
  }

  /** Where the line is, of the width: 0 to 1. */
  get at() {
    return Number(this.bar.value) / 100;
  }

  divide() {
    this.node.style.setProperty("--swipe-at", `${this.bar.value}%`);
    // Where the word of a side has no room it would be read as that of the other.
    this.node.classList.toggle("pm-swipe-far-left", this.at < 0.12);
    this.node.classList.toggle("pm-swipe-far-right", this.at > 0.88);
    this.onMove();
  }

  /** Show an element of a map on one side of the line only; a clip is in the coordinates of the map's moving pane. */
  clip(map, node, side) {
    const { x: width, y: height } = map.getSize();
    const { x, y } = map.containerPointToLayerPoint([0, 0]);
    const [left, right] = side === "left" ? [x, x + width * this.at] : [x + width * this.at, x + width];
    node.style.clipPath = `polygon(${[[left, y], [right, y], [right, y + height], [left, y + height]].map(([a, b]) => `${a}px ${b}px`).join(", ")})`;
  }
}
