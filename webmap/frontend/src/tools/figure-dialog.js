/** The dialog behind 出图: what is on the screen as a figure for a report, with preview, summary, table and download. */
import { el, replace } from "../core/dom.js";
import { isOwn } from "../core/own-data.js";
import { FORMATS, FORMS, PAPERS, PIXELS, figureUrl, leavesOut, paperSize, previewDpi } from "./figure-url.js";

/** Pixels of the preview's longer side. */
const PREVIEW_PX = 1000;
/** Changes that follow each other faster are one. */
const SOON_MS = 450;
const MOST_ROWS = 200;

export class FigureDialog {
  constructor(app) {
    this.app = app;
    this.fields = {};
    this.turn = 0;
    this.timer = 0;
  }

  open() {
    if (!this.dialog) this.build();
    this.reset();
    this.dialog.showModal();
    this.fields.title.focus();
    this.update();
  }

  build() {
    const { t } = this.app;
    this.image = el("img", { class: "pm-figure-image", alt: "", hidden: true });
    this.status = el("p", { class: "pm-figure-status", role: "status" });
    this.summary = el("p", { class: "pm-figure-summary" });
    this.table = el("div", { class: "pm-figure-table", tabindex: "0", role: "region", "aria-label": t("panels.figure.table") });
    this.words = el("details", { class: "pm-figure-words" }, [el("summary", { text: t("panels.figure.table") }), this.table]);
    this.less = el("p", { class: "pm-waits", text: t("panels.figure.less"), hidden: true });
    this.save = el("a", { class: "pm-action pm-figure-save", role: "link", text: t("panels.figure.download") });
    this.dialog = el("dialog", { class: "pm-dialog pm-dialog-figure", "aria-labelledby": "pm-figure-heading" }, [
      el("header", { class: "pm-dialog-head" }, [
        el("h2", { id: "pm-figure-heading", text: t("panels.figure.heading") }),
        el("button", { type: "button", class: "pm-close", "aria-label": t("panels.embed.close"), text: "×", onclick: () => this.dialog.close() }),
      ]),
      el("div", { class: "pm-dialog-body pm-figure-body" }, [
        el("form", { class: "pm-figure-form", onsubmit: (event) => event.preventDefault() }, [this.options(), this.less, el("p", { class: "pm-figure-actions" }, [this.save])]),
        el("section", { class: "pm-figure-preview", "aria-label": t("panels.figure.preview") }, [el("div", { class: "pm-figure-sheet" }, [this.image]), this.status, this.summary, this.words]),
      ]),
    ]);
    // A click on the backdrop hits the dialog itself, one inside hits a child.
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    this.dialog.addEventListener("close", () => (this.turn += 1));
    document.body.append(this.dialog);
  }

  options() {
    const { t } = this.app;
    const make = (name, node) => {
      this.fields[name] = node;
      node.id = `pm-figure-${name}`;
      node.addEventListener("input", () => this.soon());
      return el("div", { class: `pm-option pm-figure-option-${name}` }, [el("label", { for: node.id, text: t(`panels.figure.${name}`) }), node]);
    };
    const select = (names, key) => el("select", { class: "pm-select" }, names.map((name) => el("option", { value: name, text: t(`${key}.${name}`) })));
    const number = (value, min, max, step) => el("input", { type: "number", class: "pm-input", value, min, max, step });
    const check = (name) => {
      this.fields[name] = el("input", { type: "checkbox", id: `pm-figure-${name}`, onchange: () => this.soon() });
      return el("label", { class: "pm-check", for: `pm-figure-${name}` }, [this.fields[name], el("span", { text: t(`panels.figure.${name}`) })]);
    };
    return el("div", { class: "pm-options" }, [
      make("title", el("input", { type: "text", class: "pm-input", maxlength: 120, placeholder: t("panels.figure.title_view") })),
      make("form", select(FORMS, "panels.figure.forms")),
      make("extent", select(["screen", "view"], "panels.figure.extents")),
      make("paper", select([...PAPERS, "free"], "panels.figure.papers")),
      make("upright", select(["lying", "standing"], "panels.figure.ways")),
      make("width", number(150, 60, 1300, 1)),
      make("height", number(100, 60, 1300, 1)),
      make("format", select(FORMATS, "panels.figure.formats")),
      make("dpi", number(300, 36, 1200, 1)),
      make("lang", el("select", { class: "pm-select" }, ["zh", "en"].map((name) => el("option", { value: name, text: t(`panels.embed.lang_${name}`) })))),
      el("div", { class: "pm-option pm-figure-checks" }, [check("grid"), check("inset")]),
    ]);
  }

