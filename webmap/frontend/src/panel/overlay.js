/** An indicator on the map: choosing it, shading the units, legend, table and bars, all in step. */
import { el, replace } from "../core/dom.js";
import { citeLabel, formatNumber } from "../core/format.js";
import { failure } from "./card.js";
import { pick, sentence } from "./card-model.js";
import { statedBlock } from "./district.js";
import { formatLook, parseLook } from "../core/look-model.js";
import { Marks } from "./marks.js";
import { LEVELS, METHODS, OverlayForm } from "./overlay-form.js";
import { nameOf } from "./derive.js";
import { PEOPLE, load, modelOf, sidesOf, waitsFor } from "./overlay-load.js";
import { SideBySide } from "./side-by-side.js";
import { SCENARIO_SHOWS, SHOWS, layersInTheWay } from "./overlay-model.js";
import { layerOf, words } from "../core/places.js";
import { inSlices, nextFrame, nextTask } from "../core/slices.js";
import { ValueTable } from "./table.js";
import { TimeSlider } from "./time-slider.js";

export class Overlay {
  constructor(app) {
    this.app = app;
    this.panel = app.config.mode !== "embed" ? app.panel : null;
    this.sort = { column: "value", direction: "descending" };
    this.last = { level: "zone", method: METHODS[0] };
    this.painted = null;
    this.hidden = [];
    this.turn = 0;
    this.model = null;
    this.marks = new Marks(app);
    /** Periods that were chosen for single maps side by side. */
    this.beside = [];
    this.sides = new SideBySide(app, {
      choose: (at, period) => {
        this.beside[at] = period;
        this.pending = this.show(app.indicator);
      },
      close: () => this.choose({ look: formatLook({ ...parseLook(app.indicator?.look), split: "" }) }),
    });
    this.time = new TimeSlider(app, (period) => app.indicator && app.setIndicator({ ...app.indicator, period }));
    /** Settles when the last choice is on the map (or has failed and says so). */
    this.pending = Promise.resolve();
    app.on("indicator", (spec) => (this.pending = this.show(spec)));
    app.on("own", () => this.refill());
    app.on("hover", () => this.highlight());
    app.on("select", () => this.highlight(true));
    app.on("layers", () => {
      if (!this.hidden.some((id) => app.layers.isVisible(id))) return;
      this.hidden = this.hidden.filter((id) => !app.layers.isVisible(id));
      this.renderNote();
    });
    if (this.panel) this.build();
    if (app.indicator) this.pending = this.show(app.indicator);
  }

  build() {
    this.form = new OverlayForm(this.app, (part) => this.choose(part));
    this.output = el("div", { class: "pm-overlay", "aria-live": "off" });
    this.panel.bodies.indicators.replaceChildren(this.form.element, this.output);
    this.panel.onShow("indicators", () => this.fillChoices());
    if (this.panel.isOpen() && this.panel.active === "indicators") this.fillChoices();
    this.reflect(null);
  }

  async fillChoices() {
    if (this.filled) return;
    this.filled = true;
    const { app } = this;
    for (const level of LEVELS) app.data.expect(level);
    try {
      const { indicators } = await app.data.indicators();
      this.form.fill(indicators);
    } catch {
      this.filled = false;
      replace(this.output, failure(app, () => this.fillChoices()));
    }
  }

  /** Own data have come or gone: the list is another. */
  refill() {
    this.filled = false;
    this.form?.reflectOwn();
    if (this.form) this.fillChoices();
  }

