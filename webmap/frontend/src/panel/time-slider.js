/**
 * The periods of an indicator as a slider on the map, with a button that plays them. Who asks for less motion gets a button that
 * goes on by one. Where it stands is in the map's address, as the period is part of what is shown.
 */
import L from "leaflet";
import { el } from "../core/dom.js";
import { reducedMotion } from "../core/motion.js";

/** How long a period is looked at while they are played. */
const STEP_MS = 1400;
const PLAY = "▶";
const PAUSE = "❚❚";

export class TimeSlider {
  /** @param choose called with the code of a period */
  constructor(app, choose) {
    this.app = app;
    this.choose = choose;
    this.periods = [];
    this.at = 0;
    this.timer = 0;
    this.node = null;
  }

  build() {
    const { t } = this.app;
    const place = document.getElementById("pm-map") || this.app.map.getContainer().parentElement;
    this.button = el("button", { type: "button", class: "pm-time-play", onclick: () => this.press() });
    this.range = el("input", { type: "range", class: "pm-time-range", id: "pm-time", min: 0, step: 1, "aria-label": t("overlay.time"), oninput: () => this.move(Number(this.range.value)) });
    this.said = el("output", { class: "pm-time-said", for: "pm-time" });
    this.ends = [el("span"), el("span")];
    this.node = el("div", { class: "pm-time", role: "group", "aria-label": t("overlay.time") }, [this.button, el("div", { class: "pm-time-way" }, [this.range, el("div", { class: "pm-time-ends", "aria-hidden": "true" }, this.ends)]), this.said]);
    L.DomEvent.disableClickPropagation(this.node);
    L.DomEvent.disableScrollPropagation(this.node);
    // The arrows are the slider's own here; the map would move with them.
    this.node.addEventListener("keydown", (event) => event.stopPropagation());
    document.addEventListener("visibilitychange", () => document.hidden && this.stop());
    place.append(this.node);
  }

  /** Show these periods with one of them chosen; fewer than two have no slider. */
  set(periods, period) {
    const shown = periods.length > 1;
    if (!shown && !this.node) return;
    if (!this.node) this.build();
    this.node.hidden = !shown;
    this.node.parentElement.classList.toggle("pm-with-time", shown);
    if (!shown) {
      this.stop();
      return;
    }
    if (periods.join() !== this.periods.join()) this.stop();
    this.periods = periods;
    this.at = Math.max(0, periods.indexOf(period));
    this.range.max = String(periods.length - 1);
    this.range.value = String(this.at);
    this.range.setAttribute("aria-valuetext", periods[this.at]);
    this.said.textContent = periods[this.at];
    this.ends[0].textContent = periods[0];
    this.ends[1].textContent = periods[periods.length - 1];
    this.name();
  }

  /** By hand: whatever plays stops. */
  move(at) {
    this.stop();
    this.go(at);
  }

  go(at) {
    this.at = at;
    this.choose(this.periods[at]);
  }

  press() {
    const last = this.at >= this.periods.length - 1;
    if (this.timer) this.stop();
    else if (reducedMotion()) this.go(last ? 0 : this.at + 1);
    else this.play(last);
  }

  play(again) {
    this.timer = window.setTimeout(() => this.next(), again ? 0 : STEP_MS / 4);
    if (again) this.at = -1;
    this.name();
  }

  /** The next period; the one after it when this one is on the map. */
  async next() {
    this.go(this.at + 1);
    await this.app.overlay?.pending;
    if (!this.timer) return;
    if (this.at >= this.periods.length - 1) this.stop();
    else this.timer = window.setTimeout(() => this.next(), STEP_MS);
  }

  stop() {
    window.clearTimeout(this.timer);
    this.timer = 0;
    if (this.node) this.name();
  }

  name() {
    const label = this.app.t(this.timer ? "overlay.pause" : reducedMotion() ? "overlay.next" : "overlay.play");
    this.button.textContent = this.timer ? PAUSE : PLAY;
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
  }
}
