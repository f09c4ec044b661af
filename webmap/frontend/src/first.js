/**
 * The page's first script: it sets the picture to the window and then, once that has been seen, asks for the map's program.
 *
 * The first picture: in the page itself, before its program. It is set to the size of the window just as the map will be
 * fitted to it (`core/fit-model.js`), with symbols and names of the sizes that they will have; the map takes its place when
 * it is drawn. An address that says where to look in the view's own layers, as the page itself writes it, has the picture there;
 * one that says more has none.
 */
import { fitted, limited, roomSaid } from "./core/fit-model.js";
import { pointFactor, widthFactor } from "./map/symbols.js";

const SNAP = 0.25;
const MOST = 17;
/** The same words are not written twice nearer than this, in pixels. */
const SAME_PX = 190;
/** Levels of zoom nearer than its own, and farther, at which the picture is still good enough. */
const NEAR = 1.25;
const FAR = 2.5;
const TILE_PX = 256;
const HALO_PX = [4, 56];
/** What tools, coordinates and scale take of the map's corners, in pixels. */
const TOOLS_DOWN = 300;
const COORDINATES_ACROSS = 520;
const LEGEND_UP = 460;
/** Kept free at the map's edges, less on small ones. */
const EDGE = 14;

const numbers = (node, name) => (node.getAttribute(name) || "").split(" ").map(Number);
const round = (value) => Math.round(value * 100) / 100;

/** In one task: as three, of which none was long, the picture was seen a tenth of a second later on a slow processor. */
function begin(picture) {
  const asked = askedPlace(picture);
  if (asked === null) {
    picture.remove();
    return;
  }
  if (picture.hasAttribute("data-panel")) openPanel();
  // Not laid out before its names have their places: that is done once, and it is the dearest part.
  const made = { ...read(picture), asked };
  show(picture, made);
  picture.removeAttribute("display");
  // The map's box says when its size has changed, before it is painted.
  new ResizeObserver((_boxes, watch) => {
    if (!picture.isConnected) watch.disconnect();
    else if (made.shown !== sizeOf(picture.parentNode)) show(picture, made);
  }).observe(picture.parentNode);
}

/** Where the address says to look, `[zoom, lat, lng]`; [] where it says nothing, null where it asks for what the picture does not show. */
function askedPlace(picture) {
  const hash = window.location.hash.slice(1);
  if (!hash) return [];
  const { map = "", layers = "", ...more } = Object.fromEntries(hash.split("&").map((part) => part.split("=")));
  const place = map.split("/").map(Number);
  const [own, zoom] = [picture.getAttribute("data-layers"), numbers(picture, "data-zoom")[0]];
  const sorted = (ids) => ids.split(",").sort().join();
  const same = own && sorted(layers) === sorted(own) && !Object.keys(more).length;
  return same && place.length === 3 && place.every(Number.isFinite) && place[0] - zoom <= NEAR && zoom - place[0] <= FAR && Math.abs(place[1]) <= 85 ? place : null;
}

/** Such a place as `fitted` gives one. */
function lookedAt({ asked: [zoom, lat, lng], zoom: own, corner }) {
  const scale = 2 ** (zoom - own);
  const world = TILE_PX * 2 ** zoom;
  const north = Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);
  return { zoom, scale, x: (lng / 360 + 0.5) * world - corner[0] * scale, y: (0.5 - north) * world - corner[1] * scale };
}

/** The view opens with the panel, where that has room beside the map. */
function openPanel() {
  const panel = document.getElementById("pm-panel");
  if (!panel || !getComputedStyle(document.body).getPropertyValue("--panel-opens")) return;
  panel.hidden = false;
  document.body.classList.add("pm-panel-open");
}

/** What the server has written, once. */
function read(picture) {
  const all = (selector) => [...picture.querySelectorAll(selector)];
  const [zoom] = numbers(picture, "data-zoom");
  return {
    zoom,
    corner: numbers(picture, "data-corner"),
    fit: numbers(picture, "data-fit"),
    frame: picture.hasAttribute("data-frame") && numbers(picture, "data-frame"),
    core: numbers(picture, "data-core"),
    strokes: all("g[data-layer] > path[stroke]").map((node) => {
      const dash = node.getAttribute("stroke-dasharray");
      return { node, width: Number(node.getAttribute("stroke-width")), dash: dash && dash.split(" ") };
    }),
    halos: all(".pm-first-halo").map((node) => ({ node, radius: numbers(node, "r")[0] })),
    patterns: all("pattern").map((node) => ({ node, turn: node.hasAttribute("patternTransform") ? "rotate(45)" : "" })),
    spots: all("[data-spot]").map((node) => ({ node, at: numbers(node, "data-spot"), size: numbers(node, "data-size")[0] })),
    written: picture.querySelector(".pm-first-names"),
    names: all("[data-name]").map((node) => {
      const [width, height, low, high, radius, size] = numbers(node, "data-name");
      return { node, width, height, low, high, radius, size, shield: node.hasAttribute("data-shield"), words: node.textContent };
    }),
  };
}