  /** A change in the form; what it does not name stays as it is. */
  choose(part) {
    const spec = { ...this.last, ...(this.app.indicator || {}), ...part };
    if (part.id !== undefined) spec.show = spec.period = spec.look = "";
    const scenario = SCENARIO_SHOWS.includes(spec.show);
    // What it was compared with is of its kind and level.
    if (part.show !== undefined || (scenario && part.level)) spec.look = formatLook({ ...parseLook(spec.look), from: "", split: "" });
    if (scenario) this.chooseScenario(spec, part);
    // Its code stood where a period does.
    else if (SCENARIO_SHOWS.includes(this.app.indicator?.show)) spec.period = "";
    this.last = { level: spec.level, method: spec.method === "typed" ? METHODS[0] : spec.method };
    if (!spec.id) {
      if (this.app.indicator) this.app.setIndicator(null);
      return;
    }
    if (spec.method === "typed" && !parseLook(spec.look).at.length) spec.method = METHODS[0];
    this.app.setIndicator({ id: spec.id, level: spec.level, method: spec.method, show: spec.show || "", period: (spec.show && spec.period) || "", look: spec.look || "" });
  }

  /** A scenario has a level of its own: another level takes another scenario, or none. */
  chooseScenario(spec, part) {
    const known = this.scenarios || [];
    const named = known.find((item) => item.code === spec.period && (!part.level || item.level === part.level));
    const found = named || known.find((item) => item.level === spec.level) || (part.level ? null : known[0]);
    Object.assign(spec, found ? { level: found.level, period: found.code } : { show: "", period: "" });
    const look = parseLook(spec.look);
    if (look.from === spec.period) spec.look = formatLook({ ...look, from: "" });
  }

  /** For an indicator with observed values: what of them is shown, and of when; and how it may be looked at. */
  async reflectValues(spec) {
    const turn = this.turn;
    const { app, model } = this;
    const [found, list, kept] = await Promise.all([
      app.data.observed().catch(() => ({ indicators: [] })),
      app.data.indicators().catch(() => ({ indicators: [] })),
      app.data.scenarios().catch(() => ({ scenarios: [] })),
    ]);
    if (turn !== this.turn || !this.form) return;
    this.scenarios = kept.scenarios.filter((item) => item.indicator === spec?.id);
    const periods = found.indicators.find((item) => item.id === spec?.id)?.periods.observed || [];
    const current = model?.id === spec?.id ? model : null;
    const shown = spec?.period || (current?.show ? current.year : "");
    const level = spec?.level || this.last.level;
    const observed = new Set(found.indicators.filter((item) => item.periods.observed?.length).map((item) => item.id));
    // Beside observed values observed ones, beside what is computed what is computed.
    const candidates = list.indicators.filter((item) => (spec?.show ? observed.has(item.id) : item.levels.includes(level)));
    const hasPeople = Boolean(spec?.show && list.indicators.some((item) => (item.flags || []).includes(PEOPLE) && observed.has(item.id)));
    const { scenarios } = this;
    this.form.reflectValues({ spec, periods, shown, scenarios, indicator: list.indicators.find((item) => item.id === spec?.id), hasPeople, hasSeries: Boolean(current?.series) && !SCENARIO_SHOWS.includes(spec?.show), candidates, waits: current ? this.waits : "" });
  }

