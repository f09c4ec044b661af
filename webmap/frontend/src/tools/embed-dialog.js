/** The dialog behind "share": link, iframe code with its choices, stand-alone file. */
import { el, replace } from "../core/dom.js";
import { indicatorGroups } from "../core/format.js";
import { isOwn } from "../core/own-data.js";
import { copyText, layerOf, notify } from "../core/places.js";
import { Preview } from "./embed-preview.js";
import { elementCode, embedCode, embedUrl, pictureCode, pictureUrl } from "./embed-url.js";

/** Height of the frame that the code asks for, unless another is chosen. */
const HEIGHT_PX = 480;
/** Shapes of a frame that is as high as its width says. */
const ASPECTS = ["16/9", "4/3", "1/1", "3/4"];
/** Width of a picture, unless another is chosen: a column of a mail. */
const PICTURE_PX = 640;

export class EmbedDialog {
  constructor(app) {
    this.app = app;
    this.fields = {};
  }

  async open() {
    if (!this.dialog) {
      this.build();
      await this.fillChoices();
    }
    this.link.value = String(this.app.permalink ? this.app.permalink() : window.location.href);
    this.reset();
    this.dialog.showModal();
    this.live.show();
    this.link.focus();
  }

  build() {
    const { t } = this.app;
    this.link = el("input", { type: "text", readonly: true, class: "pm-input", id: "pm-embed-link", onfocus: (event) => event.target.select() });
    this.code = el("textarea", { readonly: true, class: "pm-code", id: "pm-embed-code", rows: 4, spellcheck: "false", onfocus: (event) => event.target.select() });
    this.preview = el("a", { class: "pm-preview", target: "_blank", rel: "noopener" });
    this.live = new Preview(this.app);
    this.note = el("p", { class: "pm-foot", text: t("panels.embed.picture_note"), hidden: true });
    this.file = el("a", { class: "pm-action", download: "", onclick: (event) => this.withNotes(event) });
    const copy = (field) => el("button", { type: "button", class: "pm-action", text: t("panels.embed.copy"), onclick: () => this.copy(field) });
    this.dialog = el("dialog", { class: "pm-dialog", "aria-labelledby": "pm-embed-title" }, [
      el("div", { class: "pm-dialog-head" }, [
        el("h2", { id: "pm-embed-title", text: t("panels.embed.title") }),
        el("button", { type: "button", class: "pm-close", "aria-label": t("panels.embed.close"), text: "×", onclick: () => this.dialog.close() }),
      ]),
      el("div", { class: "pm-dialog-body" }, [
        el("section", {}, [el("h3", {}, [el("label", { for: "pm-embed-link", text: t("panels.embed.link") })]), el("div", { class: "pm-copy-row" }, [this.link, copy(this.link)])]),
        el("section", {}, [
          el("h3", {}, [el("label", { for: "pm-embed-code", text: t("panels.embed.code") })]),
          this.options(),
          this.live.node,
          this.note,
          el("p", { class: "pm-preview-line" }, [el("span", { text: t("panels.embed.preview") }), this.preview]),
          el("div", { class: "pm-copy-row" }, [this.code, copy(this.code)]),
        ]),
        el("section", {}, [el("h3", { text: t("panels.embed.file") }), el("p", { class: "pm-foot", text: t("panels.embed.file_how") }), el("p", {}, [this.file])]),
      ]),
    ]);
    // Nothing runs in a dialog that nobody sees.
    this.dialog.addEventListener("close", () => this.live.clear());
    // A click on the backdrop hits the dialog itself, one inside hits a child.
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    document.body.append(this.dialog);
  }

  options() {
    const { t } = this.app;
    const make = (name, node) => {
      this.fields[name] = node;
      node.id = `pm-embed-${name}`;
      node.addEventListener("input", () => this.update());
      return el("div", { class: `pm-option pm-option-${name}` }, [el("label", { for: node.id, text: t(`panels.embed.${name}`) }), node]);
    };
    const select = () => el("select", { class: "pm-select" });
    const number = (value, min) => el("input", { type: "number", class: "pm-input", min, max: 4000, step: 10, value, placeholder: value === "" ? t("panels.embed.width_full") : null });
    const choose = (name, entries) => {
      const node = make(name, select());
      replace(this.fields[name], entries.map(([value, key]) => el("option", { value, text: key.includes(".") ? t(key) : key })));
      return node;
    };
    const shown = [["on", "panels.embed.on"], ["off", "panels.embed.off"]];
    return el("div", { class: "pm-options" }, [
      choose("kind", ["frame", "element", "picture"].map((kind) => [kind, `panels.embed.kind_${kind}`])),
      make("view", select()),
      make("layers", select()),
      make("extent", select()),
      make("indicator", select()),
      make("zone", select()),
      make("selection", select()),
      choose("size", [["", "panels.embed.size_fixed"], ...ASPECTS.map((aspect) => [aspect, aspect.replace("/", " : ")])]),
      make("width", number("", 200)),
      make("height", number(HEIGHT_PX, 200)),
      choose("theme", ["auto", "light", "dark"].map((theme) => [theme, `panels.embed.theme_${theme}`])),
      choose("controls", shown),
      choose("legend", shown),
      make("lang", select()),
    ]);
  }