const sizeOf = (box) => `${box.clientWidth} ${box.clientHeight}`;

/** Room that the map keeps free at its edges, as `fitPadding` of `core/app.js` finds it. */
function roomOf(box, size) {
  const said = roomSaid(box);
  const edge = size.x < 600 ? 2 : EDGE;
  const least = (name, most) => (said[name] < most ? Math.max(edge, said[name]) : edge);
  return { left: least("left", size.x * 0.45), top: edge, right: least("right", size.x * 0.2), bottom: least("bottom", size.y * 0.2) };
}

function show(picture, made) {
  const box = picture.parentNode;
  const size = { x: box.clientWidth, y: box.clientHeight };
  if (!size.x || !size.y) return;
  made.shown = sizeOf(box);
  const room = roomOf(box, size);
  const { zoom, scale, ...centre } = made.asked.length ? lookedAt(made) : fitted({ fit: made.fit, zoom: made.zoom, size, room, snap: SNAP, most: MOST });
  const half = { x: size.x / 2, y: size.y / 2 };
  const scaled = (bounds) => bounds.map((value) => value * scale);
  const at = made.frame ? limited(centre, half, scaled(made.frame), scaled(made.core)) : centre;
  // The map's own corner is a whole pixel of the world.
  const corner = (axis, index) => Math.round(at[axis] - half[axis] + made.corner[index] * scale) - made.corner[index] * scale;
  const scene = { zoom, scale, size, room, left: corner("x", 0), top: corner("y", 1) };
  picture.setAttribute("viewBox", [scene.left, scene.top, size.x, size.y].map((value) => value / scale).join(" "));
  paint(made, scene);
  write(made, scene);
  picture.setAttribute("data-drawn", zoom);
}

function paint(made, { zoom, scale }) {
  const wider = widthFactor(zoom) / widthFactor(made.zoom);
  for (const { node, width, dash } of made.strokes) {
    node.setAttribute("stroke-width", round(width * wider));
    if (dash) node.setAttribute("stroke-dasharray", dash.map((step) => round(step * wider)).join(" "));
  }
  for (const { node, turn } of made.patterns) node.setAttribute("patternTransform", `scale(${1 / scale})${turn}`);
  for (const { node, radius } of made.halos) node.style.display = radius * scale > HALO_PX[0] && radius * scale <= HALO_PX[1] ? "" : "none";
  for (const { node, at } of made.spots) node.setAttribute("transform", `translate(${at[0]} ${at[1]})scale(${pointFactor(zoom) / scale})`);
}

function nameFactor({ size, shield }, zoom) {
  if (shield) return 1;
  const [least, middle, step] = size >= 16 ? [0.8, 11, 0.11] : [0.9, 12, 0.045];
  return Math.min(1.3, Math.max(least, 1 + (zoom - middle) * step));
}

/** Give the names their places, the important ones first, as `layers/drawing/names.py` does. */
function write(made, scene) {
  const { zoom, scale, size, room, left, top } = scene;
  const taken = [
    [size.x - room.right, 0, size.x, TOOLS_DOWN],
    [0, size.y - room.bottom, COORDINATES_ACROSS, size.y],
    // The opened legend of an embed.
    ...(room.left > 2 * EDGE ? [[0, size.y - LEGEND_UP, room.left, size.y]] : []),
  ];
  for (const { at, size: across } of made.spots) {
    const [x, y, half] = [at[0] * scale - left, at[1] * scale - top, (across * pointFactor(zoom)) / 2];
    taken.push([x - half, y - half, x + half, y + half]);
  }
  const said = [];
  const placed = [];
  for (const name of made.names) {
    const place = zoom >= name.low - 0.01 && zoom <= name.high && free(name, scene, taken, said);
    if (!place) continue;
    const [x, y, angle] = place;
    name.node.removeAttribute("display");
    name.node.setAttribute("transform", `translate(${(x + left) / scale} ${(y + top) / scale})rotate(${angle})scale(${nameFactor(name, zoom) / scale})`);
    placed.push(name.node);
  }
  // The others leave the page: an engine finds the style of what is in it, shown or not.
  made.written.replaceChildren(...placed);
}

/** Where a name may stand, `[x, y, angle]` each; read of those alone that are written at this zoom. */
function placesOf(name) {
  if (!name.places) {
    const flat = numbers(name.node, "data-at");
    name.places = [];
    for (let at = 0; at + 2 < flat.length; at += 3) name.places.push(flat.slice(at, at + 3));
  }
  return name.places;
}