  async show(spec) {
    const { app } = this;
    const turn = ++this.turn;
    this.reflect(spec);
    if (!spec || !spec.id) {
      this.wipe();
      if (this.output) replace(this.output, el("p", { class: "pm-empty", text: app.t("panels.overlay.intro") }));
      return;
    }
    try {
      const level = LEVELS.includes(spec.level) ? spec.level : LEVELS[0];
      const known = SHOWS.includes(spec.show) || (SCENARIO_SHOWS.includes(spec.show) && spec.period);
      const shown = await load(app, { ...spec, level, show: known ? spec.show : "" });
      if (turn !== this.turn) return;
      this.model = modelOf(app, shown);
      this.method = shown.method;
      this.waits = this.model.reason || this.model.categories ? "" : waitsFor(app, shown);
      // What the map shows, what steps back for it, and what the panel says of it are a task each.
      await nextTask();
      if (turn !== this.turn) return;
      await this.paint();
      await nextTask();
      if (turn !== this.turn) return;
      if (!this.model.reason) await this.stepBack();
      // Seen before the panel follows: the page is laid out for one after the other.
      await nextFrame();
      if (turn !== this.turn) return;
      const sides = this.model.reason ? null : sidesOf(app, shown, this.beside);
      if (sides) this.sides.set(shown.look.split, sides, app.layers.entry(layerOf(app, level).id).views, shown.series.periods.map((code) => [code, nameOf(shown.series, code)]));
      else this.sides.clear();
      this.time.set(this.model.timed && !(sides && shown.look.split !== "swipe") ? this.model.periods : [], this.model.year);
      if (this.panel && !(await inSlices(this.drawing(), { stale: () => turn !== this.turn, milliseconds: 0, layOut: () => this.output.offsetHeight }))) return;
      await nextTask();
      if (turn === this.turn) await this.reflectValues(spec);
    } catch (error) {
      if (turn !== this.turn) return;
      this.wipe();
      if (this.output) replace(this.output, failure(app, () => this.show(spec)));
      if (error.name !== "DataError") throw error;
    }
  }

  /** The form says what is shown, also when a permalink or the card has chosen. */
  reflect(spec) {
    if (!this.form) return;
    const { level, method } = spec || this.last;
    if (spec) this.last = { level, method: method === "typed" ? METHODS[0] : method };
    this.form.reflect(spec, this.last);
    if (spec) this.fillChoices();
    this.reflectValues(spec);
  }

  async paint() {
    const { app, model } = this;
    const layer = layerOf(app, model.level);
    if (this.painted && (!layer || this.painted !== layer.id)) this.unpaint();
    if (!layer || model.reason) {
      this.unpaint();
      app.emit("overlay", null);
      return;
    }
    this.painted = layer.id;
    app.layers.setPaint(layer.id, (feature) => {
      const fill = model.paint.get(feature.id ?? feature.properties.id);
      return { fill: fill || model.noData, fillOpacity: 1 };
    });
    app.labels?.setValues(layer.id, model.marks && model.marks.form !== "symbols" ? null : model.labels);
    app.emit("overlay", this.legend());
    if (!app.layers.isVisible(layer.id)) await app.layers.setVisible(layer.id, true);
    if (model !== this.model) return;
    if (model.marks) this.marks.draw(model.marks, app.layers.entry(layer.id).views);
    else this.marks.clear();
    if (model.hasAssumed) await this.showParts();
  }

  /** Where townships are cut by an assumed line, the colours lean on it: its hatching stays over them. */
  async showParts() {
    const parts = layerOf(this.app, "zone_part");
    if (!parts || this.partsShown || this.app.layers.isVisible(parts.id)) return;
    this.partsShown = parts.id;
    await this.app.layers.setVisible(parts.id, true);
  }

  /** What a legend on the map needs: `{title, unit, entries: [{color, text, count}]}`. */
  legend() {
    const { app, model } = this;
    const none = model.hasNone ? [{ color: model.noData, text: app.t("panels.overlay.no_data"), count: model.rows.filter((row) => row.value === null).length, none: true }] : [];
    const method = this.grading();
    return { title: model.mark ? `${model.title} (${model.mark})` : model.title, unit: model.unit, note: this.legendNote(method), level: model.levelName, method, year: model.year, entries: [...model.entries, ...none], hasAssumed: model.hasAssumed, picture: model.picture };
  }

  /** What is shown of the indicator, in words; a scenario's own name says it already. */
  shown() {
    const { show } = this.model;
    return show && show !== SCENARIO_SHOWS[0] ? this.app.t(`panels.overlay.show_${show}`) : "";
  }

  /** What is shown and of when, by which units, in which classes and unit: in one line. */
  legendNote(method) {
    const { app, model } = this;
    const { t } = app;
    const what = model.said || (model.categories ? "" : this.shown());
    const unit = model.unit && !model.categories ? t("map.legend.unit", { unit: model.unit }) : "";
    return [what, model.year, model.levelName, method, unit].filter(Boolean).join(app.lang === "zh" ? "，" : ", ");
  }

