/** Which point symbols lie so close that they are drawn as one. Pure; the drawing is in `clusters.js`. */

/**
 * Greedy clusters: in the order given each symbol gathers the ones of its group within `reach` pixels.
 *
 * @param points `[{id, group, x, y, radius, apart}]`, the most important first; `radius` of the symbol in pixels
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

/** How many members are known to a township or zone only, by basis, and how many have a place of their own. */
export function tally(members) {
  const apart = new Map();
  for (const { apart: basis } of members) if (basis) apart.set(basis, (apart.get(basis) || 0) + 1);
  const loose = [...apart.values()].reduce((total, count) => total + count, 0);
  return { placed: members.length - loose, loose, apart };
}

/** The part of a ring from `from` to `to` (shares of the whole, clockwise from the top) as an SVG path. */
export function arcPath(radius, from, to) {
  const at = (share) => {
    const angle = 2 * Math.PI * share;
    return `${(radius * Math.sin(angle)).toFixed(2)} ${(-radius * Math.cos(angle)).toFixed(2)}`;
  };
  if (to - from >= 0.9999) return `M0 ${-radius}A${radius} ${radius} 0 1 1 0 ${radius}A${radius} ${radius} 0 1 1 0 ${-radius}`;
  return `M${at(from)}A${radius} ${radius} 0 ${to - from > 0.5 ? 1 : 0} 1 ${at(to)}`;
}

/** Radius in pixels of the mark of a cluster. */
export function clusterRadius(count) {
  return Math.min(19, 9.5 + 2.1 * Math.log2(count));
}
