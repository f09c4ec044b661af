/** Setting control points: a click on either side begins a pair, one on the other completes it; the server fits at every change. */
import { pick } from "../core/i18n.js";
import { Ground, Sheet } from "./canvas.js";
import { Trouble } from "./ask.js";
import { between, nearest, nudge, pixel, Points } from "./points-model.js";
import { showFields, showSums, showTable } from "./table.js";

const WAIT_MS = 250;
const SNAP_PX = window.matchMedia("(pointer: coarse)").matches ? 26 : 14;

export class Editor {
  constructor(page, server, t) {
    Object.assign(this, { page, server, t, lang: server.given.lang });
    this.mode = "points";
    this.selected = null;
    this.pending = null;
    this.fit = null;
    this.faults = [];
    this.spots = [];
    this.asked = null;
    this.listeners = [];
    this.on = { snap: true, overlay: false, borders: false };
    this.sheet = new Sheet(page.sheet, (at) => this.onSheet(at), (at) => this.hoverSheet(at));
    this.ground = new Ground(page.ground, (at) => this.onGround(at), (at) => this.hoverGround(at));
  }

  /** Read the record, draw the map, make the picture ready. */
  async begin() {
    const [state, ground] = await Promise.all([this.server.get("state"), this.server.get("ground")]);
    this.take(state);
    this.spots = ground.spots;
    this.ground.base(ground.shapes, (one) => pick(one, "name", this.lang));
    if (state.missing) throw new Trouble([{ where: "", text: state.missing, remedy: "" }], 0);
    if (!state.ready) await this.prepare();
    this.sheet.show(state, (z, x, y) => this.server.own(`tile/${state.picture}/${z}/${x}/${y}`));
    this.show();
    await this.refit();
    this.status(this.t("ready"));
  }

  async prepare() {
    this.status(this.t("preparing"));
    const { job } = await this.server.post("prepare", {});
    if (job) await this.server.work(job, ({ says, step, steps }) => this.status(steps ? `${says} ${Math.round((step / steps) * 100)} %` : says));
  }

  take(state) {
    this.state = state;
    this.digest = state.digest;
    this.kind = state.transformation;
    this.keptKind = state.transformation;
    this.points = new Points(state.points, state.placed);
  }

  get dirty() {
    return this.points ? this.points.changed || this.kind !== this.keptKind : false;
  }

  status(text) {
    this.page.status.textContent = text;
  }

  /** Say what is wrong; null takes it away. */
  trouble(error) {
    this.page.trouble(error);
  }

  // ---- pairs

  onSheet(at) {
    const place = pixel(at[0], at[1], this.state.width, this.state.height);
    if (this.mode !== "points") this.listeners.forEach((listener) => listener.click(place));
    else this.half({ px: place });
  }

  onGround(at) {
    if (this.mode === "points") this.half(this.grounded(at));
    else this.listeners.forEach((listener) => listener.clickGround(at));
  }

  /** What a place on the map is: a spot that it snaps to, or a coordinate. */
  grounded(at) {
    const spot = this.spotNear(at);
    if (spot) return { at: spot.ref ? null : spot.at, place: spot.at, ref: spot.ref || null, datum: null, accuracy_m: spot.ref ? null : spot.accuracy_m || null, name: pick(spot, "name", "zh") || null };
    const place = at.map((value) => Math.round(value * 1e7) / 1e7);
    return { at: place, place, ref: null, datum: null, accuracy_m: null };
  }

  spotNear(at) {
    if (!this.on.snap) return null;
    const bounds = this.ground.map.getBounds().pad(0.1);
    const seen = this.spots.filter((spot) => bounds.contains(this.ground.place(spot.at)));
    return nearest(seen, this.ground.screen(at), SNAP_PX, (spot) => this.ground.screen(spot.at));
  }

