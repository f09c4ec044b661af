/** What the code in the dialog will show: the embed itself, at the size that was chosen, made smaller until it fits. */
import { el, replace } from "../core/dom.js";

/** A frame as wide as its page is shown at this width. */
const WIDTH_PX = 760;
/** Choices that follow each other faster than this are one. */
const SOON_MS = 350;
const HIGHEST_PX = 420;
const LEAST_PX = 220;

export class Preview {
  constructor(app) {
    this.app = app;
    this.words = el("p", { class: "pm-live-words", "aria-live": "polite" });
    this.box = el("div", { class: "pm-live-box" });
    this.node = el("div", { class: "pm-live" }, [this.words, this.box]);
    this.timer = 0;
    this.url = "";
    this.open = false;
    new ResizeObserver(() => this.fit()).observe(this.node);
  }

  /** What is to be seen: an address, and `{width, height, aspect, title, picture}`. */
  set(url, choices) {
    this.choices = choices;
    const width = choices.width || (choices.picture ? 640 : WIDTH_PX);
    const [across, down] = (choices.aspect || "").split("/").map(Number);
    const height = choices.picture ? 0 : down ? Math.max(LEAST_PX, Math.round((width * down) / across)) : choices.height;
    this.size = { width, height };
    this.wanted = url;
    if (this.open) this.soon();
  }

  show() {
    this.open = true;
    this.soon(0);
  }

  clear() {
    this.open = false;
    clearTimeout(this.timer);
    this.url = "";
    this.seen = null;
    replace(this.box);
  }

  soon(wait = SOON_MS) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.draw(), wait);
  }

  draw() {
    const { app, choices } = this;
    if (!choices.picture && !app.config.urls.preview) {
      this.words.textContent = app.t("panels.embed.live_none");
      replace(this.box);
      return;
    }
    if (this.url !== this.wanted) {
      this.url = this.wanted;
      const make = choices.picture
        ? el("img", { src: this.url, alt: choices.title, onload: () => this.fit() })
        : el("iframe", { src: this.url, title: choices.title });
      this.seen = make;
      replace(this.box, make);
    }
    this.fit();
  }

  fit() {
    const { seen } = this;
    if (!seen || !this.size) return;
    const { width } = this.size;
    const height = this.size.height || (seen.naturalWidth ? Math.round((width * seen.naturalHeight) / seen.naturalWidth) : Math.round(width * 0.75));
    const scale = Math.min(1, this.node.clientWidth / width, HIGHEST_PX / height);
    for (const [name, value] of [["width", `${width}px`], ["height", `${height}px`], ["transform", `scale(${scale})`]]) seen.style.setProperty(name, value);
    this.box.style.setProperty("width", `${Math.round(width * scale)}px`);
    this.box.style.setProperty("height", `${Math.round(height * scale)}px`);
    this.words.textContent = this.app.t("panels.embed.live", { width, height });
  }
}
