/**
 * The page's entry. folium's script calls `planmap.layer(map, spec)` once a layer, then
 * `planmap.start(map, config)`; everything else hangs on the `app` object that `start` returns.
 */
import L from "leaflet";
import { createApp } from "./app.js";
import { PlanLayer } from "./layers.js";
import { installTree } from "./tree.js";
import { installLegend } from "./legend.js";
import { installSearch } from "./search.js";
import { installTools } from "./tools.js";
import { installPermalink } from "./permalink.js";
import * as card from "./card.js";
import * as overlay from "./overlay.js";
import * as district from "./district.js";
import * as embedDialog from "./embed-dialog.js";
import * as panel from "./panel.js";

window.L = L;

/** One layer of the plan, as folium declares it: `spec = {id, pane}`; it draws nothing before `start`. */
export function layer(map, spec) {
  const made = new PlanLayer(spec);
  (map.planLayers ||= []).push(made);
  return made;
}

/** Bring the page to life. Resolves to the `app` object when the first map is drawn and labelled. */
export async function start(map, config) {
  const app = createApp(map, config);
  window.planmapApp = app;
  if (config.mode !== "embed") {
    for (const module of [panel, card, overlay, district, embedDialog]) runInstallers(module, app);
    installTree(app);
    installSearch(app);
  } else {
    for (const module of [card, overlay]) runInstallers(module, app);
  }
  installLegend(app);
  installTools(app);
  await installPermalink(app);
  await app.ready();
  return app;
}

function runInstallers(module, app) {
  for (const [name, install] of Object.entries(module)) {
    if (name.startsWith("install")) install(app);
  }
}
