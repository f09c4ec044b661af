/** The form above an indicator's classes: which one, of what, by which units and classes, and how it is looked at. */
import { el, replace } from "../core/dom.js";
import { indicatorGroups, pick } from "../core/format.js";
import { METHODS as CLASSED } from "./breaks.js";
import { bysOf } from "./derive.js";
import { BYS, FORMS, MOST_OTHERS, SPLITS, formatLook, parseLook, typedBounds } from "../core/look-model.js";
import { SCENARIO_SHOWS, SHOWS } from "./overlay-model.js";

const LEVELS = ["zone", "township"];
const METHODS = [...CLASSED, "typed"];
/** Forms that need a ramp of their own; an edition built before it has none. */
const RAMP_OF = { bars: "parts", pies: "parts", two: "bivariate" };

export class OverlayForm {
  /** @param choose called with what was chosen, as a part of the indicator's spec (`look` as an object) */
  constructor(app, choose) {
    this.app = app;
    this.choose = choose;
    this.look = parseLook("");
    this.build();
  }

  build() {
    const { t } = this.app;
    this.select = el("select", { id: "pm-indicator", class: "pm-select", onchange: () => this.choose({ id: this.select.value }) });
    this.shows = this.options("show", SHOWS, (show) => `panels.overlay.show_${show || "plan"}`, (show) => this.choose({ show }));
    this.periods = el("select", { id: "pm-period", class: "pm-select", onchange: () => this.choose({ period: this.periods.value }) });
    this.periodName = el("label", { for: "pm-period", text: t("panels.overlay.period") });
    this.periodField = el("div", { class: "pm-field" }, [this.periodName, this.periods]);
    this.observed = el("div", { class: "pm-field-row", hidden: true }, [
      el("div", { class: "pm-field" }, [el("label", { for: "pm-show", text: t("panels.overlay.show") }), this.shows]),
      this.periodField,
    ]);
    this.levels = this.segments("level", LEVELS);
    this.methods = this.options("method", METHODS, (method) => (CLASSED.slice(0, 3).includes(method) ? `panels.overlay.${method}` : `overlay.${method}`), (method) => this.method(method));
    this.methodField = el("div", { class: "pm-field" }, [el("label", { for: "pm-method", text: t("panels.overlay.method") }), this.methods]);
    this.clear = el("button", { type: "button", class: "pm-link pm-clear", text: t("panels.overlay.clear"), onclick: () => this.app.setIndicator(null) });
    this.bounds = el("input", { id: "pm-bounds", class: "pm-input", inputmode: "text", autocomplete: "off", placeholder: "10, 20, 30", "aria-describedby": "pm-bounds-said", onchange: () => this.typed() });
    this.boundsSaid = el("p", { id: "pm-bounds-said", class: "pm-foot", role: "status" });
    this.boundsField = this.field("bounds", this.bounds, this.boundsSaid);
    this.element = el("form", { class: "pm-form", onsubmit: (event) => event.preventDefault() }, [
      el("div", { class: "pm-field" }, [
        el("span", { class: "pm-field-head" }, [el("label", { for: "pm-indicator", text: t("panels.overlay.choose") }), this.clear]),
        this.select,
      ]),
      this.observed,
      el("div", { class: "pm-field-row" }, [this.levels.node, this.methodField]),
      this.boundsField,
      this.more(),
      this.own(),
    ]);
  }

  /** Own data beside the plan's. */
  own() {
    const { app } = this;
    if (!app.own) return null;
    this.ownName = el("span", { class: "pm-own-name" });
    this.ownGone = el("button", { type: "button", class: "pm-link", text: app.t("own.remove"), onclick: () => app.own.remove() });
    const add = el("button", { type: "button", class: "pm-link pm-own-add", text: app.t("own.choose"), onclick: () => app.own.choose() });
    const node = el("div", { class: "pm-own" }, [add, el("p", { class: "pm-foot", text: app.t("own.drop") }), el("p", { class: "pm-own-now" }, [this.ownName, " ", this.ownGone])]);
    this.reflectOwn();
    return node;
  }

  reflectOwn() {
    if (!this.ownGone) return;
    this.ownGone.parentElement ? (this.ownGone.parentElement.hidden = !this.app.own.has()) : null;
    replace(this.ownName, el("bdi", { text: this.app.own.title() }));
  }

