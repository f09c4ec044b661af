/** How far from its place a web map shows something: bilinear in a grid that the server has worked out. Pure. */

/**
 * Degrees east and north to add to a WGS 84 place to have it in the tiles' datum; beyond the grid as at its edge.
 *
 * @param grid `{west, south, step: [lon, lat], columns, values: [[lon, lat], …]}`, rows from the south; null: none
 */
export function shiftAt(grid, lng, lat) {
  if (!grid) return [0, 0];
  const rows = grid.values.length / grid.columns;
  const cell = (at, low, step, count) => {
    const place = Math.min(Math.max((at - low) / step, 0), count - 1);
    const first = Math.min(Math.floor(place), count - 2);
    return [first, place - first];
  };
  const [i, u] = cell(lng, grid.west, grid.step[0], grid.columns);
  const [j, v] = cell(lat, grid.south, grid.step[1], rows);
  const value = (column, row, axis) => grid.values[row * grid.columns + column][axis];
  return [0, 1].map((axis) => (1 - u) * (1 - v) * value(i, j, axis) + u * (1 - v) * value(i + 1, j, axis) + (1 - u) * v * value(i, j + 1, axis) + u * v * value(i + 1, j + 1, axis));
}
