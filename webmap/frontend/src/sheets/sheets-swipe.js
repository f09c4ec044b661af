/** Scanned maps swiped against the plan: left of the line they lie on it, right of it not. */
import { Swipe } from "../map/swipe.js";
import { PICTURES } from "./sheets-layer.js";

/** The pane of `names/labels.js`. */
const NAMES = "pm-labels";

export class SheetsSwipe {
  /** @param onClose called when somebody gives it up with Escape */
  constructor({ map, t }, onClose) {
    this.map = map;
    this.divided = () => this.divide();
    this.swipe = new Swipe({ bar: t("scans.swipe.bar"), left: t("scans.swipe.left"), right: t("scans.swipe.right") }, { onMove: this.divided, onClose });
  }

  get on() {
    return this.swipe.node.isConnected;
  }

  set(on) {
    if (on === this.on) return;
    this.map[on ? "on" : "off"]("move zoomend resize", this.divided);
    if (on) {
      this.map.getContainer().after(this.swipe.node);
      this.swipe.divide();
    } else {
      this.swipe.node.remove();
      for (const pane of [PICTURES, NAMES]) this.map.getPane(pane).style.clipPath = "";
    }
  }

  divide() {
    this.swipe.clip(this.map, this.map.getPane(PICTURES), "left");
    // A scan has names of its own.
    this.swipe.clip(this.map, this.map.getPane(NAMES), "right");
  }
}
