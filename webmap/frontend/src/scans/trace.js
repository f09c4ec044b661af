/** Reading shapes off: by a colour that is clicked, or drawn vertex by vertex; a proposal is looked at, then accepted or not. */
import { el, replace } from "../core/dom.js";
import { between, snapped } from "./points-model.js";
import { faultOf } from "./table.js";

const DRAWN = { polygon: "polygon", polyline: "line", point: "point" };
const LEAST = { polygon: 3, polyline: 2, point: 1 };
const EDITABLE = 400;
const SNAP_PX = 12;

export class Tracing {
  constructor(editor, page) {
    Object.assign(this, { editor, page, t: editor.t, server: editor.server });
    this.vertices = [];
    this.proposal = null;
    this.job = "";
    this.pick = null;
    this.busy = false;
    page.trace.addEventListener("change", () => this.reset());
    page.trace.addEventListener("submit", (event) => event.preventDefault());
    page.button("again").addEventListener("click", () => this.byColor());
    page.button("finish").addEventListener("click", () => this.byHand());
    page.button("back").addEventListener("click", () => this.back());
  }

  get method() {
    return this.page.trace.elements.method.value;
  }

  get drawing() {
    return this.method in DRAWN;
  }

  reset() {
    if (!this.drawing) this.vertices = [];
    this.editor.status(this.t(this.drawing ? "draw_ready" : "trace_ready"));
    this.show();
  }

  /** What the form says. */
  said() {
    const { feature, tolerance, bridge, snap } = this.page.trace.elements;
    return { feature: feature.value.trim(), tolerance: Number(tolerance.value) || 0, bridge: Math.round(Number(bridge.value)) || 0, snap: snap.checked };
  }

  get ready() {
    if (this.editor.dirty) this.editor.status(this.t("save_first"));
    return !this.busy && !this.editor.dirty;
  }

  click(place, reach = this.editor.sheet.reach(SNAP_PX)) {
    if (!this.ready) return;
    if (!this.drawing) {
      this.pick = place;
      this.byColor();
      return;
    }
    const at = this.onBorder(place, reach);
    this.vertices = this.method === "point" ? [at] : [...this.vertices, at];
    this.editor.status(this.t("vertices", { count: this.vertices.length }));
    this.show();
    if (this.method === "point") this.byHand();
  }

  onBorder(place, reach) {
    return snapped(place, this.page.trace.elements.snap.checked ? this.editor.fit?.borders || [] : [], reach);
  }

  /** On the map a place is what it snaps to, and becomes the pixel that shows it; one after the other, in their order. */
  clickGround(at) {
    if (this.ready) this.inPixels(at, (place, reach) => this.click(place, reach));
  }

  inPixels(at, take) {
    const { editor } = this;
    const [lon, lat] = editor.grounded(at).place;
    const reach = (SNAP_PX * editor.ground.metres(lat)) / (editor.fit?.pixel_m || 1);
    const asked = this.server.get("pixel", { lon, lat });
    this.last = Promise.allSettled([this.last, asked]).then(async () => {
      try {
        take((await asked).px, reach);
        editor.trouble(null);
      } catch (error) {
        editor.trouble(error);
      }
    });
  }

  key(event) {
    if (!this.drawing || !this.vertices.length) return;
    if (event.key === "Backspace") {
      event.preventDefault();
      this.back();
    } else if (event.key === "Escape") {
      this.vertices = [];
      this.show();
    } else if (event.key === "Enter" && !event.target.classList.contains("scan-map") && event.target.tagName !== "BUTTON") {
      this.byHand();
    }
  }

  back() {
    this.vertices = this.vertices.slice(0, -1);
    this.show();
  }

  /** Do something with the server, one thing at a time; what is wrong is said. */
  async doing(work) {
    if (this.busy) return;
    this.busy = true;
    this.editor.trouble(null);
    this.show();
    try {
      await work();
    } catch (error) {
      this.editor.trouble(error);
      this.editor.status("");
    }
    this.busy = false;
    this.show();
  }

