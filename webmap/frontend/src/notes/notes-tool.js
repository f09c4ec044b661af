/** Making notes on the map, by pointer, finger or, at the map's centre, by key; their list, their file, back and forth. */
import L from "leaflet";
import { el, replace, svg } from "../core/dom.js";
import { ink } from "../map/ink.js";
import { noteMark } from "../map/note-mark.js";
import { NotesLayer } from "./notes-layer.js";
import { COLORS, MOST_BYTES, MOST_TEXT, NotesError, SHAPES, begun, changed, cleanText, fromFile, fromLink, makeNote, numbersOf, redone, toFile, toLink, undone } from "./notes-model.js";

/** Two clicks nearer than this are one: a double click. */
const SAME_PX = 4;

/** The notes of the page: the list with its history, drawn; the tool that makes more of them. */
export class Notes {
  constructor(app) {
    this.app = app;
    this.history = begun();
    this.layer = new NotesLayer(app.map);
    this.saved = this.history.now;
    this.tool = null;
    window.addEventListener("beforeunload", (event) => this.keep(event));
  }

  list() {
    return this.history.now;
  }

  text() {
    return toLink(this.history.now);
  }

  file() {
    return toFile(this.history.now, { plan: this.app.config.plan?.id, edition: this.app.config.edition });
  }

  /** Another list; what is too much is said, and nothing changes. */
  change(next) {
    try {
      this.history = changed(this.history, next);
    } catch (error) {
      this.say(error);
      return false;
    }
    this.show();
    return true;
  }

  set(text) {
    if (text !== this.text()) this.change(fromLink(text));
  }

  /** The notes of a file's text, in place of those there are. */
  open(text) {
    try {
      const notes = fromFile(text);
      if (!this.change(notes)) return;
      this.saved = notes;
      this.app.toast(this.app.t("notes.opened", { count: notes.length }));
    } catch (error) {
      this.say(error);
    }
  }

  say(error) {
    if (!(error instanceof NotesError)) throw error;
    this.app.toast(this.app.t(`notes.error.${error.key}`, error.params), 9000);
  }

  back() {
    this.history = undone(this.history);
    this.show();
  }

  forth() {
    this.history = redone(this.history);
    this.show();
  }

  show() {
    this.layer.draw(this.history.now);
    this.app.emit("notes", this.history.now);
    this.app.emit("state");
    this.tool?.show();
  }

  /** What is in no link and in no file would be gone with the page. */
  keep(event) {
    if (this.history.now === this.saved || this.text() !== null) return;
    event.preventDefault();
    event.returnValue = "";
  }

  toggle(button) {
    this.tool ||= new NotesTool(this, button);
    this.tool.toggle();
  }
}

class NotesTool {
  constructor(notes, button) {
    this.notes = notes;
    this.app = notes.app;
    this.button = button;
    this.shape = "point";
    this.color = "red";
    /** Places of the note that is being drawn. */
    this.draft = [];
    this.sketch = L.layerGroup();
    this.build();
    this.handlers = { click: ({ latlng }) => this.add(latlng), dblclick: () => this.finish(), mousemove: ({ latlng }) => this.preview(latlng), keydown: ({ originalEvent }) => this.onKey(originalEvent) };
    this.app.on("tool", (name) => name !== "notes" && this.isOpen() && this.stop());
  }

