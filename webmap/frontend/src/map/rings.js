/** Whether a place lies in a ring of `{lng, lat}` vertices. Pure. */

const crosses = (x, y, a, b) => a.lat > y !== b.lat > y && x < ((b.lng - a.lng) * (y - a.lat)) / (b.lat - a.lat) + a.lng;

/** Is (x, y) inside the ring? Even-odd rule. */
export function inRing(x, y, ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) if (crosses(x, y, ring[i], ring[j])) inside = !inside;
  return inside;
}

/** Edges in a band on average, about. */
const EDGES = 4;

/** `inRing` for a ring that is asked about many places: `(x, y) → boolean`, which looks only at edges near `y`. */
export function ringTest(ring) {
  if (!ring.length) return () => false;
  const latitudes = ring.map((vertex) => vertex.lat);
  const low = latitudes.reduce((a, b) => Math.min(a, b));
  const high = latitudes.reduce((a, b) => Math.max(a, b));
  const count = Math.max(1, Math.ceil(ring.length / EDGES));
  const band = (lat) => Math.min(count - 1, Math.floor(((lat - low) / (high - low || 1)) * count));
  const bands = Array.from({ length: count }, () => []);
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [a, b] = [ring[i], ring[j]];
    const last = band(Math.max(a.lat, b.lat));
    for (let at = band(Math.min(a.lat, b.lat)); at <= last; at += 1) bands[at].push([a, b]);
  }
  return (x, y) => {
    if (!(y >= low && y <= high)) return false;
    let inside = false;
    for (const [a, b] of bands[band(y)]) if (crosses(x, y, a, b)) inside = !inside;
    return inside;
  };
}
