/** Which rows of a long table are in the page. Pure. */

/** Rows beyond the edges, so that a scroll does not show a gap at once. */
const SPARE = 15;

/**
 * `[from, to)`, at least one row of those that there are.
 * @param top where the first row begins, pixels below the window's upper edge (negative: above it)
 * @param height of the window
 * @param rowHeight of a row
 * @param count of all rows
 */
export function rowsInView({ top, height, rowHeight, count }) {
  const within = (row) => Math.min(count, Math.max(0, row));
  const from = Math.min(within(Math.floor(-top / rowHeight) - SPARE), Math.max(0, count - 1));
  return [from, Math.max(within(from + 1), within(Math.ceil((height - top) / rowHeight) + SPARE))];
}
