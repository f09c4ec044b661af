/**
 * The page's entry, and the program that comes first: the map that answers. folium's script calls `planmap.layer(map, spec)`
 * once a layer, then `planmap.start(map, planmap.config)`, which puts the `app` object together: everything else hangs on that.
 */
import L from "leaflet";
import { createApp } from "./core/app.js";
import { installComposing } from "./core/composing.js";
import { installFitting } from "./core/fitting.js";
import { reducedMotion } from "./core/motion.js";
import { nextTask } from "./core/slices.js";
import { installBasemap } from "./map/basemap.js";
import { installFrame } from "./map/frame.js";
import { installFramed } from "./map/framed.js";
import { setIcons } from "./map/icons.js";
import { installImprint } from "./map/imprint.js";
import { PlanLayer, installLayers } from "./map/layers.js";
import { installPicking } from "./map/pick.js";
import { installVeil } from "./map/veil.js";

window.L = L;

L.Map.include({
  /** An animation has ended in a frame, which has all else to do: what follows is a task of its own. */
  _catchTransitionEnd({ propertyName }) {
    if (this._animatingZoom && propertyName.includes("transform")) nextTask().then(() => this._onZoomTransitionEnd());
  },
});

/** Between the drawn map and the rest of the program, so that what somebody does at once comes first. */
const IDLE_MS = 50;

/** In the order in which they need each other. */
const PARTS = [installFitting, installFramed, installLayers, installBasemap, installVeil, installPicking];

/** One layer of the plan, as folium declares it: `spec = {id}`; what it is stands in `config.layers`, and `start` draws it. */
export function layer(map, spec) {
  // folium fits the map to the view with an animation that would end after `start` has followed the
  // address: until then the map stands still.
  map.planAnimated ??= map._zoomAnimated;
  map._zoomAnimated = false;
  return new PlanLayer(spec);
}

/** What a page has for `start`, which is data in it. */
export function config() {
  return JSON.parse(document.getElementById("pm-config").textContent);
}

/** Bring the page to life with what is given, or what that gives. Resolves to the `app` object when the first map is drawn and labelled. */
export async function start(map, given) {
  // folium's script has made the map and its layers: that is one task.
  await nextTask();
  const config = typeof given === "function" ? given() : given;
  const app = createApp(map, config);
  // It comes while this one works; whether it has come is asked below.
  app.rest().catch(() => {});
  window.planmapApp = app;
  setIcons(config.icons || {});
  installImprint(app);
  map.options.zoomDelta = 0.5;
  installComposing();
  await nextTask();
  for (const install of PARTS) {
    app.take(install(app));
    await nextTask();
  }
  settle(app);
  await nextTask();
  const answersFirst = Boolean(document.getElementById("pm-first"));
  const plainly = opensPlainly(config);
  let follows;
  const followed = plainly ? Promise.resolve() : new Promise((done) => (follows = done));
  const drawn = plainly ? app.layers.setAll(app.layers.initial(), { answersFirst }) : followed;
  // What shades a view comes with the rest.
  const pictured = takeOver(app, config.view?.indicator ? new Promise((shown) => app.on("overlay", shown)) : drawn, followed);
  if (!pictured && plainly) await drawn;
  // What is seen is the picture: it is moved, and what is pointed at is known, before the map is drawn under it.
  if (plainly) await app.answers();
  if (plainly) await drawn;
  const { furnish, installPermalink } = await app.rest();
  await furnish(app);
  const { permalink, opened } = installPermalink(app);
  app.take({ permalink });
  app.openView(await opened);
  follows?.();
  await app.ready();
  setTimeout(() => app.later().then(({ icons }) => setIcons(icons, { all: true }), () => {}).then(watchEditions), IDLE_MS);
  return app;
}

/** The program that says when a newer edition is there; it is asked for when all else has come. */
function watchEditions() {
  const { src, ...told } = document.getElementById("pm-newer")?.dataset || {};
  if (!src) return;
  const script = document.createElement("script");
  Object.assign(script.dataset, told);
  script.src = src;
  document.head.append(script);
}

/** Is there nothing to follow, neither in the address nor of the view, but its layers and what its picture shows? */
function opensPlainly({ view }) {
  return window.location.hash.length < 2 && !view?.select && (!view?.indicator || Boolean(document.getElementById("pm-first")));
}

/**
 * The picture that the page came with gives way to the map when that has its names, or as soon as it is drawn when somebody does
 * something before; until then it goes along with what is dragged, once the address has been `followed`. True where there is one.
 */
function takeOver(app, drawn, followed) {
  const picture = document.getElementById("pm-first");
  if (!picture) return false;
  const { map } = app;
  const remove = () => picture.remove();
  const giveWay = () => drawn.then(remove, remove);
  const moved = () => {
    const from = L.DomUtil.getPosition(map.getPane("mapPane"));
    // What lay beyond the window is in the picture, too.
    picture.style.overflow = "visible";
    map.on("move", () => L.DomUtil.setPosition(picture, L.DomUtil.getPosition(map.getPane("mapPane")).subtract(from)));
    giveWay();
  };
  app.on("ready", remove);
  followed.then(() => {
    app.on("select", giveWay);
    map.once("dragstart keydown", moved);
    map.once("zoomstart", remove);
  });
  return true;
}

/** folium has fitted the map to the view before the page's parts had their places: fit again. */
function settle(app) {
  app.map._zoomAnimated = !reducedMotion() && (app.map.planAnimated ?? app.map._zoomAnimated);
  app.map.invalidateSize({ animate: false });
  // Before the fit: a view that the frame shifts afterwards would count as moved by somebody.
  installFrame(app);
  app.fitView();
}
