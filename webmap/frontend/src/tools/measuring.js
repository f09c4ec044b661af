/** How measured lengths and areas are written. Pure. */

/** Square metres of a mu (亩): 10,000 / 15. */
export const MU_M2 = 10000 / 15;

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