  /** By what method the classes are; "" where they follow from what is shown. */
  grading() {
    const { model } = this;
    const { t } = this.app;
    if (model.grading !== undefined) return model.grading;
    if (model.categories) return model.show ? t(`panels.overlay.show_${model.show}`) : "";
    const said = this.app.t(METHODS.slice(0, 3).includes(this.method) ? `panels.overlay.${this.method}_long` : `overlay.${this.method}_long`);
    return [model.sided ? t("overlay.sided") : said, model.kept ? t("overlay.kept") : ""].filter(Boolean).join(this.app.lang === "zh" ? "，" : ", ");
  }

  unpaint() {
    if (!this.painted) return;
    this.app.layers.setPaint(this.painted, null);
    this.app.labels?.setValues(this.painted, null);
    this.marks.clear();
    this.painted = null;
  }

  wipe() {
    if (this.partsShown) this.app.layers.setVisible(this.partsShown, false);
    this.partsShown = null;
    this.unpaint();
    this.restore();
    this.started = false;
    this.model = null;
    this.table = null;
    this.time.set([], "");
    this.sides.clear();
    this.app.emit("overlay", null);
  }

  /**
   * Area layers over the shading step back until the reader wants them again or the shading goes. Not
   * while a permalink is restored: its layers are what somebody has chosen.
   */
  async stepBack() {
    const { app } = this;
    const chosen = app.config.mode === "embed" ? new URLSearchParams(window.location.search).has("layers") : !window.__ready;
    if (this.started || chosen) {
      this.started = true;
      return;
    }
    this.started = true;
    const inTheWay = layersInTheWay(app.config.layers || [], app.kinds, (id) => app.layers.isVisible(id));
    const ids = inTheWay.map((spec) => spec.id);
    await Promise.all(ids.map((id) => app.layers.setVisible(id, false)));
    // Remembered once all are gone: one that is seen again counts as wanted by the reader.
    this.hidden = ids;
  }

  restore() {
    const ids = this.hidden;
    this.hidden = [];
    for (const id of ids) this.app.layers.setVisible(id, true);
    this.renderNote();
  }

  /** Each `yield` is a place to pause, where what is there by then is laid out. */
  *drawing() {
    const { app, model } = this;
    if (model.reason) {
      this.table = null;
      this.drawStated();
      return;
    }
    this.table = null;
    replace(this.output, this.heading(), this.classLegend(), this.hiddenNote());
    yield;
    this.table = new ValueTable(app, { model, sort: this.sort, onSort: (sort) => (this.sort = sort) });
    this.output.append(this.table.element);
    yield;
    this.output.append(this.notes());
    this.highlight(true);
  }

  heading() {
    const { app, model } = this;
    const parts = [model.said || this.shown(), model.mark, model.levelName, model.categories ? null : model.unit || app.t("panels.overlay.count_unit"), model.year].filter(Boolean);
    return el("header", { class: "pm-overlay-head" }, [
      el("h2", {}, [el("bdi", { text: model.title })]),
      el("p", { class: "pm-sub" }, parts.map((part) => el("span", { text: String(part) }))),
    ]);
  }

  classLegend() {
    const { app, model } = this;
    const { entries, method } = this.legend();
    const picture = this.model.picture?.();
    const items = entries.map((entry) =>
      el("li", {}, [
        el("span", { class: "pm-class-box", style: { "background-color": entry.color } }),
        el("span", { class: "pm-class-range", text: entry.text }),
        el("span", { class: "pm-class-count", text: entry.count === undefined ? "" : app.t("panels.overlay.count", { count: formatNumber(entry.count, app.lang) }) }),
      ]),
    );
    const flat = new Set(model.rows.map((row) => row.value)).size === 1 && model.rows.length > 1 ? el("p", { class: "pm-foot", text: app.t("panels.overlay.flat") }) : null;
    return el("div", { class: "pm-classes", role: "group", "aria-label": app.t("panels.overlay.legend") }, [el("p", { class: "pm-classes-method", text: method }), picture, el("ul", {}, items), flat]);
  }