  half(given) {
    this.pending = { ...this.pending, ...given };
    if (this.pending.px && this.pending.place) {
      const made = this.points.add(this.pending);
      this.pending = null;
      this.selected = made.id;
      this.status(this.t("ready"));
      this.changed();
      return;
    }
    this.status(this.t(this.pending.px ? "now_ground" : "now_sheet"));
    this.show();
    // Where the fit thinks it is: the other side is shown there.
    const guess = this.pending.px && this.onMap(this.pending.px);
    if (guess && !this.ground.map.getBounds().contains(this.ground.place(guess))) this.ground.map.panTo(this.ground.place(guess));
  }

  onMap(place) {
    return this.fit && this.fit.lattice.length ? between(this.fit.lattice, place, this.state.width, this.state.height) : null;
  }

  hoverSheet(at) {
    this.page.at.sheet.textContent = at.map((value) => value.toFixed(1)).join(", ");
    this.ghost(this.onMap(at));
  }

  hoverGround(at) {
    const spot = this.spotNear(at);
    this.page.at.ground.textContent = spot ? `${pick(spot, "name", this.lang)} · ${this.t(`spot_${spot.what}`)}` : at.map((value) => value.toFixed(5)).join(", ");
    this.ghost(spot ? spot.at : null);
  }

  ghost(degrees) {
    if (this.ring) this.ring.remove();
    this.ring = degrees ? this.ground.ring(degrees, "scan-ghost") : null;
  }

  // ---- changes

  select(id) {
    this.selected = this.selected === id ? null : id;
    const point = this.points.find(this.selected);
    if (point && this.sheet.map) this.sheet.look(point.px);
    if (point?.place) this.ground.look(point.place);
    this.show();
  }

  move(id, fields) {
    this.points.change(id, fields);
    this.changed();
  }

  movePixel(id, at) {
    this.move(id, { px: pixel(at[0], at[1], this.state.width, this.state.height) });
  }

  moveGround(id, at) {
    const { name: _name, ...fields } = this.grounded(at);
    this.move(id, fields);
  }

  remove(id) {
    this.points.remove(id);
    if (this.selected === id) this.selected = null;
    this.changed();
  }

  /** What was written into the fields of a point. */
  fields(point, given) {
    const number = (text) => (text === "" || !Number.isFinite(Number(text)) ? null : Number(text));
    const [x, y, lon, lat] = [number(given.px), number(given.py), number(given.lon), number(given.lat)];
    const fields = { name: given.name || null, accuracy_m: number(given.accuracy), ref: given.ref || null };
    if (x !== null && y !== null) fields.px = pixel(x, y, this.state.width, this.state.height);
    if (!given.ref && lon !== null && lat !== null) {
      const same = point.at && point.at[0] === lon && point.at[1] === lat && !point.ref;
      Object.assign(fields, { at: [lon, lat], datum: same ? point.datum : null, place: same ? point.place : [lon, lat] });
    } else if (!given.ref && point.ref) {
      Object.assign(fields, { at: point.place, datum: null });
    }
    this.move(point.id, fields);
  }

  undo() {
    if (this.points.undo()) this.changed();
  }

  redo() {
    if (this.points.redo()) this.changed();
  }

  choose(kind) {
    this.kind = kind;
    this.changed();
  }

  switch(name, on) {
    this.on[name] = on;
    if (name === "overlay") this.overlay();
    if (name === "borders") this.refit();
  }

