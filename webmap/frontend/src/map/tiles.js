/** The tiles of the operator's base map, for `map/basemap.js`. */
import L from "leaflet";
import { TileLayer } from "leaflet/src/layer/tile/TileLayer.js";
import { shiftAt } from "./shift-model.js";

/**
 * Tiles of another datum: laid so that they are right in the middle of the view. The shift differs from place to
 * place by some metres in ten kilometres, which at no zoom is more than a pixel or two at the edge.
 */
const ShiftedTiles = TileLayer.extend({
  getEvents() {
    return { ...TileLayer.prototype.getEvents.call(this), moveend: this._onMoveAndShift };
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
    return TileLayer.prototype._getTiledPixelBounds.call(this, this._shifted(center));
  },
  _setZoomTransform(level, center, zoom) {
    const map = this._map;
    const scale = map.getZoomScale(zoom, level.zoom);
    const away = map.project(this._shifted(center), zoom).subtract(map.project(center, zoom));
    const translate = level.origin.multiplyBy(scale).subtract(map._getNewPixelOrigin(center, zoom)).subtract(away).round();
    L.DomUtil.setTransform(level.el, translate, scale);
  },
});

/** The layer of a base map as `webmap.map.compose` declares it. */
export function makeTiles({ url, max_zoom: maxNativeZoom, shift }, { pane, maxZoom }) {
  const Tiles = shift ? ShiftedTiles : TileLayer;
  return new Tiles(url, { pane, maxNativeZoom, maxZoom, shift, attribution: "" });
}