  build() {
    const { t } = this.app;
    const choice = (group, name, chosen, picture, onchange) => {
      const input = el("input", { type: "radio", name: `pm-notes-${group}`, id: `pm-notes-${name}`, value: name, checked: name === chosen, onchange });
      return [input, el("label", { for: input.id, title: t(`notes.${group}.${name}`) }, [picture, el("span", { class: "pm-visually-hidden", text: t(`notes.${group}.${name}`) })])];
    };
    const group = (name, nodes) => el("fieldset", { class: "pm-segments" }, [el("legend", { class: "pm-visually-hidden", text: t(`notes.${name}`) }), nodes]);
    const action = (key, run) => el("button", { type: "button", class: "pm-link", text: t(`notes.${key}`), onclick: run });
    this.hint = el("p", { class: "pm-note", role: "status", "aria-live": "polite" });
    this.rows = el("ol", { class: "pm-notes-list" });
    this.actions = { finish: action("finish", () => this.finish()), undo: action("undo", () => this.undo()), redo: action("redo", () => this.notes.forth()), save: action("save", () => this.save()), open: action("open", () => this.chosen.click()), clear: action("clear", () => this.notes.change([])) };
    this.chosen = el("input", { type: "file", accept: ".json,.geojson,application/geo+json,application/json", hidden: true, onchange: () => this.read() });
    this.box = el("div", { class: "pm-measure pm-notes", role: "dialog", "aria-label": t("map.tool.notes"), hidden: true }, [
      el("div", { class: "pm-measure-head" }, [el("h2", { text: t("map.tool.notes") }), el("button", { type: "button", class: "pm-close", "aria-label": t("map.close"), text: "×", onclick: () => this.stop() })]),
      group("shape", Object.keys(SHAPES).map((name) => choice("shape", name, this.shape, shapeIcon(name), () => this.take(name)))),
      group("color", Object.keys(COLORS).map((name) => choice("color", name, this.color, colorIcon(name), () => (this.color = name)))),
      this.hint,
      this.rows,
      el("div", { class: "pm-measure-actions" }, Object.values(this.actions)),
      this.chosen,
    ]);
    L.DomEvent.disableClickPropagation(this.box);
    L.DomEvent.disableScrollPropagation(this.box);
    (document.getElementById("pm-map") || this.app.map.getContainer()).append(this.box);
    this.box.addEventListener("keydown", (event) => this.onBoxKey(event));
  }

  isOpen() {
    return !this.box.hidden;
  }

  toggle() {
    if (this.isOpen()) this.stop();
    else this.start();
  }

  start() {
    const { app } = this;
    app.emit("tool", "notes");
    app.occupy(true);
    this.button.setAttribute("aria-pressed", "true");
    this.box.hidden = false;
    app.hover(null);
    app.map.doubleClickZoom.disable();
    app.map.getContainer().classList.add("pm-measuring");
    app.map.on(this.handlers);
    this.sketch.addTo(app.map);
    this.show();
    app.map.getContainer().focus({ preventScroll: true });
  }

  stop() {
    const { app } = this;
    this.drop();
    app.occupy(false);
    this.button.setAttribute("aria-pressed", "false");
    this.box.hidden = true;
    app.map.doubleClickZoom.enable();
    app.map.getContainer().classList.remove("pm-measuring");
    app.map.off(this.handlers);
    this.sketch.remove();
    this.button.focus({ preventScroll: true });
  }

  take(shape) {
    this.shape = shape;
    this.drop();
  }

  drop() {
    this.draft = [];
    this.draw();
  }

