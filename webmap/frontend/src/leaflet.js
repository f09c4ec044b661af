/**
 * Leaflet, of which only what the map itself needs. `import L from "leaflet"` gives this module (build.mjs); whoever needs more
 * of Leaflet imports its module, so that it comes with the program that needs it.
 */
import { Control } from "leaflet/src/control/Control.js";
import { setOptions, stamp } from "leaflet/src/core/Util.js";
import * as DomEvent from "leaflet/src/dom/DomEvent.js";
import * as DomUtil from "leaflet/src/dom/DomUtil.js";
import { toLatLng as latLng } from "leaflet/src/geo/LatLng.js";
import { toLatLngBounds as latLngBounds } from "leaflet/src/geo/LatLngBounds.js";
import { toPoint as point } from "leaflet/src/geometry/Point.js";
import { Layer } from "leaflet/src/layer/Layer.js";
import { layerGroup } from "leaflet/src/layer/LayerGroup.js";
import { circle } from "leaflet/src/layer/vector/Circle.js";
import { circleMarker } from "leaflet/src/layer/vector/CircleMarker.js";
import { Path } from "leaflet/src/layer/vector/Path.js";
import { Polygon, polygon } from "leaflet/src/layer/vector/Polygon.js";
import { Polyline, polyline } from "leaflet/src/layer/vector/Polyline.js";
import "leaflet/src/layer/vector/Renderer.getRenderer.js";
import { SVG, svg } from "leaflet/src/layer/vector/SVG.js";
import { Map, createMap as map } from "leaflet/src/map/Map.js";
import "leaflet/src/map/index.js";

/** The system that maps have when none is said, under the name that folium says. */
const { crs } = Map.prototype.options;
const CRS = { [crs.code.replace(":", "")]: crs };

export default { Control, CRS, DomEvent, DomUtil, Layer, Map, Path, Polygon, Polyline, SVG, circle, circleMarker, latLng, latLngBounds, layerGroup, map, point, polygon, polyline, setOptions, stamp, svg };
