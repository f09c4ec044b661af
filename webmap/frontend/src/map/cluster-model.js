/** Which point symbols lie so close that they are drawn as one. Pure; the drawing is in `clusters.js`. */

/**
 * Greedy clusters: in the order given each symbol gathers those nearer than `overlap` of the two radii: of its group
 * the ones that lie so at this zoom (unless `alone`), of all those on the same spot, which no zoom sets apart.
 *
 * @param points `[{id, group, x, y, radius, closest, alone}]`, the most important first; `radius` of the symbol in
 *   pixels, `closest` its radius at the closest zoom in pixels of this one
 * @param overlap share of the two radii nearer than which symbols count as one
 * @returns `[{group, x, y, members, spot}]`, only those of two and more; `spot`: coming closer sets none apart
 */
export function clusterPoints(points, overlap = 0.85) {
  const cells = inCells(points, overlap);
  const taken = new Set();
  const clusters = [];
  for (const point of points) {
    if (taken.has(point)) continue;
    const members = [point];
    const spots = [point];
    for (const other of cells.around(point)) {
      if (other === point || taken.has(other)) continue;
      const away = Math.hypot(other.x - point.x, other.y - point.y);
      const spot = away < (point.closest + other.closest) * overlap;
      const near = point.group === other.group && !point.alone && !other.alone && away < (point.radius + other.radius) * overlap;
      if (spot) spots.push(other);
      if (spot || near) members.push(other);
    }
    if (members.length < 2) continue;
    for (const member of members) taken.add(member);
    clusters.push({ group: point.group, ...middle(members), members, spot: spots.length === members.length });
  }
  return clusters;
}

/** The points by square cells so large that whatever is near enough lies in the same or the next one. */
function inCells(points, overlap) {
  const size = Math.max(1, ...points.map(({ radius, closest }) => 2 * Math.max(radius, closest) * overlap));
  const cells = new Map();
  const at = (column, row) => cells.get(`${column}|${row}`) || [];
  const place = ({ x, y }) => [Math.floor(x / size), Math.floor(y / size)];
  points.forEach((point, rank) => {
    const [column, row] = place(point);
    const key = `${column}|${row}`;
    if (!cells.has(key)) cells.set(key, []);
    cells.get(key).push({ point, rank });
  });
  return {
    around(point) {
      const [column, row] = place(point);
      const found = [-1, 0, 1].flatMap((i) => [-1, 0, 1].flatMap((j) => at(column + i, row + j)));
      return found.sort((a, b) => a.rank - b.rank).map((one) => one.point);
    },
  };
}

function middle(members) {
  const sum = (axis) => members.reduce((total, member) => total + member[axis], 0) / members.length;
  return { x: sum("x"), y: sum("y") };
}

/** Radius in pixels of the mark of a cluster. */
export function clusterRadius(count) {
  return Math.min(19, 9.5 + 2.1 * Math.log2(count));
}