  /** The choices start as the map is now. */
  reset() {
    const { app, fields } = this;
    const { view } = app.config;
    const state = app.state();
    const box = app.map.getBounds();
    const own = new Set((view && view.layers) || []);
    const same = own.size === state.layers.length && state.layers.every((id) => own.has(id));
    this.now = {
      view: view.id,
      // Under an indicator a view's own areas would step back; here they are as they are seen.
      layers: (same && !app.indicator) || !state.layers.length ? null : state.layers,
      // What the view shades by itself is left to it; nothing at all has to be said.
      // What somebody has brought along the server cannot draw.
      indicator: (isOwn(app.indicator?.id) ? null : app.indicator) || (view.indicator ? null : undefined),
      filter: state.filter,
      selection: state.selection,
      opacity: state.opacity,
      // Too many for an address are none: the command takes them as a file.
      notes: state.notes || "",
      bounds: [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()],
    };
    this.less.hidden = !leavesOut(this.now.indicator);
    fields.extent.value = app.untouched() ? "view" : "screen";
    fields.lang.value = app.lang;
  }

  choices() {
    const { fields } = this;
    return {
      ...this.now,
      form: fields.form.value,
      extent: fields.extent.value === "screen" ? this.now.bounds : null,
      paper: fields.paper.value,
      width: Number(fields.width.value) || 0,
      height: Number(fields.height.value) || 0,
      upright: fields.upright.value === "standing",
      dpi: Math.round(Number(fields.dpi.value)) || 0,
      lang: fields.lang.value,
      title: fields.title.value.trim(),
      grid: fields.grid.checked,
      inset: fields.inset.checked,
    };
  }

  /** What does not count with the other choices cannot be chosen. */
  reflect({ form, paper }) {
    const { fields } = this;
    const map = form === "map";
    for (const name of ["width", "height"]) fields[name].parentElement.hidden = paper !== "free";
    fields.upright.parentElement.hidden = paper === "free";
    for (const option of fields.format.options) option.disabled = option.value === "tif" && !map;
    if (!map && fields.format.value === "tif") fields.format.value = "pdf";
    fields.dpi.parentElement.hidden = !PIXELS.includes(fields.format.value);
    for (const name of ["grid", "inset"]) fields[name].disabled = !map;
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.update(), SOON_MS);
    this.turn += 1;
    this.waits();
    this.reflect(this.choices());
  }

  async update() {
    clearTimeout(this.timer);
    const { app } = this;
    const choices = this.choices();
    const base = app.config.urls.figures;
    const mine = ++this.turn;
    this.reflect(choices);
    this.waits();
    const told = await this.ask(figureUrl(base, choices, "json"));
    if (mine !== this.turn) return;
    if (!told) return;
    this.offer(figureUrl(base, choices, this.fields.format.value, { download: true }));
    this.tell(told, choices);
    const address = figureUrl(base, choices, "png", { dpi: previewDpi(choices, PREVIEW_PX) });
    const ready = await loaded(address);
    if (mine !== this.turn) return;
    if (!ready) {
      this.say(app.t("panels.figure.no_preview"), true);
      return;
    }
    const size = paperSize(choices);
    Object.assign(this.image, { src: address, alt: told.summary, width: Math.round(size[0]), height: Math.round(size[1]), hidden: false });
    this.say(told.scale ? app.t("panels.figure.scale", { scale: told.scale.toLocaleString("en"), width: told.width_mm, height: told.height_mm }) : "");
  }

  /** What was drawn is not what is chosen any more. */
  waits() {
    this.offer("");
    this.say(this.app.t("panels.figure.drawing"));
  }

  /** Offer the file; "" while it is not known to be one. */
  offer(address) {
    if (address) this.save.href = address;
    else this.save.removeAttribute("href");
    this.save.toggleAttribute("download", Boolean(address));
    this.save.setAttribute("aria-disabled", String(!address));
  }

  /** The figure in words; null when it cannot be drawn, which is said. */
  async ask(address) {
    try {
      const response = await fetch(address, { headers: { Accept: "application/json, application/problem+json" } });
      const body = await response.json();
      if (response.ok) return body;
      this.fail([body.detail, body.remedy].filter(Boolean).join("\n"));
    } catch {
      this.fail(this.app.t("panels.figure.failed"));
    }
    return null;
  }

  fail(text) {
    this.image.hidden = true;
    replace(this.summary);
    this.words.hidden = true;
    this.say(text, true);
  }

  say(text, wrong = false) {
    this.status.textContent = text;
    this.status.classList.toggle("pm-figure-wrong", wrong);
  }

  tell({ title, summary, columns, rows }, { lang }) {
    this.summary.textContent = summary;
    this.summary.lang = lang;
    this.words.hidden = !rows.length;
    const head = el("tr", {}, columns.map((name) => el("th", { scope: "col", text: name })));
    const body = rows.slice(0, MOST_ROWS).map((row) => el("tr", {}, row.map((cell, at) => el(at ? "td" : "th", { scope: at ? null : "row" }, [el("bdi", { text: cell })]))));
    replace(this.table, el("table", { lang }, [el("caption", { text: title }), el("thead", {}, [head]), el("tbody", {}, body)]));
  }
}

/** Resolves to whether a picture has come. */
function loaded(address) {
  return new Promise((resolve) => {
    const probe = new Image();
    probe.onload = () => resolve(true);
    probe.onerror = () => resolve(false);
    probe.src = address;
  });
}
