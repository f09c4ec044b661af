/** An accessibility surface over the map: one picture in a pane of its own, through which lines and names are seen. */
import { PAINTED_KINDS, addPane } from "./layers.js";

const PANE = "pm-surface";
/** Above the plan's sheets, under what is selected and named. */
const Z_INDEX = 540;
const OPACITY = 0.75;
/** Over filled zones the colours would not be those of the legend: while a surface is shown, units are outlines. */
const UNITS = new Set([...PAINTED_KINDS, "zone_part"]);

export function installSurfaces(app) {
  const { map, config } = app;
  const known = new Map((config.surfaces || []).map((record) => [record.id, record]));
  if (!known.size) return null;
  addPane(map, PANE, Z_INDEX).classList.add("pm-surface-pane");
  const units = config.layers.filter((spec) => spec.kinds.some((kind) => UNITS.has(kind))).map((spec) => map.getPane(spec.pane)).filter(Boolean);
  let picture = null;
  const surfaces = {
    list: [...known.values()],
    /** Id of what is shown, or null. */
    shown: null,
    opacity: OPACITY,
    /** Show one (null: none); resolves when its picture is there, or has failed and says so. */
    show(id, opacity = surfaces.opacity) {
      const record = known.get(id) || null;
      surfaces.opacity = opacity;
      if ((record?.id ?? null) === surfaces.shown) {
        picture?.setOpacity(opacity);
        app.emit("surface", { id: surfaces.shown });
        app.emit("state");
        return Promise.resolve();
      }
      // Colours of an indicator and of a surface over each other would mean nothing.
      if (record && app.indicator) app.setIndicator(null);
      picture?.remove();
      picture = null;
      surfaces.shown = record?.id ?? null;
      for (const pane of units) pane.classList.toggle("pm-unfilled", Boolean(record));
      const loaded = record ? lay(record) : Promise.resolve();
      app.emit("surface", { id: surfaces.shown });
      app.emit("state");
      return loaded;
    },
    /** As the address has it: `id:0.75`, or "". */
    text: () => (surfaces.shown ? `${surfaces.shown}:${Math.round(surfaces.opacity * 100) / 100}` : ""),
  };
  async function lay(record) {
    const { imageOverlay } = await app.soon().catch(() => ({}));
    // Meanwhile another may have been chosen.
    if (surfaces.shown !== record.id || picture) return;
    if (!imageOverlay) {
      app.toast(app.t("map.part_failed"));
      surfaces.show(null);
      return;
    }
    const made = imageOverlay(record.url, record.bounds, { pane: PANE, opacity: surfaces.opacity, className: "pm-surface-picture", interactive: false, alt: "" });
    picture = made;
    await new Promise((done) => {
      made.on("load", done);
      made.on("error", () => {
        if (picture === made) {
          app.toast(app.t("surfaces.failed"));
          surfaces.show(null);
        }
        done();
      });
      made.addTo(map);
    });
  }
  app.on("indicator", (spec) => spec && surfaces.show(null));
  return { surfaces };
}
