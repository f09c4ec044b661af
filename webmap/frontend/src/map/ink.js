/**
 * Colours of the page's own marks (legend, selection, measuring), taken from the style sheet's custom
 * properties: the program holds no colour. Where there is no style sheet, as in unit tests, ink is black.
 */
const BLACK = "#000000";
/** Asking the style sheet makes the browser bring all styles up to date: each colour is asked for once. */
const known = new Map();

if (typeof window !== "undefined" && window.matchMedia) window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => known.clear());

export function ink(name = "sheet-ink") {
  if (typeof document === "undefined") return BLACK;
  if (!known.has(name)) known.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || BLACK);
  return known.get(name);
}
