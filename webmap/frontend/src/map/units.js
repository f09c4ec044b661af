/**
 * What is only known to lie in a township, zone or other area is no symbol of its own: each area carries one mark
 * with the number of such features that are on, at its name. A click lists them; choosing one shows the area.
 */
import L from "leaflet";
import { Icon } from "leaflet/src/layer/marker/Icon.js";
import { marker as leafletMarker } from "leaflet/src/layer/marker/Marker.js";
import { addPane, PANES } from "./layers.js";
import { MARK_HEIGHT, byUnit, markWidth, spread } from "./unit-model.js";
import { openList } from "./listing.js";
import { el, svg } from "../core/dom.js";
import { ink } from "./ink.js";

const PANE = "pm-units";

const MarkIcon = Icon.extend({
  options: { node: null, width: 24 },
  createIcon() {
    const { node, width } = this.options;
    node.style.marginLeft = `${-width / 2}px`;
    node.style.marginTop = `${-MARK_HEIGHT / 2}px`;
    return node;
  },
  createShadow: () => null,
});

export function installUnits(app) {
  const { map } = app;
  addPane(map, PANE, PANES.select - 4);
  const group = L.layerGroup().addTo(map);
  let signature = "";
  let marks = [];
  const redraw = () => {
    const zoom = map.getZoom();
    const views = app.layers.visible().flatMap((id) => [...app.layers.entry(id).views.values()]);
    const units = byUnit(views.filter((view) => view.properties.unit && !app.veil.has(view.id, "filter")));
    const placed = spread(
      units.flatMap(({ unit, members }) => {
        const [lng, lat] = members[0].properties.label || [];
        return lat === undefined ? [] : [{ unit, members, ...xy(map.project([lat, lng], zoom)), width: markWidth(members.length) }];
      }),
    );
    const next = `${zoom}|${placed.map(({ unit, members }) => `${unit}:${members.map((view) => view.id).join(",")}`).join("|")}`;
    if (next === signature) return;
    signature = next;
    group.clearLayers();
    marks = placed.map((mark) => {
      const latlng = map.unproject([mark.x, mark.y], zoom);
      group.addLayer(marker(app, mark, latlng));
      return { latlng, width: mark.width };
    });
  };
  const units = {
    count: () => marks.length,
    /** Where the marks are, as boxes around layer points. */
    boxes: () =>
      marks.map(({ latlng, width }) => {
        const { x, y } = map.latLngToLayerPoint(latlng);
        return { minX: x - width / 2, minY: y - MARK_HEIGHT / 2, maxX: x + width / 2, maxY: y + MARK_HEIGHT / 2 };
      }),
    redraw,
  };
  map.on("zoomend", redraw);
  for (const event of ["layers", "filter"]) app.on(event, redraw);
  redraw();
  return { units };
}

const xy = ({ x, y }) => ({ x, y });

/** The name of a unit, whose layer has been loaded with the features that lie in it. */
const nameOf = (app, unit) => app.name(app.layers.view(unit)?.properties || { name: unit });

function marker(app, { unit, members, width }, latlng) {
  const title = app.t("filters.at_unit", { name: nameOf(app, unit), count: members.length });
  const node = markNode(members.length, width);
  node.append(svg("title", { text: title }));
  const made = leafletMarker(latlng, { icon: new MarkIcon({ node, width }), pane: PANE, keyboard: true, title: "", alt: title, bubblingMouseEvents: false });
  made.on("click", () => list(app, unit, members, latlng));
  made.on("mouseover", () => app.hover(unit));
  made.on("mouseout", () => app.hover(null));
  made.on("add", () => {
    const icon = made.getElement();
    icon.setAttribute("aria-label", title);
    icon.setAttribute("role", "button");
    icon.dataset.unit = unit;
  });
  return made;
}

/** The mark: a lying shape with a broken edge, unlike any symbol of a place; also in the legend. */
export function markNode(count, width = markWidth(count)) {
  const height = MARK_HEIGHT;
  return svg("svg", { class: "pm-unit leaflet-marker-icon", width, height, viewBox: `${-width / 2} ${-height / 2} ${width} ${height}`, focusable: "false" }, [
    svg("rect", { x: -width / 2 + 1, y: -height / 2 + 1, width: width - 2, height: height - 2, rx: 3, fill: ink("halo"), "fill-opacity": 0.94, stroke: ink("mark"), "stroke-width": 1.2, "stroke-dasharray": "3 2" }),
    svg("text", { class: "pm-cluster-count", fill: ink("mark"), "text-anchor": "middle", dy: "0.36em", "font-size": 10.5, text: String(count) }),
  ]);
}

function list(app, unit, members, latlng) {
  openList(app, { title: app.t("filters.at_unit", { name: nameOf(app, unit), count: members.length }), views: members, latlng });
}
