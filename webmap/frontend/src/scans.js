/** The editor of a scan: a program of its own. */
import { el, replace } from "./core/dom.js";
import { createTranslator } from "./core/i18n.js";
import { Server } from "./scans/ask.js";
import { Editor } from "./scans/editor.js";
import { faultOf } from "./scans/table.js";
import { Tracing } from "./scans/trace.js";

const root = document.getElementById("scan");
const one = (selector) => root.querySelector(selector);
const all = (selector) => [...root.querySelectorAll(selector)];
const given = JSON.parse(root.dataset.given);
const t = createTranslator(given.words, given.lang);

const page = {
  sheet: one("#scan-sheet"),
  ground: one("#scan-ground"),
  rows: one(".scan-points tbody"),
  sums: one(".scan-sums"),
  form: one(".scan-one"),
  trace: one(".scan-trace"),
  proposal: one(".scan-proposal"),
  status: one(".scan-status"),
  at: { sheet: one("[data-at=sheet]"), ground: one("[data-at=ground]") },
  button: (name) => one(`[data-do=${name}]`),
  swatch(color) {
    const swatch = one(".scan-swatch");
    swatch.hidden = false;
    swatch.style.setProperty("background-color", color);
    swatch.title = color;
  },
  trouble(error) {
    const box = one(".scan-trouble");
    box.hidden = !error;
    if (!error) return;
    const faults = error.faults || [{ where: "", text: String(error.message || error), remedy: "" }];
    replace(box, faults.map((fault) => faultOf(fault)));
    box.scrollIntoView({ block: "nearest" });
  },
  /** What draws rows and marks anew takes the focus with it: it goes to the row of the same point, or of the selected one. */
  redrawn(draw, selected) {
    const held = document.activeElement;
    const [row, mark] = [held.closest?.("[data-point]"), held.closest?.(".scan-mark")];
    const id = row ? row.dataset.point : selected;
    draw();
    if ((row || mark) && !held.isConnected) (one(`[data-point="${id}"] .scan-pick`) || one(`[data-point="${selected}"] .scan-pick`) || page.sheet).focus({ preventScroll: true });
  },
  /** Buttons and choices as the editor is now. */
  shown(editor) {
    page.button("undo").disabled = !editor.points.before.length;
    page.button("redo").disabled = !editor.points.after.length;
    page.button("save").disabled = !editor.dirty;
    const choice = one("[data-choice=transformation]");
    const offered = new Set([...(editor.fit?.offered || ["similarity", "affine"]), editor.kind, editor.keptKind]);
    for (const option of choice.options) option.hidden = option.disabled = !offered.has(option.value);
    choice.value = editor.kind;
    root.classList.toggle("is-dirty", editor.dirty);
  },
};

const editor = new Editor(page, new Server(given), t);
const tracing = new Tracing(editor, page);
editor.listeners.push(tracing);

function setMode(mode) {
  editor.mode = mode;
  editor.pending = null;
  editor.selected = null;
  for (const button of all("[data-mode]")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  for (const part of all("[data-part]")) part.hidden = part.dataset.part !== mode;
  if (mode === "trace") {
    tracing.reset();
    if (!editor.fit?.borders) editor.refit();
  } else editor.status(t("ready"));
  editor.show();
}

function zoom(name, step) {
  const side = editor[name];
  if (!side.map) return;
  if (step === 0) side.all();
  else side.map.setZoom(side.map.getZoom() + step);
}

const ACTS = { undo: () => editor.undo(), redo: () => editor.redo(), save: () => editor.save() };
Object.entries(ACTS).forEach(([name, act]) => page.button(name).addEventListener("click", act));
all("[data-mode]").forEach((button) => button.addEventListener("click", () => setMode(button.dataset.mode)));
all("[data-on]").forEach((box) => box.addEventListener("change", () => editor.switch(box.dataset.on, box.checked)));
all("[data-zoom]").forEach((button) => {
  const [name, step] = button.dataset.zoom.split(":");
  button.addEventListener("click", () => zoom(name, Number(step)));
});
one("[data-choice=transformation]").addEventListener("change", (event) => editor.choose(event.target.value));
page.form.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("keydown", (event) => {
  if (!editor.points || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  if (editor.mode === "trace") tracing.key(event);
  else editor.key(event);
});
window.addEventListener("beforeunload", (event) => {
  if (editor.dirty) event.preventDefault();
});

editor.begin().then(() => {
  root.dataset.ready = "1";
}, (error) => {
  page.trouble(error);
  editor.status("");
  replace(page.rows, el("tr"));
});
window.planmapScan = { editor, tracing };
