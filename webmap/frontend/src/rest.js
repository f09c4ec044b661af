/** The second program: what the page has around the map. It comes while the first one draws. */
import { media } from "./core/breakpoints.js";
import { inSlices } from "./core/slices.js";
import { installClusters } from "./map/clusters.js";
import { installSurfaces } from "./map/surfaces.js";
import { installUnits } from "./map/units.js";
import { installViews } from "./map/views.js";
import { installLabels } from "./names/labels.js";
import { installNotes } from "./notes/notes.js";
import { installAsking } from "./panel/asking.js";
import { installOwn } from "./own/own.js";
import { installPanel } from "./panel/panel.js";
import { installPermalink } from "./permalink.js";
import { installScans } from "./sheets/sheets.js";
import { installFilters } from "./sidebar/filters.js";
import { installLegend } from "./sidebar/legend.js";
import { installSearch } from "./sidebar/search.js";
import { installSurfaceChoice } from "./sidebar/surfaces.js";
import { installTree } from "./sidebar/tree.js";
import { installTools } from "./tools/tools.js";

/** In the order in which they need each other; the sidebar's parts are in it from top to bottom. */
const PARTS = [installLabels, installSearch, installPanel, installAsking, installFilters, installNotes, installOwn, installClusters, installUnits, installTree, installScans, installSurfaces, installSurfaceChoice, installLegend, installTools, installViews];
const NOT_EMBEDDED = new Set([installTree, installSurfaceChoice]);

/** Put the parts around the map, in short tasks. */
export const furnish = (app) => inSlices(furnishing(app), { layOut: () => document.body.offsetHeight });

/** A part that takes long is a generator, whose every `yield` is a place to pause. */
function* furnishing(app) {
  // A sheet that nobody has opened stays out of sight while it is filled.
  const sidebar = document.getElementById("pm-sidebar");
  if (sidebar) sidebar.hidden = media("narrow").matches;
  for (const install of PARTS) {
    if (app.config.mode === "embed" && NOT_EMBEDDED.has(install)) continue;
    const made = install(app);
    app.take(made?.next ? yield* made : made);
    yield;
  }
}

export { installPermalink };
