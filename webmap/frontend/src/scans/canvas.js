/** The two maps of the editor: the picture in pixels, and the ground. Both take the same kind of marks. */
import L from "leaflet";
import { Simple } from "leaflet/src/geo/crs/CRS.Simple.js";
import { ImageOverlay } from "leaflet/src/layer/ImageOverlay.js";
import { DivIcon } from "leaflet/src/layer/marker/DivIcon.js";
import { marker as makeMarker } from "leaflet/src/layer/marker/Marker.js";
import { GridLayer } from "leaflet/src/layer/tile/GridLayer.js";
import { el } from "../core/dom.js";

const DEEPER = 3;
const TILE = 256;
const MARK_PX = 26;
const CROWDED_PX = 480;
const ROOM = { padding: [24, 24] };

/** A map without the library's own controls; Enter acts at its middle, as a click does elsewhere. */
function bare(node, options, onClick) {
  const map = L.map(node, { zoomControl: false, attributionControl: false, doubleClickZoom: false, zoomSnap: 0.5, zoomDelta: 1, ...options });
  map.on("click", ({ latlng }) => onClick(latlng));
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === node) onClick(map.getCenter());
  });
  return map;
}

function mark(map, place, { label, className, title, onMove, onSelect, small }) {
  const icon = new DivIcon({ className: `scan-mark ${className || ""}`, html: el("span", { text: label || "" }), iconSize: [small ? 14 : MARK_PX, small ? 14 : MARK_PX] });
  const made = makeMarker(place, { icon, draggable: Boolean(onMove), keyboard: Boolean(onSelect), title: title || "", alt: title || "", autoPanOnFocus: false });
  if (onSelect) made.on("click keypress", onSelect);
  if (onMove) made.on("dragend", () => onMove(made.getLatLng()));
  return made.addTo(map);
}

/** Parts of a dimension as one path. */
function shape(parts, dim, { className, ...look }) {
  const given = { ...look, className: `${className} scan-dim-${dim}` };
  return dim === 2 ? L.polygon(parts, given) : L.polyline(parts, given);
}

/** The picture: pixels from its upper left corner. */
export class Sheet {
  constructor(node, onClick, onHover) {
    this.node = node;
    this.onClick = onClick;
    this.onHover = onHover;
    this.marks = [];
    this.shapes = [];
    this.map = null;
  }

  /** Show the picture; `tile(z, x, y)` is a tile's address. */
  show({ width, height, levels }, tile) {
    if (this.map) this.map.remove();
    this.levels = levels;
    this.map = bare(this.node, { crs: Simple, minZoom: 0, maxZoom: levels + DEEPER }, (latlng) => this.onClick(this.pixel(latlng)));
    this.map.on("mousemove", ({ latlng }) => this.onHover(this.pixel(latlng)));
    const whole = L.latLngBounds(this.place([0, height]), this.place([width, 0]));
    this.whole = whole;
    const Tiles = GridLayer.extend({
      createTile({ x, y, z }, done) {
        const image = el("img", { alt: "", class: "scan-tile" });
        image.onload = () => done(null, image);
        image.onerror = () => done(new Error("tile"), image);
        image.src = tile(z, x, y);
        return image;
      },
    });
    new Tiles({ bounds: whole, maxNativeZoom: levels, maxZoom: levels + DEEPER, tileSize: TILE, noWrap: true, keepBuffer: 1 }).addTo(this.map);
    this.map.fitBounds(whole, ROOM);
    this.map.setMaxBounds(whole.pad(0.5));
  }

  place([x, y]) {
    const side = 2 ** this.levels;
    return L.latLng(-y / side, x / side);
  }

  pixel({ lat, lng }) {
    const side = 2 ** this.levels;
    return [lng * side, -lat * side];
  }

  /** Pixels of the picture that so many of the screen are. */
  reach(screen) {
    return screen * 2 ** (this.levels - this.map.getZoom());
  }

  clear() {
    this.marks.splice(0).forEach((made) => made.remove());
  }

  mark(pixel, given) {
    const move = given.onMove && ((latlng) => given.onMove(this.pixel(latlng)));
    const made = mark(this.map, this.place(pixel), { ...given, onMove: move });
    this.marks.push(made);
    return made;
  }

