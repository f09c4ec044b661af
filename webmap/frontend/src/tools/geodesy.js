/** Geodesic length and area on the WGS 84 ellipsoid. Pure. */
import geodesic from "geographiclib-geodesic";

const WGS84 = geodesic.Geodesic.WGS84;

/** Length in metres along geodesics between `{lat, lng}` points. */
export function lengthOf(points) {
  let sum = 0;
  for (let i = 1; i < points.length; i++) {
    sum += WGS84.Inverse(points[i - 1].lat, points[i - 1].lng, points[i].lat, points[i].lng, geodesic.Geodesic.DISTANCE).s12;
  }
  return sum;
}

/** `{area, perimeter}` in m² and m of a simple polygon, whichever way round it is given. */
export function areaOf(points) {
  if (points.length < 3) return { area: 0, perimeter: 0 };
  const polygon = WGS84.Polygon(false);
  for (const { lat, lng } of points) polygon.AddPoint(lat, lng);
  const { area, perimeter } = polygon.Compute(false, true);
  return { area: Math.abs(area), perimeter };
}