  async fillChoices() {
    const { app } = this;
    const { t, lang, config } = app;
    const option = (value, text) => el("option", { value, text });
    const views = Array.isArray(config.views) ? config.views : Object.values(config.views || {});
    replace(this.fields.view, views.map((view) => option(view.id, app.name(view))));
    replace(this.fields.lang, option("zh", t("panels.embed.lang_zh")), option("en", t("panels.embed.lang_en")));
    this.fields.lang.value = lang;
    const zoneLayer = layerOf(app, "zone");
    const [list, zones] = await Promise.allSettled([app.data.indicators(), zoneLayer ? app.data.layer(zoneLayer.id) : null]);
    const computed = list.status === "fulfilled" ? list.value.indicators.filter((item) => item.origin === "computed") : [];
    const groups = ["zone", "township"].flatMap((level) =>
      indicatorGroups(computed.filter((item) => (item.levels || []).includes(level)), app).map((group) =>
        el("optgroup", { label: `${t(`panels.embed.by_${level}`)} · ${group.label}` }, group.options.map((item) => option(`${item.id}:${level}`, item.name))),
      ),
    );
    replace(this.fields.indicator, option("", t("panels.embed.indicator_none")), groups);
    const features = zones.status === "fulfilled" && zones.value ? zones.value.features : [];
    replace(this.fields.zone, option("", t("panels.embed.zone_all")), features.map((item) => option(item.properties.id.split("/").pop(), app.name(item.properties))));
  }

  /** The choices start as the map is now. */
  reset() {
    const { app, fields } = this;
    const { t } = app;
    const view = app.config.view && app.config.view.id;
    if (view) fields.view.value = view;
    const visible = app.layers.ids.filter((id) => app.layers.isVisible(id));
    this.visible = visible;
    replace(
      fields.layers,
      el("option", { value: "view", text: t("panels.embed.layers_view") }),
      el("option", { value: "now", text: t("panels.embed.layers_now", { count: visible.length }) }),
    );
    const own = new Set((app.config.view && app.config.view.layers) || []);
    // What is see-through or filtered out goes with the layers.
    const { opacity, filter, notes, scans, surface } = app.state();
    this.now = { opacity, filter };
    this.drawn = notes;
    this.scans = scans;
    this.surface = surface;
    const same = own.size === visible.length && visible.every((id) => own.has(id));
    fields.layers.value = same && !filter && !Object.keys(opacity).length ? "view" : "now";
    const spec = app.indicator;
    // As it is on the map now: observed values, own data, whatever way they are looked at.
    this.shown = spec && (spec.show || spec.look || isOwn(spec.id)) ? spec : null;
    this.own = app.state().own;
    fields.indicator.querySelector("option[value=now]")?.remove();
    if (this.shown && !(isOwn(spec.id) && !this.own)) fields.indicator.prepend(el("option", { value: "now", text: t("overlay.embed_now") }));
    fields.indicator.value = this.shown ? "now" : spec ? `${spec.id}:${spec.level}` : "";
    if (fields.indicator.selectedIndex < 0) fields.indicator.value = "";
    this.method = (spec && spec.method) || "";
    const selected = app.selected || "";
    fields.zone.value = selected.startsWith("zone/") ? selected.slice(5) : "";
    const box = app.map.getBounds();
    this.bounds = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
    replace(fields.extent, el("option", { value: "view", text: t("panels.embed.layers_view") }), el("option", { value: "now", text: t("panels.embed.extent_now") }));
    fields.extent.value = app.untouched() ? "view" : "now";
    const feature = selected && app.layers.view(selected);
    replace(
      fields.selection,
      el("option", { value: "", text: t("panels.embed.selection_none") }),
      selected ? el("option", { value: selected, text: feature ? app.name(feature.properties) : selected }) : null,
    );
    fields.selection.value = selected;
    this.update();
  }

  choices() {
    const { fields } = this;
    const [indicator, level] = fields.indicator.value.split(":");
    const clamp = (field, fallback) => (Number(field.value) > 0 ? Math.min(4000, Math.max(200, Math.round(Number(field.value)))) : fallback);
    const { views } = this.app.config;
    const record = views.find((view) => view.id === fields.view.value) || {};
    const now = fields.layers.value === "now";
    const spec = indicator === "now" ? this.shown : indicator ? { id: indicator, level, method: this.method } : null;
    // What the view shades by itself needs no saying, nor does nothing in a view that shades nothing.
    const usual = sameShading(spec, record);
    const selection = fields.selection.value;
    return {
      view: fields.view.value,
      layers: now ? this.visible : null,
      ...(now ? this.now : {}),
      indicator: usual ? undefined : spec,
      zone: fields.zone.value,
      bounds: fields.extent.value === "now" ? this.bounds : null,
      selection: selection === `zone/${fields.zone.value}` ? null : selection,
      width: clamp(fields.width, 0),
      height: clamp(fields.height, HEIGHT_PX),
      notes: this.drawn,
      scans: this.scans,
      // The colours of an indicator take its place.
      surface: spec ? "" : this.surface,
      own: this.own,
      aspect: fields.size.value,
      theme: fields.theme.value,
      controls: fields.controls.value,
      legend: fields.legend.value,
      lang: fields.lang.value,
    };
  }

