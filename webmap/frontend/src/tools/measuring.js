/** Geodesic length and area on the WGS 84 ellipsoid, and how they are written. Pure. */
import geodesic from "geographiclib-geodesic";

const WGS84 = geodesic.Geodesic.WGS84;
/** Square metres of a mu (亩): 10,000 / 15. */
export const MU_M2 = 10000 / 15;

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

function number(value, lang, digits) {
  return new Intl.NumberFormat(lang === "en" ? "en-GB" : "zh-CN", { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** Metres up to a kilometre, then kilometres with three decimals below ten and two above. */
export function lengthWords(metres, t, lang) {
  if (metres < 1000) return `${number(metres, lang, metres < 100 ? 1 : 0)} ${t("map.unit.m")}`;
  const km = metres / 1000;
  return `${number(km, lang, km < 10 ? 3 : 2)} ${t("map.unit.km")}`;
}

/** Square metres up to a hectare, then square kilometres. */
export function areaWords(m2, t, lang) {
  if (m2 < 10000) return `${number(m2, lang, 0)} ${t("map.unit.m2")}`;
  const km2 = m2 / 1e6;
  return `${number(km2, lang, km2 < 10 ? 4 : 2)} ${t("map.unit.km2")}`;
}

/** The same area in mu. */
export function muWords(m2, t, lang) {
  const mu = m2 / MU_M2;
  return `${number(mu, lang, mu < 100 ? 1 : 0)} ${t("map.unit.mu")}`;
}
