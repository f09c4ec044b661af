/**
 * The operator's base map under the plan: off until it is switched on. Then the paper and the ground around the plan
 * make room for it, and areas let it through.
 */
import { addPane } from "./layers.js";

const PANE = "pm-basemap";
/** Above the page's ground, under the lowest layer. */
const Z_INDEX = 250;

export function installBasemap(app) {
  const { map, config } = app;
  const { basemap } = config;
  if (!basemap || config.mode === "standalone") return null;
  addPane(map, PANE, Z_INDEX);
  let tiles = null;
  let told = false;
  const fail = () => {
    if (!told) app.toast(app.t("map.basemap.failed"));
    told = true;
  };
  const show = async () => {
    try {
      const { makeTiles } = await app.asked();
      tiles ||= makeTiles(basemap, { pane: PANE, maxZoom: map.getMaxZoom() }).on("tileerror", fail);
      if (part.on) tiles.addTo(map);
    } catch {
      fail();
    }
  };
  const part = {
    on: false,
    set(on) {
      if (part.on === Boolean(on)) return;
      part.on = Boolean(on);
      told = false;
      if (on) show();
      else tiles?.remove();
      map.getContainer().classList.toggle("pm-on-basemap", part.on);
      app.emit("basemap", { on: part.on });
      app.emit("state");
    },
  };
  return { basemap: part };
}
