/** Scanned maps without the page: how a link names them, and how far residuals are drawn out. Pure. */

/** `[{id, opacity}]` as a link has them: `layout:0.7,roads`. */
export function formatScans(shown) {
  return shown.map(({ id, opacity }) => (opacity < 1 ? `${id}:${Math.round(opacity * 100) / 100}` : id)).join(",");
}

/** The other way; what makes no sense is left out: the text is anybody's. */
export function parseScans(text) {
  const found = new Map();
  for (const item of String(text).split(",")) {
    const [, id, value] = /^([a-z][a-z0-9_-]*)(?::([01](?:\.\d+)?))?$/.exec(item) || [];
    if (id) found.set(id, value === undefined ? 1 : Math.min(Number(value), 1));
  }
  return [...found].map(([id, opacity]) => ({ id, opacity }));
}

/** Pixels that the longest arrow may have. */
const LONGEST_PX = 46;

/**
 * How many times residuals are drawn out so that the longest can be seen: 1, 2 or 5 times a power of ten, at least 1.
 * @param longest metres of the longest residual
 * @param pixel metres of a pixel of the map
 */
export function exaggeration(longest, pixel) {
  const most = (LONGEST_PX * pixel) / longest;
  if (!(most > 1) || !Number.isFinite(most)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return power * ([5, 2].find((step) => step * power <= most) || 1);
}
