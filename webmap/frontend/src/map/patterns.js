/**
 * The patterns that areas are filled with, as in `layers/style/patterns.py` (`tests/patterns.json` holds both to it):
 * a square tile in pixels, turned clockwise, with lines along its left or its upper edge, or with dots.
 */
const HATCH = { width: 0.65, opacity: 0.45, across: false };

export const PATTERNS = {
  hatch: { side: 7, turned: 45, lines: [HATCH], dots: [], radius: 0, opacity: 1 },
  cross: { side: 7, turned: 45, lines: [HATCH, { width: 0.5, opacity: 0.6, across: true }], dots: [], radius: 0, opacity: 1 },
  dots: { side: 8, turned: 0, lines: [], dots: [[2, 2], [6, 6]], radius: 0.9, opacity: 0.75 },
};
