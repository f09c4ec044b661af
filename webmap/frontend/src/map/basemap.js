/**
 * The operator's base map under the plan: off until it is switched on. Then the paper and the ground around the plan
 * make room for it, and areas let it through.
 */
import L from "leaflet";
import { addPane } from "./layers.js";
import { shiftAt } from "./shift-model.js";

const PANE = "pm-basemap";
/** Above the page's ground, under the lowest layer. */
const Z_INDEX = 250;

/**
 * Tiles of another datum: laid so that they are right in the middle of the view. The shift differs from place to
 * place by some metres in ten kilometres, which at no zoom is more than a pixel or two at the edge.
 */
const ShiftedTiles = L.TileLayer.extend({
  getEvents() {
    return { ...L.TileLayer.prototype.getEvents.call(this), moveend: this._onMoveAndShift };
  },
  _onMoveAndShift() {
    this._onMoveEnd();
    if (this._map && !this._map._animatingZoom) this._setZoomTransforms(this._map.getCenter(), this._map.getZoom());
  },
  /** The place whose tile lies under `center`. */
  _shifted(center) {
    const { lat, lng } = L.latLng(center);
    const [east, north] = shiftAt(this.options.shift, lng, lat);
    return L.latLng(lat + north, lng + east);
  },
  _getTiledPixelBounds(center) {
    return L.TileLayer.prototype._getTiledPixelBounds.call(this, this._shifted(center));
  },
  _setZoomTransform(level, center, zoom) {
    const map = this._map;
    const scale = map.getZoomScale(zoom, level.zoom);
    const away = map.project(this._shifted(center), zoom).subtract(map.project(center, zoom));
    const translate = level.origin.multiplyBy(scale).subtract(map._getNewPixelOrigin(center, zoom)).subtract(away).round();
    L.DomUtil.setTransform(level.el, translate, scale);
  },
});

export function installBasemap(app) {
  const { map, config } = app;
  const { basemap } = config;
  if (!basemap || config.mode === "standalone") return;
  addPane(map, PANE, Z_INDEX);
  const Tiles = basemap.shift ? ShiftedTiles : L.TileLayer;
  const tiles = new Tiles(basemap.url, { pane: PANE, maxNativeZoom: basemap.max_zoom, maxZoom: map.getMaxZoom(), shift: basemap.shift, attribution: "" });
  let told = false;
  tiles.on("tileerror", () => {
    if (!told) app.toast(app.t("map.basemap.failed"));
    told = true;
  });
  app.basemap = {
    on: false,
    set(on) {
      if (app.basemap.on === Boolean(on)) return;
      app.basemap.on = Boolean(on);
      told = false;
      if (on) tiles.addTo(map);
      else tiles.remove();
      map.getContainer().classList.toggle("pm-on-basemap", app.basemap.on);
      app.emit("basemap", { on: app.basemap.on });
      app.emit("state");
    },
  };
}