  onKey(event) {
    if (this.onCommand(event)) return;
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      const last = this.draft[this.draft.length - 1];
      // A second time at one place: that was the end.
      if (event.key === "Enter" && last && this.isSame(last, this.app.map.getCenter())) this.finish();
      else this.add(this.app.map.getCenter());
    } else if (event.key === "Backspace") this.undo();
    else if (event.key === "Escape") this.escape();
  }

  onBoxKey(event) {
    if (event.key === "Escape") this.escape();
    else if (event.target.tagName !== "INPUT" || event.target.type === "radio") this.onCommand(event);
  }

  /** Ctrl or ⌘ and Z, with Shift (or Y) the other way. */
  onCommand(event) {
    if (!event.ctrlKey && !event.metaKey) return false;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return false;
    event.preventDefault();
    if (key === "y" || event.shiftKey) this.notes.forth();
    else this.undo();
    return true;
  }

  escape() {
    if (this.draft.length) this.drop();
    else this.stop();
  }

  isSame(first, second) {
    const { map } = this.app;
    return map.latLngToContainerPoint(first).distanceTo(map.latLngToContainerPoint(second)) < SAME_PX;
  }

  add(latlng) {
    const last = this.draft[this.draft.length - 1];
    if (last && this.isSame(last, latlng)) return;
    this.draft.push(latlng);
    if (SHAPES[this.shape].only) this.finish();
    else this.draw();
  }

  /** The draft becomes a note, whose words are asked for in its row. */
  finish() {
    const { shape, color, draft } = this;
    if (draft.length < SHAPES[shape].least) return;
    const text = shape === "text" ? this.app.t("notes.shape.text") : "";
    const note = makeNote({ shape, color, points: draft.map(({ lat, lng }) => [lng, lat]), text });
    this.draft = [];
    this.draw();
    if (note && this.notes.change([...this.notes.list(), note])) this.rows.querySelector("li:last-child input")?.select();
  }

  undo() {
    if (this.draft.length) {
      this.draft.pop();
      this.draw();
    } else this.notes.back();
  }

  preview(latlng) {
    if (this.draft.length) this.draw(latlng);
  }

  draw(pointer = null) {
    const points = pointer ? [...this.draft, pointer] : this.draft;
    const color = ink(`note-${this.color}`);
    this.sketch.clearLayers();
    if (points.length > 1) {
      const shape = this.shape === "polygon" && points.length > 2 ? L.polygon : L.polyline;
      this.sketch.addLayer(shape(points, { interactive: false, renderer: this.notes.layer.renderer, color, weight: 2.2, dashArray: "6 4", fill: this.shape === "polygon", fillColor: color, fillOpacity: 0.1 }));
    }
    for (const point of this.draft) this.sketch.addLayer(L.circleMarker(point, { interactive: false, renderer: this.notes.layer.renderer, radius: 4, color, weight: 2, fillColor: ink("sheet"), fillOpacity: 1 }));
    this.reflect();
  }

  /** What can be done, and what comes next. */
  reflect() {
    const { t } = this.app;
    const { done, undone: later, now } = this.notes.history;
    const { only, least } = SHAPES[this.shape];
    this.actions.finish.disabled = only || this.draft.length < least;
    this.actions.undo.disabled = !this.draft.length && !done.length;
    this.actions.redo.disabled = !later.length;
    this.actions.save.disabled = this.actions.clear.disabled = !now.length;
    const far = this.notes.text() === null ? ` ${t("notes.not_in_link")}` : "";
    this.hint.textContent = t(only ? "notes.hint.one" : this.draft.length ? "notes.hint.more" : "notes.hint.first") + far;
  }

  show() {
    const numbers = numbersOf(this.notes.list());
    replace(this.rows, this.notes.list().map((note) => this.row(note, numbers.get(note))));
    this.reflect();
  }

  row(note, number) {
    const { t } = this.app;
    const name = number ? t("notes.numbered", { number }) : t(`notes.shape.${note.shape}`);
    const input = el("input", { type: "text", class: "pm-input", dir: "auto", maxlength: MOST_TEXT, value: note.text, "aria-label": t("notes.words", { name }), placeholder: t("notes.words", { name }) });
    input.addEventListener("change", () => this.rename(note, input.value));
    const remove = el("button", { type: "button", class: "pm-close", "aria-label": t("notes.remove", { name: note.text || name }), title: t("notes.remove", { name: note.text || name }), text: "×", onclick: () => this.notes.change(this.notes.list().filter((one) => one !== note)) });
    return el("li", {}, [shapeIcon(note.shape, `note-${note.color}`, number), input, remove]);
  }

  rename(note, text) {
    const made = cleanText(text) === note.text ? null : makeNote({ ...note, text });
    if (made) this.notes.change(this.notes.list().map((one) => (one === note ? made : one)));
    else this.show();
  }

  save() {
    const url = URL.createObjectURL(new Blob([this.notes.file()], { type: "application/geo+json" }));
    el("a", { href: url, download: `${this.app.config.plan?.id || "plan"}.planmap-notes.geojson` }).click();
    this.notes.saved = this.notes.list();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  async read() {
    const [file] = this.chosen.files;
    this.chosen.value = "";
    if (!file) return;
    // What is larger is not even read.
    if (file.size > MOST_BYTES) this.notes.say(new NotesError("too_large", { most: MOST_BYTES / 1e6 }));
    else this.notes.open(await file.text());
  }
}

const icon = (nodes) => svg("svg", { class: "pm-icon", width: 20, height: 20, viewBox: "-10 -10 20 20", "aria-hidden": "true", focusable: "false" }, nodes);
const shapeIcon = (...what) => icon(noteMark(...what));
const colorIcon = (name) => icon(svg("circle", { r: 6.5, fill: ink(`note-${name}`) }));
