/** Which point symbols lie so close that they are drawn as one. Pure; the drawing is in `clusters.js`. */

/**
 * Greedy clusters: in the order given each symbol gathers the ones of its group within `reach` pixels.
 *
 * @param points `[{id, group, x, y, radius}]`, the most important first; `radius` of the symbol in pixels
 * @param overlap share of the two radii nearer than which symbols count as one
 * @returns `[{group, x, y, members}]`, only those of two and more
 */
export function clusterPoints(points, overlap = 0.85) {
  const free = new Map();
  for (const point of points) {
    if (!free.has(point.group)) free.set(point.group, new Set());
    free.get(point.group).add(point);
  }
  const clusters = [];
  for (const point of points) {
    const others = free.get(point.group);
    if (!others.delete(point)) continue;
    const members = [point];
    for (const other of others) {
      const near = (point.radius + other.radius) * overlap;
      if (Math.abs(other.x - point.x) < near && Math.abs(other.y - point.y) < near && Math.hypot(other.x - point.x, other.y - point.y) < near) members.push(other);
    }
    if (members.length < 2) continue;
    for (const member of members) others.delete(member);
    clusters.push({ group: point.group, ...middle(members), members });
  }
  return clusters;
}

function middle(members) {
  const sum = (axis) => members.reduce((total, member) => total + member[axis], 0) / members.length;
  return { x: sum("x"), y: sum("y") };
}

/** Radius in pixels of the mark of a cluster. */
export function clusterRadius(count) {
  return Math.min(19, 9.5 + 2.1 * Math.log2(count));
}
