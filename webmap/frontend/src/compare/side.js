/** One of the two editions on the map: its layers in their own panes, all within one pane that is clipped. */
import L from "leaflet";
import { DivIcon } from "leaflet/src/layer/marker/DivIcon.js";
import { marker } from "leaflet/src/layer/marker/Marker.js";
import { byId } from "../core/app.js";
import { el } from "../core/dom.js";
import { pick } from "../core/i18n.js";
import { drawLayer, makeView, restyle } from "../map/draw.js";
import { ink } from "../map/ink.js";
import { groundFrame } from "../map/layers.js";

const HEIGHTS = { before: 410, after: 420 };

export class Side {
  constructor(map, name, given, lang) {
    this.map = map;
    this.lang = lang;
    this.name = name;
    this.pane = map.createPane(`cmp-${name}`);
    this.pane.style.zIndex = String(HEIGHTS[name]);
    this.pane.style.pointerEvents = "none";
    // What `draw.js` asks of the page's `app`.
    this.app = { map, kinds: byId(given.kinds), statuses: byId(given.statuses), bases: byId(given.bases) };
    this.views = new Map();
    const specs = [...given.layers].sort((a, b) => (a.order || 0) - (b.order || 0));
    const frame = groundFrame(specs);
    this.entries = new Map(specs.map((spec, index) => [spec.id, this.entry(spec, index, frame)]));
    map.on("zoomend", () => {
      for (const entry of this.entries.values()) if (entry.drawn) restyle(entry.drawn.items, map.getZoom());
    });
  }

  entry(spec, index, frame) {
    const pane = `cmp-${this.name}-${spec.id}`;
    const node = this.map.createPane(pane, this.pane);
    node.style.zIndex = String(index + 1);
    node.style.pointerEvents = "none";
    return { spec, pane, frame, renderer: L.svg({ pane, padding: 0.2 }), views: new Map(), drawn: null, visible: spec.show, loading: null };
  }

  /** Load what is shown; resolves to whether all of it came. */
  async load() {
    const done = await Promise.all([...this.entries.values()].filter((entry) => entry.visible).map((entry) => this.fetch(entry)));
    return !done.includes(false);
  }

  fetch(entry) {
    entry.loading ||= fetch(entry.spec.url)
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
      .then((collection) => {
        for (const feature of collection.features) {
          const view = makeView(this.app, feature, entry.spec.id);
          entry.views.set(view.id, view);
          this.views.set(view.id, view);
        }
        this.draw(entry);
        return true;
      })
      .catch(() => {
        entry.loading = null;
        return false;
      });
    return entry.loading;
  }

  draw(entry) {
    if (!entry.visible) return;
    if (!entry.drawn) {
      entry.drawn = drawLayer(this.app, entry);
      if (entry.spec.kinds.includes("district")) this.layPaper(entry);
      if (entry.spec.kinds.includes("township")) this.layNames(entry);
    }
    entry.drawn.group.addTo(this.map);
    restyle(entry.drawn.items, this.map.getZoom());
  }

  /** The district's own ground. */
  layPaper(entry) {
    const pane = `cmp-${this.name}-paper`;
    this.map.createPane(pane, this.pane).style.zIndex = "0";
    const look = { pane, renderer: L.svg({ pane, padding: 0.2 }), interactive: false, stroke: false, fill: true, fillColor: ink("sheet"), fillOpacity: 1 };
    for (const view of entry.views.values()) if (view.shape === "polygon") L.polygon(view.parts, look).addTo(this.map);
  }

  /** What the townships are called, for orientation. */
  layNames(entry) {
    for (const { properties } of entry.views.values()) {
      if (!properties.label) continue;
      const text = el("span", { text: pick(properties, "name", this.lang) });
      const icon = new DivIcon({ className: "swipe-name", html: text, iconSize: [0, 0] });
      entry.drawn.group.addLayer(marker([properties.label[1], properties.label[0]], { icon, pane: entry.pane, interactive: false, keyboard: false }));
    }
  }

  async setVisible(id, on) {
    const entry = this.entries.get(id);
    if (!entry) return;
    entry.visible = on;
    if (!on) entry.drawn?.group.remove();
    else if (await this.fetch(entry)) this.draw(entry);
  }
}
