/** Reading a file of own data: what is in it, which rows mean which places, and onto the map with it. */
import { el, replace } from "../core/dom.js";
import { formatNumber } from "../core/format.js";
import { layerOf } from "../core/places.js";
import { OWN, isOwn } from "../core/own-data.js";
import { Places } from "./names.js";
import { formatOwn, ownIndicators, parseOwn } from "./own-model.js";
import { MOST_BYTES, MOST_NEAR, SheetError, decode, parseCsv, readSheet } from "./sheet-model.js";

const MEGA = 1_000_000;
/** Names that are listed before the rest is only counted: those whose nearest are known. */
const MOST_LISTED = MOST_NEAR;
/** Places that a name may be told to mean, one by one in a list; of more only the nearest. */
const MOST_CHOICES = 2_000;

export class OwnData {
  constructor(app) {
    this.app = app;
    this.data = null;
  }

  text() {
    return this.data ? formatOwn(this.data) : "";
  }

  /** What a link brings along; "" takes away what there is. */
  async set(text) {
    const data = text ? parseOwn(text) : null;
    if (data) await this.adopt(data);
    else this.remove();
  }

  choose() {
    const input = el("input", { type: "file", id: "pm-own-file", accept: ".csv,.txt,.tsv,.xlsx,text/csv", hidden: true });
    input.addEventListener("change", () => {
      input.remove();
      if (input.files.length) this.open(input.files[0]);
    });
    input.addEventListener("cancel", () => input.remove());
    document.getElementById("pm-own-file")?.remove();
    document.body.append(input);
    input.click();
  }

  async open(file) {
    const { app } = this;
    this.name = file.name.replace(/\.[^.]*$/, "").slice(0, 60);
    try {
      if (file.size > MOST_BYTES) throw new SheetError("own.too_large_file", { size: MOST_BYTES / MEGA });
      this.rows = await rowsOf(new Uint8Array(await file.arrayBuffer()));
      const { places, beyond } = await placesOf(app);
      [this.places, this.beyond, this.meant] = [new Places(places), beyond, new Map()];
      this.read();
      this.show();
    } catch (error) {
      if (!(error instanceof SheetError)) throw error;
      app.toast(app.t("own.refused", { name: this.name, why: app.t(error.key, error.params) }), 9000);
    }
  }

  read() {
    try {
      this.sheet = readSheet(this.rows, this.places, this.meant);
    } catch (error) {
      if (this.beyond && error.key === "own.no_places") throw new SheetError("own.beyond", beyondParams(this.app, this.beyond));
      throw error;
    }
  }

  /** What was understood, for decision. */
  show() {
    const { t } = this.app;
    this.body = el("div", { class: "pm-dialog-body pm-own-body" });
    this.go = el("button", { type: "button", class: "pm-action pm-own-go", text: t("own.go"), onclick: () => this.take() });
    const dialog = el("dialog", { class: "pm-dialog pm-dialog-own", "aria-labelledby": "pm-own-heading" }, [
      el("header", { class: "pm-dialog-head" }, [
        el("h2", { id: "pm-own-heading", text: t("own.heading") }),
        el("button", { type: "button", class: "pm-close", "aria-label": t("panels.embed.close"), text: "×", onclick: () => dialog.close() }),
      ]),
      this.body,
      el("footer", { class: "pm-own-foot" }, [this.go, el("button", { type: "button", class: "pm-link", text: t("own.cancel"), onclick: () => dialog.close() })]),
    ]);
    dialog.addEventListener("close", () => dialog.remove());
    this.dialog = dialog;
    this.chosen = new Set(this.sheet.columns.map((_, at) => at));
    this.fill();
    document.body.append(dialog);
    dialog.showModal();
    this.go.focus();
  }

  fill() {
    const { t, lang } = this.app;
    const number = (count) => formatNumber(count, lang);
    const { sheet } = this;
    this.go.disabled = !this.chosen.size || !sheet.matched;
    replace(
      this.body,
      el("p", {}, [el("bdi", { text: this.name }), t("own.found", { matched: number(sheet.matched), total: number(sheet.total), level: t(`panels.overlay.${sheet.level}`) })]),
      el("p", { class: "pm-foot", text: t("own.stays") }),
      this.beyond ? el("p", { class: "pm-foot", text: t("own.beyond", beyondParams(this.app, this.beyond)) }) : null,
      this.columns(),
      this.unknown(),
      sheet.twice.length ? el("section", {}, [el("h3", { text: t("own.twice") }), el("p", {}, [names(sheet.twice)])]) : null,
    );
  }

  columns() {
    const { t } = this.app;
    const items = this.sheet.columns.map((column, at) => {
      const box = el("input", { type: "checkbox", id: `pm-own-column-${at}`, onchange: () => {
        if (box.checked) this.chosen.add(at);
        else this.chosen.delete(at);
        this.go.disabled = !this.chosen.size;
      } });
      box.checked = this.chosen.has(at);
      return el("li", {}, [box, el("label", { for: box.id }, [el("bdi", { text: column.unit ? `${column.name} (${column.unit})` : column.name }), el("span", { class: "pm-foot", text: ` ${t("own.values", { count: formatNumber(column.values.size, this.app.lang) })}` })])]);
    });
    return el("section", {}, [el("h3", { text: t("own.columns") }), el("ul", { class: "pm-own-list" }, items)]);
  }