  /** What few ask for: folded until it is asked for. */
  more() {
    const { t } = this.app;
    this.forms = this.options("as", FORMS, (form) => `overlay.as_${form}`, (as) => this.look_({ as, others: [] }));
    this.bys = this.options("by", BYS, (by) => `overlay.by_${by || "value"}`, (by) => this.look_({ by }));
    this.from = el("select", { id: "pm-from", class: "pm-select", onchange: () => this.look_({ from: this.from.value }) });
    this.splits = this.options("split", SPLITS, (split) => `overlay.split_${split || "none"}`, (split) => this.look_({ split }));
    this.keep = el("input", { type: "checkbox", id: "pm-keep", onchange: () => this.look_({ keep: this.keep.checked }) });
    this.others = el("fieldset", { class: "pm-others" });
    /** What a choice still waits for before the map can follow it. */
    this.waits = el("p", { class: "pm-waits", role: "status", hidden: true });
    this.fromName = el("label", { for: "pm-from" });
    this.fromField = el("div", { class: "pm-field" }, [this.fromName, this.from]);
    this.splitField = this.field("split", this.splits);
    this.keepField = el("p", { class: "pm-option" }, [this.keep, el("label", { for: "pm-keep", text: t("overlay.keep") })]);
    this.details = el("details", { class: "pm-ways" }, [
      el("summary", { text: t("overlay.more") }),
      el("div", { class: "pm-field-row" }, [this.field("as", this.forms), this.field("by", this.bys)]),
      this.others,
      this.waits,
      el("div", { class: "pm-field-row" }, [this.fromField, this.splitField]),
      this.keepField,
    ]);
    return this.details;
  }

  field(name, control, said = null) {
    return el("div", { class: "pm-field" }, [el("label", { for: `pm-${name}`, text: this.app.t(`overlay.${name}`) }), control, said]);
  }

  options(name, values, key, choose) {
    const node = el("select", { id: `pm-${name}`, class: "pm-select", onchange: () => choose(node.value) }, values.map((value) => el("option", { value, text: this.app.t(key(value)) })));
    return node;
  }

  segments(name, values) {
    const { t } = this.app;
    const inputs = values.map((value) => el("input", { type: "radio", name: `pm-${name}`, id: `pm-${name}-${value}`, value, onchange: () => this.choose({ [name]: value }) }));
    const node = el("fieldset", { class: "pm-segments" }, [
      el("legend", { text: t(`panels.overlay.${name}`) }),
      inputs.map((input) => [input, el("label", { for: input.id, text: t(`panels.overlay.${input.value}`) })]),
    ]);
    return { node, inputs };
  }

  look_(part) {
    this.choose({ look: formatLook({ ...this.look, ...part }) });
  }

  /** Typed classes wait for their bounds. */
  method(method) {
    this.boundsField.hidden = method !== "typed";
    if (method === "typed" && !this.look.at.length) {
      this.boundsSaid.textContent = this.app.t("overlay.bounds_wait");
      this.bounds.focus();
    } else this.choose({ method });
  }

  typed() {
    const at = typedBounds(this.bounds.value);
    this.boundsSaid.textContent = at ? "" : this.app.t("overlay.bounds_wrong");
    this.bounds.setAttribute("aria-invalid", String(!at));
    if (at) this.choose({ method: "typed", look: formatLook({ ...this.look, at }) });
  }

  fill(indicators) {
    const groups = indicatorGroups(indicators, this.app).map((group) =>
      el("optgroup", { label: group.label }, group.options.map((item) => el("option", { value: item.id, text: item.name }))),
    );
    replace(this.select, el("option", { value: "", text: this.app.t("panels.overlay.none") }), groups);
    this.select.value = this.app.indicator ? this.app.indicator.id : "";
  }

  /** The form says what is shown, also when a permalink or the card has chosen. */
  reflect(spec, last) {
    const { level, method } = spec || last;
    this.look = parseLook(spec?.look);
    for (const input of this.levels.inputs) input.checked = input.value === level;
    this.methods.value = METHODS.includes(method) ? method : METHODS[0];
    this.boundsField.hidden = method !== "typed";
    if (document.activeElement !== this.bounds) this.bounds.value = this.look.at.join(", ");
    this.select.value = spec ? spec.id : "";
    this.clear.hidden = !spec;
    this.details.hidden = !spec;
    if (spec?.look && formatLook({ ...this.look, keep: true, at: [] })) this.details.open = true;
    this.forms.value = this.look.as;
    this.bys.value = this.look.by;
    this.splits.value = this.look.split;
    this.keep.checked = this.look.keep;
  }

  /** What there is to show: observed values, scenarios, and both against each other. */
  reflectShows(spec, periods, scenarios) {
    const { t } = this.app;
    this.observed.hidden = !periods.length && !scenarios.length;
    const shows = [...(periods.length ? SHOWS : [""]), ...(scenarios.length ? SCENARIO_SHOWS.slice(0, periods.length ? 2 : 1) : [])];
    replace(this.shows, shows.map((show) => el("option", { value: show, text: t(`panels.overlay.show_${show || "plan"}`) })));
    this.shows.value = shows.includes(spec?.show) ? spec.show : "";
  }

