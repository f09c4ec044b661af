/**
 * Leaflet, of which only what this page uses: its other layers and controls are a quarter of it. `import L from "leaflet"`
 * gives this module (build.mjs); whoever needs more of Leaflet adds it here.
 */
import { Control } from "leaflet/src/control/Control.js";
import { Scale } from "leaflet/src/control/Control.Scale.js";
import { setOptions, stamp } from "leaflet/src/core/Util.js";
import * as DomEvent from "leaflet/src/dom/DomEvent.js";
import * as DomUtil from "leaflet/src/dom/DomUtil.js";
import { CRS } from "leaflet/src/geo/crs/index.js";
import { toLatLng as latLng } from "leaflet/src/geo/LatLng.js";
import { toLatLngBounds as latLngBounds } from "leaflet/src/geo/LatLngBounds.js";
import { toPoint as point } from "leaflet/src/geometry/Point.js";
import { Layer } from "leaflet/src/layer/Layer.js";
import { layerGroup } from "leaflet/src/layer/LayerGroup.js";
import { popup } from "leaflet/src/layer/Popup.js";
import { Icon } from "leaflet/src/layer/marker/Icon.js";
import { marker } from "leaflet/src/layer/marker/Marker.js";
import { TileLayer } from "leaflet/src/layer/tile/TileLayer.js";
import { circle } from "leaflet/src/layer/vector/Circle.js";
import { circleMarker } from "leaflet/src/layer/vector/CircleMarker.js";
import { Path } from "leaflet/src/layer/vector/Path.js";
import { Polygon, polygon } from "leaflet/src/layer/vector/Polygon.js";
import { Polyline, polyline } from "leaflet/src/layer/vector/Polyline.js";
import "leaflet/src/layer/vector/Renderer.getRenderer.js";
import { SVG, svg } from "leaflet/src/layer/vector/SVG.js";
import { createMap as map } from "leaflet/src/map/Map.js";
import "leaflet/src/map/index.js";

Control.Scale = Scale;

export default { Control, CRS, DomEvent, DomUtil, Icon, Layer, Path, Polygon, Polyline, SVG, TileLayer, circle, circleMarker, latLng, latLngBounds, layerGroup, map, marker, point, polygon, polyline, popup, setOptions, stamp, svg };