  /** What does not go with the chosen form cannot be chosen. */
  limit(picture) {
    for (const name of ["indicator", "selection", "size", "controls", "legend", "theme"]) this.fields[name].disabled = picture;
    this.fields.height.disabled = picture || Boolean(this.fields.size.value);
    this.note.hidden = !picture;
  }

  update() {
    const { app } = this;
    const { t, config } = app;
    const choices = this.choices();
    const origin = config.urls.origin || window.location.origin;
    const url = embedUrl(origin, config.urls.embed, choices);
    const view = [...this.fields.view.options].find((option) => option.value === choices.view);
    const plan = { name: config.plan?.short_title || config.plan?.title, name_en: config.plan?.short_title_en || config.plan?.title_en };
    const suffix = choices.lang === "en" ? "en" : "zh";
    const viewRecord = (Array.isArray(config.views) ? config.views : Object.values(config.views || {})).find((item) => item.id === choices.view) || {};
    const pickIn = (record) => (suffix === "en" ? record.name_en || record.name : record.name || record.name_en) || "";
    const title = t("panels.embed.frame_title", { plan: pickIn(plan), view: pickIn(viewRecord) || (view ? view.text : "") });
    const kind = this.fields.kind.value;
    this.limit(kind === "picture");
    const shown = kind === "picture" ? this.picture(origin, { ...choices, title }) : { url, code: this.framed(kind, origin, url, { ...choices, title }) };
    this.code.value = shown.code;
    this.preview.href = shown.url;
    this.preview.textContent = shown.url;
    this.live.set(shown.url, { ...choices, title, picture: kind === "picture" });
    const file = config.urls.standalone;
    this.file.hidden = !file;
    this.file.href = file ? `${file}/${encodeURIComponent(choices.view)}.html?lang=${choices.lang}` : "";
    this.file.textContent = t("panels.embed.file_link", { view: view ? view.text : choices.view });
  }

  framed(kind, origin, url, choices) {
    if (kind === "frame") return embedCode(url, choices);
    return elementCode(new URL(this.app.config.urls.element, origin).href, url, choices);
  }

  /** The picture with its words for who does not see it, and the map that it leads to. */
  picture(origin, choices) {
    const { app } = this;
    const { config, t } = app;
    const width = choices.width || PICTURE_PX;
    const url = pictureUrl(origin, config.urls.picture, { ...choices, width });
    const link = new URL(config.urls.map.split("?")[0], origin);
    link.search = new URLSearchParams({ view: choices.view, lang: choices.lang }).toString();
    if (choices.layers || choices.bounds) link.hash = new URL(this.link.value).hash;
    const record = config.views.find(({ id }) => id === choices.view) || {};
    const layers = (choices.layers || record.layers || []).map((id) => app.layerSpecs.get(id)).filter(Boolean).map((spec) => app.name(spec));
    const words = { title: choices.title, layers: layers.join(app.lang === "zh" ? "、" : ", ") };
    return { url, code: pictureCode(url, link.href, { width, alt: t(layers.length ? "panels.embed.picture_alt" : "panels.embed.picture_alt_none", words) }) };
  }

  /** The stand-alone file with the notes that are on the map put into it, as data; without any it is downloaded as it is. */
  async withNotes(event) {
    const { app, file } = this;
    if (!app.notes?.list().length) return;
    event.preventDefault();
    try {
      const answer = await fetch(file.href);
      if (!answer.ok) throw new Error(String(answer.status));
      const data = app.notes.file().replace(/</g, "\\u003c");
      // Before the first of these: texts before it are escaped, and the programs, which may hold the same letters, stand after it.
      const [head, ...rest] = (await answer.text()).split("<main ");
      const html = `${head}<script type="application/json" id="pm-notes">${data}</script>\n<main ${rest.join("<main ")}`;
      const url = URL.createObjectURL(new Blob([html], { type: "text/html" }));
      el("a", { href: url, download: `${app.config.plan?.id || "plan"}-${this.fields.view.value}.html` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch {
      notify(app, app.t("map.part_failed"));
    }
  }

  async copy(field) {
    const done = await copyText(field.value);
    if (!done) field.select();
    notify(this.app, this.app.t(done ? "panels.copied" : "panels.copy_failed"));
  }
}

/** Is this what the view shades by itself? */
function sameShading(spec, view) {
  if (!spec || !view.indicator) return !spec && !view.indicator;
  return spec.id === view.indicator && !spec.show && !spec.look && spec.level === (view.level || "zone") && [undefined, "", "quantiles"].includes(spec.method);
}