  /**
   * Periods, and what may be chosen for what is shown. `candidates` are indicators with values of these units, `waits` is what the
   * map still waits for, in words.
   */
  reflectValues({ spec, periods, shown, scenarios = [], indicator, hasPeople, hasSeries, candidates, waits = "" }) {
    const { ramps } = this.app;
    this.reflectShows(spec, periods, scenarios);
    const show = this.shows.value;
    const ofScenario = SCENARIO_SHOWS.includes(show);
    this.reflectPeriods(spec, ofScenario ? scenarios.map((item) => [item.code, item.name]) : [...periods].reverse().map((period) => [period, period]), ofScenario, shown);
    this.reflectBeside(spec, periods, scenarios, hasSeries);
    const bys = indicator ? bysOf(indicator, { show: spec?.show, hasPeople }) : BYS;
    for (const option of this.bys.options) option.hidden = option.disabled = !bys.includes(option.value);
    const course = spec?.show === "course";
    for (const option of this.forms.options) option.hidden = option.disabled = (RAMP_OF[option.value] && !ramps.has(RAMP_OF[option.value])) || (course && option.value !== "areas");
    // A course has its states, figures on paper have no classes, two indicators have thirds.
    this.methodField.hidden = course || (Boolean(spec) && this.look.as !== "areas");
    this.drawOthers(spec, candidates || [], indicator);
    this.waits.textContent = waits;
    this.waits.hidden = !waits;
  }

  /** Of when, or which scenario; what has one time only is not asked. */
  reflectPeriods(spec, choices, ofScenario, shown) {
    const { t } = this.app;
    this.periodName.textContent = t(ofScenario ? "overlay.scenario" : "panels.overlay.period");
    this.periodField.hidden = !this.shows.value || this.shows.value === "target";
    replace(this.periods, choices.map(([value, text]) => el("option", { value, text })));
    const current = ofScenario ? spec.period : String(shown);
    if (choices.some(([value]) => value === current)) this.periods.value = current;
  }

  /** What it may be compared with, as a difference or side by side: other periods and the target, other scenarios and what was observed. */
  reflectBeside(spec, periods, scenarios, hasSeries) {
    const { t } = this.app;
    const ofScenario = spec?.show === SCENARIO_SHOWS[0];
    const scenario = ofScenario ? scenarios.find((item) => item.code === spec.period) : null;
    const alike = scenarios.filter((item) => item !== scenario && item.level === scenario?.level);
    const choices = ofScenario ? alike.map((item) => [item.code, item.name]) : spec?.show === "observed" && hasSeries ? periods.map((period) => [period, period]) : [];
    this.fromName.textContent = t(ofScenario ? "overlay.from_scenario" : "overlay.from");
    this.fromField.hidden = choices.length < (ofScenario ? 1 : 2);
    replace(this.from, el("option", { value: "", text: t("overlay.from_none") }), choices.map(([value, text]) => el("option", { value, text })));
    this.from.value = this.look.from;
    const beside = choices.find(([value]) => value === this.look.from)?.[1];
    const against = beside || (ofScenario ? (periods.length ? t("panels.overlay.show_observed") : "") : t("panels.overlay.show_target"));
    const several = ofScenario ? alike.length : spec?.show === "target" ? 0 : 2;
    const open = { "": true, swipe: Boolean(against) && (ofScenario || spec?.show === "observed"), 2: several > 0, 4: several > (ofScenario ? 2 : 1) };
    for (const option of this.splits.options) {
      option.hidden = option.disabled = !open[option.value];
      if (option.value === "swipe") option.textContent = t("overlay.split_swipe", { name: against });
      else if (option.value) option.textContent = t(`overlay.split_${option.value}${ofScenario ? "_scenarios" : ""}`);
    }
    this.splitField.hidden = !(hasSeries || ofScenario) || !(open.swipe || open[2]);
    this.keepField.hidden = !hasSeries || ofScenario || periods.length < 2;
  }

  /** Which indicators stand beside the first: for two colours one, for pies those of its unit. */
  drawOthers(spec, candidates, indicator) {
    const { as, others } = this.look;
    this.others.hidden = !["bars", "pies", "two"].includes(as);
    if (this.others.hidden || !indicator) return;
    const { lang, t } = this.app;
    const fitting = candidates.filter((one) => one.id !== spec.id && (as !== "pies" || one.unit === indicator.unit));
    const boxes = fitting.map((one, at) => {
      const box = el("input", { type: as === "two" ? "radio" : "checkbox", name: "pm-with", id: `pm-with-${at}`, value: one.id, onchange: () => this.withOthers() });
      box.checked = others.includes(one.id);
      box.disabled = as !== "two" && !box.checked && others.length >= MOST_OTHERS;
      return el("li", {}, [box, el("label", { for: box.id, text: pick(one, "name", lang) })]);
    });
    replace(this.others, el("legend", { text: t(`overlay.with_${as}`) }), boxes.length ? el("ul", {}, boxes) : el("p", { class: "pm-foot", text: t("overlay.with_none") }));
  }

  withOthers() {
    this.look_({ others: [...this.others.querySelectorAll("input:checked")].map((box) => box.value) });
  }
}

export { LEVELS, METHODS };
