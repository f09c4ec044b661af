/** Features of the view come with lines and rings as steps from place to place (`webmap/api/steps.py`): here they become places again. */

/** Steps of a degree. */
const PER_DEGREE = 1e5;

/** A layer's features as GeoJSON; what has no steps stays as it is. */
export function unstepped(layer) {
  for (const { geometry } of layer.features) walked(geometry);
  return layer;
}

function walked(geometry) {
  for (const one of geometry?.geometries || []) walked(one);
  if (!geometry?.steps) return;
  geometry.coordinates = places(geometry.steps);
  delete geometry.steps;
}

function places(steps) {
  if (Array.isArray(steps[0])) return steps.map(places);
  const found = [];
  let [east, north] = [0, 0];
  for (let at = 0; at < steps.length; at += 2) {
    east += steps[at];
    north += steps[at + 1];
    // Divided, not multiplied: the nearest number, as it is read from its decimals.
    found.push([east / PER_DEGREE, north / PER_DEGREE]);
  }
  return found;
}
