/**
 * The drawing surface that the plan's layers share: one SVG with a group for each layer, low ones first. An SVG and a
 * pane for each layer would have the browser put dozens of pictures as large as the window over each other in every
 * frame of a zoom, and an element for each symbol would have it move hundreds.
 */
import L from "leaflet";
import { svg } from "../core/dom.js";

export const Sheet = L.SVG.extend({
  initialize(names, options) {
    L.SVG.prototype.initialize.call(this, options);
    this.groups = new Map(names.map((name) => [name, svg("g", { class: `leaflet-${name}-pane` })]));
  },
  _initContainer() {
    L.SVG.prototype._initContainer.call(this);
    this._rootGroup.append(...this.groups.values());
  },
  _initPath(layer) {
    // The node is a new one: nothing is written on it yet.
    layer.look = {};
    layer.drawnPath = null;
    if (!(layer instanceof SheetSymbol)) {
      L.SVG.prototype._initPath.call(this, layer);
      return;
    }
    layer._path = svg("g", { class: "pm-symbol" });
    layer.drawn = null;
    this._layers[L.stamp(layer)] = layer;
  },
  getEvents() {
    return { ...L.SVG.prototype.getEvents.call(this), viewprereset: () => { this.waits = true; } };
  },
  /** While the view is set anew, what moves on the way is not drawn: at its end all of it is. */
  _reset() {
    L.SVG.prototype._reset.call(this);
    this.waits = false;
  },
  _updatePaths() {
    if (!this.waits) L.SVG.prototype._updatePaths.call(this);
  },
  _addPath(layer) {
    (this.groups.get(layer.options.pane) || this._rootGroup).append(layer._path);
  },
  _removePath(layer) {
    layer._path.remove();
    delete this._layers[L.stamp(layer)];
  },
  /** What is written already is not written again: each attribute set costs the browser a style of its own. */
  _updateStyle(layer) {
    const node = layer._path;
    if (!node || layer instanceof SheetSymbol) return;
    const look = attributes(layer.options);
    const before = layer.look;
    layer.look = look;
    for (const [name, value] of Object.entries(look)) {
      if (before[name] === value) continue;
      if (value === null) node.removeAttribute(name);
      else node.setAttribute(name, value);
    }
  },
  _setPath(layer, path) {
    if (layer.drawnPath === path) return;
    layer.drawnPath = path;
    layer._path.setAttribute("d", path);
  },
});

/** Leaflet's options of a path as SVG attributes. */
function attributes(options) {
  const stroke = options.stroke
    ? {
        stroke: options.color,
        "stroke-opacity": options.opacity,
        "stroke-width": options.weight,
        "stroke-linecap": options.lineCap,
        "stroke-linejoin": options.lineJoin,
        "stroke-dasharray": options.dashArray || null,
      }
    : { stroke: "none" };
  const fill = options.fill ? { fill: options.fillColor || options.color, "fill-opacity": options.fillOpacity, "fill-rule": options.fillRule || "evenodd" } : { fill: "none" };
  return { ...stroke, ...fill };
}

/** What makes the passes of one view, `options.view`, project its vertices once for all of them. */
const shared = (base) => ({
  _project() {
    const { view } = this.options;
    const origin = this._map.getPixelOrigin();
    if (view.projected?.origin === origin) {
      this._rings = view.projected.rings;
      this._rawPxBounds = view.projected.bounds;
      if (this._rawPxBounds) this._updateBounds();
      return;
    }
    base.prototype._project.call(this);
    view.projected = { origin, rings: this._rings, bounds: this._rawPxBounds };
  },
});

export const SheetPolygon = L.Polygon.extend(shared(L.Polygon));
export const SheetLine = L.Polyline.extend(shared(L.Polyline));

/** A point symbol on a sheet: `options.draw(factor)` gives its nodes around (0, 0); out of the sheet it has none. */
export const SheetSymbol = L.Path.extend({
  options: { draw: null, factor: 1 },
  initialize(latlng, options) {
    L.setOptions(this, options);
    this._latlng = L.latLng(latlng);
    this.drawn = null;
  },
  /** From the next update on it is drawn in another size. */
  setFactor(factor) {
    this.options.factor = factor;
  },
  _project() {
    this._point = this._map.latLngToLayerPoint(this._latlng);
  },
  _update() {
    const { x, y } = this._point;
    const factor = this._renderer._bounds.contains(this._point) ? this.options.factor : null;
    if (factor !== this.drawn) this._path.replaceChildren(...(factor === null ? [] : this.options.draw(factor)));
    this.drawn = factor;
    if (factor !== null) this._path.setAttribute("transform", `translate(${x} ${y})`);
  },
});