  byColor() {
    return this.doing(async () => {
      const [x, y] = this.pick;
      const { color } = await this.server.get("color", { x, y });
      this.page.swatch(color);
      const whole = this.method !== "area";
      const wanted = { ...this.said(), lines: this.method === "line", pick: whole ? null : this.pick, colors: whole ? [color] : [] };
      const { job } = await this.server.post("trace", wanted);
      await this.server.work(job, ({ says, step, steps }) => this.editor.status(steps ? `${says} ${Math.round((step / steps) * 100)} %` : says));
      this.take(job, await this.server.get(`proposal/${job}`));
    });
  }

  byHand() {
    if (this.vertices.length < LEAST[this.method]) return Promise.resolve();
    return this.doing(async () => {
      const drawn = this.method === "point" ? this.vertices[0] : this.vertices;
      const { job, proposal } = await this.server.post("draw", { ...this.said(), [DRAWN[this.method]]: drawn });
      this.take(job, proposal);
      this.vertices = [];
    });
  }

  take(job, proposal) {
    this.job = job;
    this.proposal = proposal;
    this.editor.status(this.t("proposal"));
  }

  accept(number) {
    const { feature } = this.said();
    if (!feature) {
      this.editor.status(this.t("no_feature"));
      this.page.trace.elements.feature.focus();
      return Promise.resolve();
    }
    return this.doing(async () => {
      const found = await this.server.post("accept", { job: this.job, feature, number });
      this.proposal = null;
      const said = [this.t("accepted", found), found.note ? this.t("note") : ""].filter(Boolean);
      replace(this.page.proposal, el("div", { class: "admin-done" }, [said.map((text) => el("p", { text })), found.problems.map((fault) => faultOf(fault))].flat()));
      this.editor.status(said[0]);
      this.accepted = true;
    });
  }

  /** Its vertices are drawn anew, to be moved by hand. */
  edit(feature) {
    const { polygon, line, point } = feature.properties.recipe;
    const run = polygon || line || [point];
    const vertices = Array.isArray(run[0][0]) ? run[0] : run;
    if (vertices.length > EDITABLE || (Array.isArray(run[0][0]) && run.length > 1)) {
      this.editor.status(this.t("too_many", { count: vertices.length }));
      return;
    }
    this.page.trace.elements.method.value = polygon ? "polygon" : line ? "polyline" : "point";
    this.vertices = vertices;
    this.proposal = null;
    this.reset();
  }

  refuse() {
    this.proposal = null;
    this.reset();
  }

  // ---- what is seen

  show() {
    const { editor, page } = this;
    if (!editor.sheet.map) return;
    editor.sheet.shapes.splice(0).forEach((made) => made.remove());
    if (this.marks) this.marks.splice(0).forEach((made) => made.remove());
    this.marks = [];
    if (editor.on.borders && editor.fit?.borders) editor.sheet.draw(editor.fit.borders, 1, "scan-border");
    page.button("again").disabled = this.busy || !this.pick || this.drawing;
    page.button("back").disabled = this.busy || !this.vertices.length;
    page.button("finish").disabled = this.busy || !this.drawing || this.vertices.length < (LEAST[this.method] || 1);
    if (editor.mode !== "trace") return;
    this.showVertices();
    if (this.proposal) this.showProposal();
    else if (!this.accepted) replace(page.proposal);
    this.accepted = false;
  }