  changed() {
    if (!this.points.find(this.selected)) this.selected = null;
    this.show();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refit(), WAIT_MS);
  }

  /** Ask for the fit of what is here; an older answer that comes later does not count. */
  async refit() {
    clearTimeout(this.timer);
    this.asked?.abort();
    const own = new AbortController();
    this.asked = own;
    const list = this.points.list;
    try {
      const fit = await this.server.post("fit", { points: this.points.fields(), transformation: this.kind, borders: this.on.borders || this.mode === "trace" }, own.signal);
      if (this.asked !== own) return;
      this.fit = fit.trouble ? null : fit;
      this.faults = fit.trouble || [];
      // Where the record's references lead, the server alone knows.
      (fit.points || []).forEach((told, at) => { if (list[at]) list[at].place = [told.lon, told.lat]; });
    } catch (error) {
      if (error.name === "AbortError" || this.asked !== own) return;
      this.fit = null;
      this.faults = error.faults || [{ where: "", text: String(error.message), remedy: "" }];
    }
    this.asked = null;
    this.show();
    if (this.on.overlay) this.overlay();
  }

  async overlay() {
    if (!this.on.overlay || !this.fit) {
      this.ground.overlay(null);
      return;
    }
    try {
      const { image, bounds } = await this.server.post("overlay", { points: this.points.fields(), transformation: this.kind });
      this.ground.overlay(this.on.overlay ? image : null, bounds);
    } catch (error) {
      this.trouble(error);
    }
  }

  async save() {
    const said = { points: this.points.fields(), transformation: this.kind, gone: this.points.gone(), digest: this.digest };
    const list = this.points.list;
    try {
      const { digest } = await this.server.post("save", said);
      this.digest = digest;
      this.keptKind = said.transformation;
      if (this.points.list === list) this.points.saved();
      this.trouble(null);
      this.status(this.t("saved"));
      this.show();
    } catch (error) {
      this.trouble(error);
    }
  }

  // ---- what is seen

  show() {
    this.page.redrawn(() => this.draw(), this.selected);
  }

  draw() {
    const { points, fit, page } = this;
    this.ground.clear();
    this.ring = null;
    if (fit?.outline.length) this.ground.draw(fit.outline, 2, "scan-outline");
    if (this.sheet.map) this.sheet.clear();
    points.list.forEach((point, at) => this.showPoint(point, at));
    if (this.pending?.px && this.sheet.map) this.sheet.mark(this.pending.px, { className: "is-pending", label: "?" });
    if (this.pending?.place) this.ground.mark(this.pending.place, { className: "is-pending", label: "?" });
    showTable(page.rows, points.list, fit, this.selected, this.t, { select: (id) => this.select(id), remove: (id) => this.remove(id) });
    showSums(page.sums, fit, this.faults, points.list.length, this.t);
    showFields(page.form, points.find(this.selected), this.t, { change: (given) => this.fields(this.points.find(this.selected), given) });
    page.shown(this);
    this.listeners.forEach((listener) => listener.show());
  }

  showPoint(point, at) {
    const label = String(at + 1);
    const title = point.name || label;
    const className = point.id === this.selected ? "is-selected" : "";
    const given = { label, title, className, onSelect: () => this.select(point.id) };
    if (this.mode !== "points") Object.assign(given, { onSelect: null, small: true, label: "" });
    const may = this.mode === "points";
    if (this.sheet.map) this.sheet.mark(point.px, { ...given, onMove: may ? (to) => this.movePixel(point.id, to) : null });
    const landed = this.fit?.landed[at];
    if (landed && point.place) this.ground.draw([[point.place, landed]], 1, "scan-residual");
    if (point.place) this.ground.mark(point.place, { ...given, onMove: may ? (to) => this.moveGround(point.id, to) : null });
  }

  /** Keys, wherever they are pressed in the editor but in a field. */
  key(event) {
    const control = event.ctrlKey || event.metaKey;
    if (control && event.key.toLowerCase() === "z") {
      event.preventDefault();
      if (event.shiftKey) this.redo();
      else this.undo();
    } else if (control && event.key.toLowerCase() === "y") {
      event.preventDefault();
      this.redo();
    } else if (event.key === "Escape") {
      this.pending = null;
      this.show();
    } else if (this.mode === "points" && this.selected !== null && event.target.closest(".scan") && !event.target.classList.contains("scan-map")) {
      this.keyOnPoint(event);
    }
  }

  keyOnPoint(event) {
    const step = nudge(event.key, event.shiftKey);
    const point = this.points.find(this.selected);
    if (step) {
      event.preventDefault();
      this.movePixel(point.id, [point.px[0] + step[0], point.px[1] + step[1]]);
    } else if (event.key === "Delete") {
      event.preventDefault();
      this.remove(point.id);
    }
  }
}
