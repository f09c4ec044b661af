/**
 * The panel: to the right of the map on wide screens, a sheet from below on narrow ones. It holds three
 * tabs (feature, indicators, district); `card.js`, `overlay.js` and `district.js` fill one each.
 */
import { media } from "../core/breakpoints.js";
import { el } from "../core/dom.js";
import { drawOnce } from "../core/fitting.js";
import { TABS } from "../core/permalink-model.js";
import { nextTask } from "../core/slices.js";

/** Heights of the sheet as shares of the window's. */
const STOPS = { peek: 0.3, half: 0.56, full: 0.92 };

/** The panel, where the page has room for one. */
export function installPanel(app) {
  const root = document.getElementById("pm-panel");
  return { panel: root ? new Panel(app, root) : null };
}

class Panel {
  constructor(app, root) {
    this.app = app;
    this.root = root;
    this.embed = app.config.mode === "embed";
    this.narrow = media("sheet");
    this.shown = { feature: [], indicators: [], district: [] };
    this.active = "feature";
    this.opener = null;
    /** Is the map to be fitted beside the opened panel in a moment? */
    this.fits = false;
    this.build();
    this.listen();
    this.setHeight("half");
  }

  build() {
    const { t } = this.app;
    this.tabs = {};
    this.bodies = {};
    for (const id of TABS) {
      this.tabs[id] = el("button", {
        type: "button",
        role: "tab",
        id: `pm-tab-${id}`,
        class: "pm-tab",
        "aria-controls": `pm-body-${id}`,
        text: t(`panels.${id}`),
        onclick: () => this.open(id),
      });
      this.bodies[id] = el("section", {
        role: this.embed ? null : "tabpanel",
        id: `pm-body-${id}`,
        class: "pm-body",
        "aria-labelledby": this.embed ? null : `pm-tab-${id}`,
        tabindex: "0",
      });
    }
    this.handle = el("button", { type: "button", class: "pm-sheet-handle", "aria-label": t("panels.resize") });
    this.list = el("div", { role: "tablist", class: "pm-tabs", "aria-label": t("panels.tabs") }, Object.values(this.tabs));
    this.closer = el("button", { type: "button", class: "pm-close", "aria-label": t("panels.close"), text: "×" });
    const bar = el("div", { class: "pm-panel-bar" }, [this.embed ? null : this.list, this.closer]);
    this.root.replaceChildren(this.handle, bar, ...Object.values(this.bodies));
    this.root.classList.toggle("pm-panel-embed", this.embed);
    this.activate("feature");
  }

