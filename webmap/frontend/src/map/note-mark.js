/** What a note of a shape is recognised by, in lists and legends: nodes around (0, 0), ten pixels each way. */
import { svg } from "../core/dom.js";
import { ink } from "./ink.js";

export function noteMark(shape, token = "mark", number = 1) {
  const color = ink(token);
  const line = { fill: "none", stroke: color, "stroke-width": 2.2, "stroke-linecap": "round", "stroke-linejoin": "round" };
  const digits = { "text-anchor": "middle", y: 4, "font-size": 11, "font-weight": 700, fill: ink("sheet"), text: String(number) };
  const parts = {
    point: () => [svg("path", { d: "M0 8C-1.5 4 -5 3 -5 -2A5 5 0 0 1 5 -2C5 3 1.5 4 0 8Z", fill: color })],
    line: () => [svg("path", { d: "M-8 5L-3 -4L2 3L8 -6", ...line })],
    arrow: () => [svg("path", { d: "M-8 6L6 -5M-1 -6L6.5 -5.5L5.5 2", ...line })],
    polygon: () => [svg("path", { d: "M-7 -2L1 -7L7 -1L4 7L-4 6Z", ...line, fill: color, "fill-opacity": 0.16 })],
    text: () => [svg("path", { d: "M-6 -6H6M0 -6V7", ...line })],
    number: () => [svg("circle", { r: 8, fill: color }), svg("text", digits)],
  };
  return parts[shape]();
}
