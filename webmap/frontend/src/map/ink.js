/**
 * Colours of the page's own marks (legend, selection, measuring), taken from the style sheet's custom
 * properties: the program holds no colour. Where there is no style sheet, as in unit tests, ink is black.
 */
const BLACK = "#000000";

export function ink(name = "sheet-ink") {
  if (typeof document === "undefined") return BLACK;
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || BLACK;
}