function free(name, scene, taken, said) {
  const factor = nameFactor(name, scene.zoom);
  const [width, height] = [name.width * factor, name.height * factor];
  for (const [x, y, given] of options(name, width, height, scene)) {
    const angle = name.shield ? 0 : given;
    const [along, over] = [Math.abs(Math.cos((angle * Math.PI) / 180)), Math.abs(Math.sin((angle * Math.PI) / 180))];
    const [across, down] = [(along * width + over * height) / 2, (over * width + along * height) / 2];
    const [x0, y0, x1, y1] = [x - across, y - down, x + across, y + down];
    if (x0 < 0 || y0 < 0 || x1 > scene.size.x || y1 > scene.size.y) continue;
    if (said.some(([words, u, v]) => words === name.words && Math.hypot(x - u, y - v) < SAME_PX)) continue;
    if (covered(taken, x0, y0, x1, y1)) continue;
    taken.push([x0, y0, x1, y1]);
    said.push([name.words, x, y]);
    return [x, y, angle];
  }
  return null;
}

/** Plainly: it runs some thousand times, before the engine has compiled anything. */
function covered(taken, x0, y0, x1, y1) {
  for (let at = 0; at < taken.length; at += 1) {
    const box = taken[at];
    if (x0 < box[2] && box[0] < x1 && y0 < box[3] && box[1] < y1) return true;
  }
  return false;
}

function options(name, width, height, { scale, left, top, zoom }) {
  const [places, { radius }] = [placesOf(name), name];
  return places.flatMap(([u, v, angle]) => {
    const [x, y] = [u * scale - left, v * scale - top];
    if (!radius) return angle || places.length > 1 ? [[x, y, angle]] : [0, -0.8, 0.8, -1.6, 1.6].map((down) => [x, y + down * height, 0]);
    const gap = radius * pointFactor(zoom) + 3;
    const slant = gap * 0.72 + height * 0.2;
    const beside = [1, -1].flatMap((side) => [[gap, 0], [gap * 0.72, -slant], [gap * 0.72, slant]].map(([dx, dy]) => [x + side * (dx + width / 2), y + dy, 0]));
    return [...beside, [x, y - gap - height / 2, 0], [x, y + gap + height / 2, 0]];
  });
}

function inTask(then) {
  const way = new MessageChannel();
  way.port1.onmessage = then;
  way.port2.postMessage(null);
}

/** How long a picture is waited for: a page that is not in sight is not painted. */
const PAINT_MS = 250;

/** Call once the page has been read and painted as it is now. */
function afterPaint(then) {
  let due = true;
  const once = () => {
    if (due) then();
    due = false;
  };
  const way = new MessageChannel();
  way.port1.onmessage = once;
  // A message that a frame sends before it is painted arrives when it has been.
  requestAnimationFrame(() => way.port2.postMessage(null));
  setTimeout(once, PAINT_MS);
}

/**
 * A page that the browser had kept is seen at once, and asks afterwards, once, whether the server still has the same: else it
 * is loaded anew before anybody has done anything with it. What has come over the line just now is not asked about.
 */
async function stillSo() {
  const { transferSize } = performance.getEntriesByType("navigation")[0] || {};
  if (transferSize > 0) return;
  const tag = (cache) => fetch(location.href, { cache, mode: "same-origin" }).then((answer) => answer.headers.get("ETag"));
  // An engine that cannot say where the page came from, or has thrown it away meanwhile, gives none of its own.
  const own = await tag("only-if-cached").catch(() => transferSize);
  const latest = await tag("no-cache");
  if (own !== undefined && latest !== own) location.reload();
}

const { program, ahead } = document.getElementById("pm-main").dataset;

/** Have the program and the layers of the view fetched, now that the picture has come. */
function fetchAhead() {
  for (const link of [{ as: "script", href: program }, ahead && { as: "fetch", type: "application/json", crossOrigin: "anonymous", href: ahead }]) {
    if (link) document.head.append(Object.assign(document.createElement("link"), { rel: "preload" }, link));
  }
}

/** The map's program, and folium's script that it works for. Where an engine cannot read it, `engine.js` has the word. */
function bring() {
  const script = document.createElement("script");
  script.src = program;
  script.onload = () => {
    // Its evaluation is one task, what it draws another.
    if (window.planmap) inTask(() => window.planmapPage());
    else {
      window.planmapUnread = true;
      window.planmapTooOld?.();
    }
  };
  document.head.append(script);
  // The server may be away: what was kept is shown.
  stillSo().catch(() => {});
}

const picture = document.getElementById("pm-first");
if (picture) begin(picture);
fetchAhead();
window.planmapFirst = true;
if (document.readyState === "loading") document.addEventListener("readystatechange", () => afterPaint(bring), { once: true });
else afterPaint(bring);