  listen() {
    this.closer.addEventListener("click", () => this.close());
    this.list.addEventListener("keydown", (event) => this.onTabKey(event));
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.stopPropagation();
      this.close();
    });
    this.handle.addEventListener("pointerdown", (event) => this.onDrag(event));
    this.handle.addEventListener("keydown", (event) => {
      const step = { ArrowUp: 1, ArrowDown: -1, Enter: 0, " ": 0 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      this.stepHeight(step);
    });
    const button = document.getElementById("pm-btn-indicators");
    button?.addEventListener("click", () => {
      if (this.isOpen() && this.active !== "feature") this.close();
      else this.open("indicators", { from: button, focus: true });
    });
  }

  isOpen() {
    return !this.root.hidden;
  }

  /** Call `listener` whenever the tab comes into sight. */
  onShow(tab, listener) {
    this.shown[tab].push(listener);
  }

  /**
   * Show a tab; `focus` moves the keyboard there, `from` is where it goes back to on closing. With
   * `still` the map stays where it is under the panel, else its middle moves to the middle of what is left.
   */
  open(tab, { focus = false, from = null, still = false } = {}) {
    const opens = !this.isOpen();
    if (opens) {
      this.opener = from || document.activeElement;
      this.still = still;
      this.root.hidden = false;
      document.body.classList.add("pm-panel-open");
    }
    // To focus has the page laid out, which is less before the map is drawn anew.
    if (focus) (this.tabs[tab].isConnected ? this.tabs[tab] : this.closer).focus();
    if (opens && !from) this.resized(1);
    this.activate(tab);
    this.follow(tab, opens && from);
  }

  /** What fills the tab comes in a task of its own; so does the map, fitted to the room that is left, where somebody has pressed a button. */
  async follow(tab, fits) {
    this.fits = Boolean(fits);
    await nextTask();
    if (this.fits) {
      const steps = this.resizing(1);
      while (this.fits && this.isOpen() && !steps.next().done) await nextTask();
      this.fits = false;
    }
    this.shown[tab].forEach((listener) => listener());
  }

  close() {
    if (!this.isOpen()) return;
    const inside = this.root.contains(document.activeElement);
    this.covered = this.root.getBoundingClientRect().height;
    this.root.hidden = true;
    document.body.classList.remove("pm-panel-open");
    this.reflect();
    this.resized(-1);
    if (inside) (this.opener?.isConnected ? this.opener : this.app.map.getContainer()).focus?.();
    this.app.emit("panel", { open: false, tab: this.active });
  }

  /**
   * The map's box changed; Leaflet hears of it at once, so that what follows fits the room that is left.
   * A sheet lies over the map instead: there the map moves by half of what is covered.
   */
  resized(direction = 0) {
    this.fits = false;
    for (const steps = this.resizing(direction); !steps.next().done; );
  }

  /** Each `yield` is a place to pause. */
  *resizing(direction) {
    const { map } = this.app;
    const untouched = this.app.untouched();
    const whole = this.wholeBefore(direction, untouched);
    if (whole) drawOnce(map);
    map.invalidateSize({ pan: !this.still, animate: false });
    yield;
    if (whole) {
      this.app.fitView({ reset: true });
      yield;
      return;
    }
    if (!this.still && direction && this.narrow.matches) {
      const height = direction > 0 ? this.root.getBoundingClientRect().height : this.covered;
      map.panBy([0, (direction * height) / 2], { animate: false });
    }
    this.app.shifted(untouched);
  }

  activate(tab) {
    this.active = tab;
    for (const id of TABS) {
      const on = id === tab;
      this.tabs[id].setAttribute("aria-selected", String(on));
      this.tabs[id].tabIndex = on ? 0 : -1;
      this.bodies[id].hidden = !on;
    }
    this.reflect();
    if (this.isOpen()) this.app.emit("panel", { open: true, tab });
  }

  reflect() {
    const on = this.isOpen() && this.active !== "feature";
    document.getElementById("pm-btn-indicators")?.setAttribute("aria-expanded", String(on));
  }

  /**
   * Is the view to be fitted again? On opening where all of the plan was in sight, on closing where nobody has
   * moved the map since.
   */
  wholeBefore(direction, untouched) {
    const { map, config } = this.app;
    const bounds = config.view && config.view.bounds;
    if (!bounds || this.still || !direction) return false;
    return direction > 0 ? map.getBounds().contains(bounds) : untouched;
  }

  onTabKey(event) {
    const at = TABS.indexOf(this.active);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.open(TABS[(to + TABS.length) % TABS.length], { focus: true });
  }

  setHeight(stop) {
    this.stop = stop;
    this.root.style.setProperty("--pm-sheet", `${STOPS[stop] * 100}dvh`);
    this.handle.setAttribute("aria-expanded", String(stop === "full"));
  }

  /** +1 taller, −1 lower, 0 the next one round. */
  stepHeight(step) {
    const names = Object.keys(STOPS);
    const at = names.indexOf(this.stop);
    const to = step === 0 ? (at + 1) % names.length : Math.min(names.length - 1, Math.max(0, at + step));
    this.setHeight(names[to]);
    this.resized();
  }

  onDrag(event) {
    if (!this.narrow.matches) return;
    const start = { y: event.clientY, height: this.root.getBoundingClientRect().height };
    let moved = false;
    const onMove = (move) => {
      const height = start.height + start.y - move.clientY;
      moved ||= Math.abs(move.clientY - start.y) > 4;
      if (moved) this.root.style.setProperty("--pm-sheet", `${Math.max(60, height)}px`);
    };
    const onUp = () => {
      this.handle.removeEventListener("pointermove", onMove);
      if (!moved) this.stepHeight(0);
      else this.settle(this.root.getBoundingClientRect().height / window.innerHeight);
    };
    this.handle.setPointerCapture(event.pointerId);
    this.handle.addEventListener("pointermove", onMove);
    this.handle.addEventListener("pointerup", onUp, { once: true });
    this.handle.addEventListener("pointercancel", onUp, { once: true });
  }

  /** After a drag: the nearest stop, or closed when pulled down far enough. */
  settle(share) {
    if (share < STOPS.peek * 0.6) {
      this.setHeight("half");
      this.close();
      return;
    }
    const nearest = Object.keys(STOPS).reduce((best, name) =>
      Math.abs(STOPS[name] - share) < Math.abs(STOPS[best] - share) ? name : best,
    );
    this.setHeight(nearest);
    this.resized();
  }
}
