/**
 * The page's entry. folium's script calls `planmap.layer(map, spec)` once a layer, then
 * `planmap.start(map, config)`; everything else hangs on the `app` object that `start` returns.
 */
import L from "leaflet";
import { createApp } from "./core/app.js";
import { installComposing } from "./core/composing.js";
import { installFramed } from "./map/framed.js";
import { installFitting } from "./core/fitting.js";
import { reducedMotion } from "./core/motion.js";
import { PlanLayer, installLayers } from "./map/layers.js";
import { setIcons } from "./map/icons.js";
import { installLabels } from "./names/labels.js";
import { installPicking } from "./map/pick.js";
import { installTree } from "./sidebar/tree.js";
import { installLegend } from "./sidebar/legend.js";
import { installSearch } from "./sidebar/search.js";
import { installTools } from "./tools/tools.js";
import { installViews } from "./map/views.js";
import { installPermalink } from "./permalink.js";
import { installVeil } from "./map/veil.js";
import { installFrame } from "./map/frame.js";
import { installFilters } from "./sidebar/filters.js";
import { installBasemap } from "./map/basemap.js";
import { installUnits } from "./map/units.js";
import { installClusters } from "./map/clusters.js";
import { installCard } from "./panel/card.js";
import { installOverlay } from "./panel/overlay.js";
import { installDistrict } from "./panel/district.js";
import { installEmbedDialog } from "./tools/embed-dialog.js";
import { installPanel } from "./panel/panel.js";

window.L = L;

/** Between the drawn map and the rest of the program, so that what somebody does at once comes first. */
const IDLE_MS = 50;

/** One layer of the plan, as folium declares it: `spec = {id, pane}`; it draws nothing before `start`. */
export function layer(map, spec) {
  const made = new PlanLayer(spec);
  // folium fits the map to the view with an animation that would end after `start` has followed the
  // address: until then the map stands still.
  map.planAnimated ??= map._zoomAnimated;
  map._zoomAnimated = false;
  (map.planLayers ||= []).push(made);
  return made;
}

/** Bring the page to life. Resolves to the `app` object when the first map is drawn and labelled. */
export async function start(map, config) {
  const app = createApp(map, config);
  setIcons(config.icons || {});
  window.planmapApp = app;
  map.options.zoomDelta = 0.5;
  const embed = config.mode === "embed";
  installComposing();
  installFitting(app);
  installFramed(app);
  installLayers(app);
  installBasemap(app);
  installLabels(app);
  installPicking(app);
  installVeil(app);
  installSearch(app);
  const panels = [installPanel, installCard, installOverlay];
  for (const install of embed ? panels : [...panels, installDistrict, installEmbedDialog]) install(app);
  installFilters(app);
  installClusters(app);
  installUnits(app);
  if (!embed) installTree(app);
  installLegend(app);
  installTools(app);
  installViews(app);
  settle(app);
  installFrame(app);
  const asked = await installPermalink(app);
  app.openView(asked);
  takeOver(app);
  await app.ready();
  setTimeout(() => app.later().then(({ icons }) => setIcons(icons, { all: true }), () => {}), IDLE_MS);
  return app;
}

/** The picture that the page came with gives way to the map when that is drawn, or when somebody moves it before. */
function takeOver(app) {
  const picture = document.getElementById("pm-first");
  if (!picture) return;
  const remove = () => picture.remove();
  app.on("ready", remove);
  app.map.once("dragstart zoomstart", remove);
}

/** folium has fitted the map to the view before the page's parts had their places: fit again. */
function settle(app) {
  app.map._zoomAnimated = !reducedMotion() && (app.map.planAnimated ?? app.map._zoomAnimated);
  app.map.invalidateSize({ animate: false });
  app.fitView();
}