  showVertices() {
    const { editor } = this;
    const dim = this.method === "polygon" && this.vertices.length > 2 ? 2 : 1;
    if (this.vertices.length > 1) {
      editor.sheet.draw([this.vertices], dim, "scan-hand");
      const { lattice } = editor.fit || { lattice: [] };
      if (lattice.length) this.marks.push(editor.ground.draw([this.vertices.map((one) => between(lattice, one, editor.state.width, editor.state.height))], dim, "scan-hand"));
    }
    this.vertices.forEach((vertex, at) => {
      const onMove = (to) => {
        this.vertices = this.vertices.map((one, number) => (number === at ? to.map((value) => Math.round(value * 100) / 100) : one));
        this.show();
      };
      const given = { small: true, className: "is-vertex" };
      this.marks.push(editor.sheet.mark(vertex, { ...given, onMove }));
      const there = editor.onMap(vertex);
      if (there) this.marks.push(editor.ground.mark(there, { ...given, onMove: (to) => this.inPixels(to, (place, reach) => onMove(this.onBorder(place, reach))) }));
    });
  }

  showProposal() {
    const { editor, proposal, t } = this;
    for (const { geometry, properties } of proposal.features) {
      const { polygon, line, point } = properties.recipe;
      const run = polygon || line || [point];
      const runs = Array.isArray(run[0][0]) ? run : [run];
      if (point) this.marks.push(editor.sheet.mark(point, { small: true, className: "is-found" }));
      else editor.sheet.draw(runs, polygon ? 2 : 1, "scan-found");
      this.marks.push(...drawOn(editor.ground, geometry));
    }
    const rows = proposal.features.map((feature, at) => this.row(t("shape", { number: at + 1 }), feature.properties, at + 1, feature));
    if (proposal.features.length > 1) rows.push(this.row(t("together"), proposal.together, 0, null));
    const { cites } = proposal.together;
    replace(this.page.proposal, [
      el("h2", { text: t("proposal") }),
      el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("proposal") }, el("table", {}, [
        el("thead", {}, el("tr", {}, ["proposal", "size", "differs"].map((key) => el("th", { scope: "col", text: t(key) })))),
        el("tbody", {}, rows),
      ])),
      cites?.length ? el("p", { text: `${t("cites")}: ${cites.join(" · ")}` }) : null,
      el("p", {}, el("button", { type: "button", class: "button button-quiet", onclick: () => this.refuse(), text: t("refuse") })),
    ].filter(Boolean));
  }

  row(name, told, number, feature) {
    const { t } = this;
    const sizes = [told.area_km2 !== undefined ? `${told.area_km2.toLocaleString("en", { maximumFractionDigits: 3 })} km²` : null, told.length_km !== undefined ? `${told.length_km.toLocaleString("en")} km` : null, told.accuracy_m ? t("accuracy_of", { metres: told.accuracy_m.toLocaleString("en") }) : null];
    const beside = [told.hausdorff_m !== undefined ? t("hausdorff", { metres: told.hausdorff_m.toLocaleString("en") }) : null, told.iou !== undefined ? t("iou", { value: told.iou.toFixed(3) }) : null].filter(Boolean);
    if (told.feature && !beside.length) beside.push(t("no_present"));
    const buttons = [
      el("button", { type: "button", class: "button", onclick: () => this.accept(number), text: t("accept") }),
      feature ? el("button", { type: "button", class: "button button-quiet", onclick: () => this.edit(feature), text: t("edit") }) : null,
    ];
    return el("tr", {}, [
      el("th", { scope: "row" }, [name, el("div", { class: "scan-actions" }, buttons)]),
      el("td", { text: sizes.filter(Boolean).join(" · ") }),
      el("td", { text: beside.join(" · ") || "–" }),
    ]);
  }
}

function drawOn(ground, { type, coordinates }) {
  if (type === "Point") return [ground.ring(coordinates, "scan-found")];
  const areas = { Polygon: [coordinates], MultiPolygon: coordinates }[type];
  if (areas) return areas.map((rings) => ground.draw(rings, 2, "scan-found"));
  const lines = { LineString: [coordinates], MultiLineString: coordinates }[type] || [];
  return lines.map((line) => ground.draw([line], 1, "scan-found"));
}
