/**
 * Dense point symbols drawn as one: a disc with their number, in the colour of their group. A click goes
 * closer, or opens the list where that would not help.
 */
import L from "leaflet";
import { Icon } from "leaflet/src/layer/marker/Icon.js";
import { marker as leafletMarker } from "leaflet/src/layer/marker/Marker.js";
import { addPane, PANES } from "./layers.js";
import { clusterPoints, clusterRadius } from "./cluster-model.js";
import { svg } from "../core/dom.js";
import { openList } from "./listing.js";
import { pointFactor } from "./symbols.js";

/** Smaller symbols, such as stations, may touch. */
const SMALLEST = 12;
/** A layer of so few symbols keeps each of them, and their names (a district's transport hubs), where they can be told apart. */
const FEW = 8;
const PANE = "pm-clusters";

const ClusterIcon = Icon.extend({
  options: { node: null, size: 20 },
  createIcon() {
    const { node, size } = this.options;
    node.style.marginLeft = `${-size / 2}px`;
    node.style.marginTop = `${-size / 2}px`;
    return node;
  },
  createShadow: () => null,
});

export function installClusters(app) {
  const { map } = app;
  addPane(map, PANE, PANES.select - 5);
  const group = L.layerGroup().addTo(map);
  let signature = "";
  let boxes = [];
  const redraw = () => {
    const zoom = map.getZoom();
    const clusters = clusterPoints(candidates(app, zoom));
    const inside = new Map();
    for (const cluster of clusters) for (const member of cluster.members) inside.set(member.id, cluster);
    app.veil.set("cluster", new Set(inside.keys()));
    const next = `${zoom}|${clusters.map((cluster) => cluster.members.map((member) => member.id).join(",")).join("|")}`;
    if (next === signature) return;
    signature = next;
    group.clearLayers();
    boxes = clusters.map((cluster) => {
      const latlng = map.unproject([cluster.x, cluster.y], zoom);
      group.addLayer(marker(app, cluster, latlng));
      return { latlng, radius: clusterRadius(cluster.members.length) };
    });
  };
  const parts = {
    count: () => boxes.length,
    /** Where the discs are, as boxes around layer points. */
    boxes: () =>
      boxes.map(({ latlng, radius }) => {
        const { x, y } = map.latLngToLayerPoint(latlng);
        return { minX: x - radius, minY: y - radius, maxX: x + radius, maxY: y + radius };
      }),
    redraw,
  };
  map.on("zoomend", redraw);
  for (const event of ["layers", "select", "filter"]) app.on(event, redraw);
  redraw();
  return { clusters: parts };
}

/**
 * The symbols that may be drawn as one, the most important first. The selected one stands alone, but for those on its
 * very spot, which it would hide.
 */
function candidates(app, zoom) {
  const factor = pointFactor(zoom);
  const last = app.map.getMaxZoom();
  const closer = pointFactor(last) / 2 ** (last - zoom);
  const points = [];
  for (const id of app.layers.visible()) {
    const { views, spec } = app.layers.entry(id);
    const few = spec.geometry !== "point" || views.size <= FEW;
    for (const view of views.values()) {
      if (view.shape !== "point" || view.style.size < SMALLEST || app.veil.has(view.id, "filter")) continue;
      const { x, y } = app.map.project(view.parts[0][0], zoom);
      const priority = view.kind?.label?.priority || 0;
      const { size } = view.style;
      points.push({ id: view.id, view, group: spec.group, x, y, radius: (size * factor) / 2, closest: (size * closer) / 2, alone: few || view.id === app.selected, priority });
    }
  }
  return points.sort((a, b) => b.priority - a.priority);
}

function marker(app, cluster, latlng) {
  const count = cluster.members.length;
  const size = 2 * Math.ceil(clusterRadius(count) + 2);
  const title = describe(app, cluster);
  const node = clusterNode(cluster, size);
  node.append(svg("title", { text: title }));
  const made = leafletMarker(latlng, { icon: new ClusterIcon({ node, size }), pane: PANE, keyboard: true, title: "", alt: title, bubblingMouseEvents: false });
  made.on("click", () => open(app, cluster, latlng));
  made.on("add", () => {
    const icon = made.getElement();
    icon.setAttribute("aria-label", title);
    icon.setAttribute("role", "button");
  });
  return made;
}

/** "12 · 平台 5、项目 7；仅定位到镇街 4". */
function describe(app, { members }) {
  const { t, lang } = app;
  const kinds = new Map();
  for (const { view } of members) kinds.set(app.name(view.kind || {}), (kinds.get(app.name(view.kind || {})) || 0) + 1);
  const joint = lang === "zh" ? "、" : ", ";
  const list = [...kinds].map(([name, count]) => `${name} ${count}`).join(joint);
  return t("filters.cluster", { count: members.length, list });
}

function clusterNode({ members }, size) {
  const half = size / 2;
  const radius = clusterRadius(members.length);
  const color = members[0].view.style.fill || members[0].view.style.stroke;
  return svg("svg", { class: "pm-cluster leaflet-marker-icon", width: size, height: size, viewBox: `${-half} ${-half} ${size} ${size}`, focusable: "false" }, [
    svg("circle", { r: radius, fill: "#ffffff", "fill-opacity": 0.94 }),
    svg("circle", { r: radius - 1.2, fill: "none", stroke: color, "stroke-width": 2.4 }),
    svg("circle", { r: radius - 3.6, fill: color }),
    svg("text", { class: "pm-cluster-count", fill: "#ffffff", "text-anchor": "middle", dy: "0.36em", "font-size": members.length > 99 ? 9.5 : 11, text: String(members.length) }),
  ]);
}

function open(app, cluster, latlng) {
  const { map } = app;
  const bounds = L.latLngBounds(cluster.members.map(({ view }) => view.parts[0][0]));
  const nearest = Math.min(map.getMaxZoom(), 16);
  const closer = Math.min(map.getBoundsZoom(bounds.pad(0.15)), nearest);
  if (!cluster.spot && closer >= map.getZoom() + 0.5) map.setView(bounds.getCenter(), closer);
  else list(app, cluster, latlng);
}

function list(app, { members }, latlng) {
  openList(app, { title: app.t("filters.here", { count: members.length }), views: members.map(({ view }) => view), latlng });
}