  /** Names that are no place's: the nearest ones to choose from. */
  unknown() {
    const { t } = this.app;
    const { unknown } = this.sheet;
    if (!unknown.length && !this.meant.size) return null;
    const known = new Map(this.places.list.map((place) => [place.id, this.app.name(place)]));
    const decided = [...this.meant].map(([name]) => ({ name, near: this.places.near(name), row: 0 }));
    const lines = [...decided, ...unknown].slice(0, MOST_LISTED).map((one, at) => {
      const select = el("select", { class: "pm-select", id: `pm-own-name-${at}`, onchange: () => this.decide(one.name, select.value) }, [
        el("option", { value: "", text: one.near.length ? t("own.near", { names: known.get(one.near[0]) }) : t("own.leave") }),
        one.near.map((id) => el("option", { value: id, text: known.get(id) })),
        known.size > MOST_CHOICES ? null : el("optgroup", { label: t("own.all") }, [...known].filter(([id]) => !one.near.includes(id)).map(([id, name]) => el("option", { value: id, text: name }))),
      ]);
      select.value = this.meant.get(one.name) || "";
      return el("li", {}, [el("label", { for: select.id }, [el("bdi", { text: one.name })]), select]);
    });
    const more = unknown.length + decided.length - lines.length;
    return el("section", {}, [el("h3", { text: t("own.unknown", { count: formatNumber(unknown.length, this.app.lang) }) }), el("ul", { class: "pm-own-names" }, lines), more > 0 ? el("p", { class: "pm-foot", text: t("own.more", { count: formatNumber(more, this.app.lang) }) }) : null]);
  }

  decide(name, id) {
    const active = document.activeElement?.id;
    if (id) this.meant.set(name, id);
    else this.meant.delete(name);
    this.read();
    this.fill();
    document.getElementById(active)?.focus();
  }

  async take() {
    const { app, sheet } = this;
    const columns = sheet.columns.filter((_, at) => this.chosen.has(at));
    this.dialog.close();
    await this.adopt({ title: this.name, level: sheet.level, columns });
    const timed = app.data.own().periods.some((one) => one.id === `${OWN}0`);
    app.setIndicator({ id: `${OWN}0`, level: sheet.level, method: "quantiles", show: timed ? "observed" : "", period: "", look: "" });
    app.panel?.open("indicators");
    if (this.text() === null) app.toast(app.t("own.too_long_for_link"), 6000);
  }

  async adopt(data) {
    const { app } = this;
    const places = (await placesOf(app)).places.filter((place) => place.id.startsWith(`${data.level}/`));
    this.data = data;
    app.data.bring(ownIndicators(data, places));
    app.emit("own", { title: data.title });
    app.emit("state");
  }

  remove() {
    const { app } = this;
    if (!this.data) return;
    this.data = null;
    app.data.bring(null);
    if (isOwn(app.indicator?.id)) app.setIndicator(null);
    app.emit("own", { title: "" });
    app.emit("state");
  }
}

const names = (list) => el("bdi", { text: list.slice(0, MOST_LISTED).join("、") });

async function rowsOf(bytes) {
  if (!bytes.length) throw new SheetError("own.empty");
  // What unpacks makes its tables when it is run: not before there is something to unpack.
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return (await import("./xlsx.js")).readXlsx(bytes);
  // The old binary workbook, and a PDF.
  if ((bytes[0] === 0xd0 && bytes[1] === 0xcf) || (bytes[0] === 0x25 && bytes[1] === 0x50)) throw new SheetError("own.old_format");
  return parseCsv(decode(bytes).replace(/^\ufeff/, ""));
}

const beyondParams = (app, layer) => ({ layer: app.name(layer), count: formatNumber(layer.count, app.lang) });

/**
 * `{places, beyond}`: zones and townships with their other names, and the layer whose names the server does not give, for there are too
 * many, or null. Of a level that the search index does not list there are names, and no others.
 */
async function placesOf(app) {
  const listed = new Map((await app.data.records()).filter((one) => one.kind === "zone" || one.kind === "township").map((one) => [one.id, one]));
  const order = new Map();
  let beyond = null;
  for (const kind of ["zone", "township"]) {
    const layer = layerOf(app, kind);
    if (layer?.tiles) {
      const named = await app.data.places(kind).catch(() => null);
      beyond ||= named ? null : layer;
      named?.place.forEach((id, at) => {
        order.set(id, order.size);
        if (!listed.has(id)) listed.set(id, { id, kind, name: named.name[at], name_en: named.name_en[at] });
      });
      continue;
    }
    const body = layer && (await app.data.layer(layer.id).catch(() => null));
    for (const feature of body?.features || []) order.set(feature.id, order.size);
  }
  return { places: [...listed.values()].sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0)), beyond };
}