  draw(parts, dim, className) {
    const made = shape(parts.map((part) => part.map((pixel) => this.place(pixel))), dim, { className, interactive: false, weight: 2 }).addTo(this.map);
    this.shapes.push(made);
    return made;
  }

  look(pixel) {
    this.map.panInside(this.place(pixel), { padding: [40, 40] });
  }

  all() {
    this.map.fitBounds(this.whole, ROOM);
  }
}

/** The ground: longitude and latitude in degrees. */
export class Ground {
  constructor(node, onClick, onHover) {
    this.map = bare(node, { minZoom: 3, maxZoom: 19 }, (latlng) => onClick([latlng.lng, latlng.lat]));
    this.map.on("mousemove", ({ latlng }) => onHover([latlng.lng, latlng.lat]));
    this.marks = [];
    this.whole = null;
    this.picture = null;
  }

  place([lon, lat]) {
    return L.latLng(lat, lon);
  }

  /** Metres of a pixel of the screen at a latitude. */
  metres(lat) {
    return (40075016.686 * Math.cos((lat * Math.PI) / 180)) / 2 ** (this.map.getZoom() + 8);
  }

  screen(degrees) {
    return this.map.latLngToContainerPoint(this.place(degrees));
  }

  /** Draw what the plan has. */
  base(shapes, name) {
    const whole = L.latLngBounds([]);
    for (const { id, kind, dim, parts, ...names } of shapes) {
      const places = parts.map((part) => part.map((one) => this.place(one)));
      if (dim === 0) {
        L.circleMarker(places[0][0], { radius: 3, className: "scan-thing", interactive: false }).addTo(this.map);
        continue;
      }
      const look = { className: `scan-drawn scan-drawn-${dim}${kind === "township" ? " scan-unit" : ""}`, interactive: false, weight: kind === "township" ? 1.4 : 1.6 };
      const made = shape(places, dim, look).addTo(this.map);
      if (kind !== "township") continue;
      whole.extend(made.getBounds());
      this.label(made.getBounds().getCenter(), name({ id, ...names }));
    }
    if (!whole.isValid()) shapes.forEach(({ parts }) => parts.flat().forEach((one) => whole.extend(this.place(one))));
    this.whole = whole.isValid() ? whole : L.latLngBounds([[18, 73], [54, 135]]);
    this.map.fitBounds(this.whole, ROOM);
    // Where all of it is on a small pane there is no room for names.
    const far = this.map.getZoom();
    const crowded = () => this.map.getContainer().classList.toggle("is-crowded", this.map.getZoom() <= far && this.map.getSize().x < CROWDED_PX);
    this.map.on("zoomend", crowded);
    crowded();
  }

  label(at, said) {
    const icon = new DivIcon({ className: "scan-name", html: el("bdi", { text: said }), iconSize: null });
    makeMarker(at, { icon, interactive: false, keyboard: false }).addTo(this.map);
  }

  clear() {
    this.marks.splice(0).forEach((made) => made.remove());
  }

  mark(degrees, given) {
    const move = given.onMove && (({ lng, lat }) => given.onMove([lng, lat]));
    const made = mark(this.map, this.place(degrees), { ...given, onMove: move });
    this.marks.push(made);
    return made;
  }

  draw(parts, dim, className) {
    const made = shape(parts.map((part) => part.map((one) => this.place(one))), dim, { className, interactive: false, weight: 2 }).addTo(this.map);
    this.marks.push(made);
    return made;
  }

  ring(degrees, className) {
    const made = L.circleMarker(this.place(degrees), { radius: 9, className, interactive: false }).addTo(this.map);
    this.marks.push(made);
    return made;
  }

  /** Lay the picture on the map, or take it away. */
  overlay(image, bounds) {
    if (this.picture) this.picture.remove();
    this.picture = null;
    if (!image) return;
    const [west, south, east, north] = bounds;
    this.picture = new ImageOverlay(image, [[south, west], [north, east]], { opacity: 0.65, className: "scan-overlay", alt: "" }).addTo(this.map);
  }

  look(degrees) {
    this.map.panInside(this.place(degrees), { padding: [40, 40] });
  }

  all() {
    this.map.fitBounds(this.whole, ROOM);
  }
}
