/**
 * Widths at which things change, each once: `@media (--sheet)` in a style sheet is put in by build.mjs,
 * `media("sheet")` is for the program. Nothing else says a width.
 */
export const BREAKPOINTS = {
  phone: "(max-width: 600px)", // one column
  sheet: "(max-width: 760px)", // panels come from below, tables become cards
  narrow: "(max-width: 899px)", // the layer tree comes from below, pages lose their side column
  roomy: "(min-width: 900px)",
  spacious: "(min-width: 1200px)", // tree, map and panel side by side
  "frame-small": "(max-width: 719px), (max-height: 339px)", // an embed without room for its legend on the map
  // what the map's header drops or wraps, in turn; English words need more room
  "head-brief": "(max-width: 1180px)",
  "head-rows": "(min-width: 900px) and (max-width: 1240px)",
  "head-rows-en": "(min-width: 900px) and (max-width: 1350px)",
  "head-tight": "(max-width: 1460px)",
  "head-folded": "(max-width: 1500px)",
  "head-folded-en": "(max-width: 1720px)",
};

export function media(name) {
  return window.matchMedia(BREAKPOINTS[name]);
}