  hiddenNote() {
    this.note = el("p", { class: "pm-foot pm-hidden-note" });
    this.renderNote();
    return this.note;
  }

  renderNote() {
    const { app } = this;
    if (!this.note) return;
    const names = this.hidden.map((id) => app.name((app.config.layers || []).find((spec) => spec.id === id)));
    this.note.hidden = !names.length;
    const text = app.t("panels.overlay.hidden", { names: names.join(app.lang === "zh" ? "、" : ", ") });
    const again = el("button", { type: "button", class: "pm-link", text: app.t("panels.overlay.restore"), onclick: () => this.restore() });
    replace(this.note, names.length ? [el("span", { text }), " ", again] : []);
  }

  notes() {
    const { app, model } = this;
    const { t, lang } = app;
    const { indicator } = model;
    const formula = pick(indicator, "formula", lang);
    const cites = (indicator.cites || []).map((cite) => el("span", { class: "pm-chip", text: citeLabel(cite, t, lang) }));
    const row = (key, content) => [el("dt", { text: t(`panels.overlay.${key}`) }), el("dd", {}, content)];
    return el("section", { class: "pm-notes" }, [
      model.hasAssumed ? el("p", { class: "pm-foot", text: t("panels.overlay.assumed") }) : null,
      model.reason ? null : unitNotes(model, lang),
      el("dl", { class: "pm-facts" }, [
        formula ? row("formula", words(formula)) : [],
        row("source", [indicator.origin === "own" ? t("own.source") : t(`panels.overlay.source_${model.mark ? "scenario" : model.show ? "observed" : indicator.origin === "stated" ? "stated" : "computed"}`), cites.length ? " " : "", cites]),
      ]),
      this.download(),
    ]);
  }

  /** Nothing to shade: why, and for an indicator of the plan the district's own figures. */
  drawStated() {
    const { app, model } = this;
    const { t, lang } = app;
    const stated = model.indicator.origin === "stated" && !model.show;
    const why = stated ? t("panels.overlay.not_by_zone_how") : t("panels.overlay.no_value_how");
    const notice = el("div", { class: "pm-notice pm-missing" }, [
      el("strong", { text: t(stated ? "panels.overlay.not_by_zone" : "panels.overlay.no_data") }),
      el("p", { text: why }),
      unitNotes(model, lang),
    ]);
    replace(this.output, stated ? [notice, statedBlock(app, model.indicator), this.download()] : [this.heading(), notice, this.notes()]);
  }

  download() {
    const { app } = this;
    const base = app.config.urls && app.config.urls.download;
    return base ? el("p", {}, [el("a", { class: "pm-action", href: `${base}/indicators.csv`, download: "", text: app.t("panels.overlay.download") })]) : null;
  }

  highlight(reveal = false) {
    if (!this.table) return;
    this.table.highlight(this.app.hovered, this.app.selected);
    if (reveal && this.app.selected && this.panel.isOpen()) this.table.reveal(this.app.selected);
  }
}

/** The notes of single units under the table, each with the names it is about. */
function unitNotes(model, lang) {
  if (!model.notes.length) return null;
  const [comma, colon] = lang === "zh" ? ["、", "："] : [", ", ": "];
  const about = (note) => `${note.star ? `${note.star} ` : ""}${note.places.length ? `${note.places.join(comma)}${colon}` : ""}${sentence(note.text, lang)}`;
  return el("ul", { class: "pm-unit-notes" }, model.notes.map((note) => el("li", { class: "pm-foot" }, [words(about(note))])));
}
