/**
 * The names of the picture that the page came with, as options of the first placement: what can stay where it stands does, so
 * that nothing jumps when the map takes the picture's place.
 */
import { svg } from "../core/dom.js";

/** `Map(feature id → option)` in layer points; empty where there is no picture, or it does not show what the map shows. Each `yield` is a place to pause. */
export function* picturedNames({ map, untouched }) {
  const picture = document.getElementById("pm-first");
  const found = new Map();
  if (!picture || Number(picture.dataset.drawn) !== map.getZoom() || !untouched()) return found;
  const [left, top, width] = picture.getAttribute("viewBox").split(" ").map(Number);
  const scale = map.getSize().x / width;
  const origin = map.containerPointToLayerPoint([0, 0]);
  for (const node of picture.querySelectorAll("[data-name]:not([display])")) {
    const [x, y, angle, own] = node.getAttribute("transform").match(/-?[\d.]+(?:e-?\d+)?/g).map(Number);
    const at = { x: origin.x + (x - left) * scale, y: origin.y + (y - top) * scale, angle, factor: own * scale };
    // A line's name may stand several times: further ones are looked for as ever.
    if (!found.has(node.dataset.id)) found.set(node.dataset.id, optionOf(node, at));
    yield;
  }
  return found;
}

const number = (node, name) => Number(node.getAttribute(name) || 0);

function optionOf(node, { x, y, angle, factor }) {
  const [width, height] = node.dataset.name.split(" ").map((size) => Number(size) * factor);
  const turn = (angle * Math.PI) / 180;
  const across = (Math.abs(Math.cos(turn)) * width + Math.abs(Math.sin(turn)) * height) / 2;
  const down = (Math.abs(Math.sin(turn)) * width + Math.abs(Math.cos(turn)) * height) / 2;
  const plate = node.querySelector("rect");
  const mark = node.querySelector("path");
  return {
    x,
    y,
    angle,
    size: number(node, "font-size") * factor,
    spacing: number(node, "letter-spacing") * factor,
    color: node.getAttribute("fill"),
    halo: node.getAttribute("stroke") || "",
    haloWidth: number(node, "stroke-width") * factor,
    lines: [...node.querySelectorAll("text")].map((line) => ({ text: line.textContent, dy: number(line, "y") * factor })),
    shield: plate && { width: number(plate, "width") * factor, height: number(plate, "height") * factor, color: plate.getAttribute("fill") },
    mark: mark && (() => markNode(node, mark, `translate(${x} ${y})scale(${factor})`)),
    boxes: [{ minX: x - across, minY: y - down, maxX: x + across, maxY: y + down }],
  };
}

/** The sign above a name, with the name's halo. */
function markNode(node, mark, place) {
  const halo = { stroke: node.getAttribute("stroke"), "stroke-width": node.getAttribute("stroke-width"), "stroke-linejoin": "round", "paint-order": "stroke", "vector-effect": "non-scaling-stroke" };
  return svg("path", { d: mark.getAttribute("d"), fill: node.getAttribute("fill"), transform: place + mark.getAttribute("transform"), ...halo });
}
