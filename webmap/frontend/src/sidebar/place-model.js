/**
 * Coordinates that somebody types, as a place: degrees in either order, with or without ° ′ ″ and N or E (北纬, 东经),
 * and metres of a CGCS2000 zone, with or without the zone's number. Pure.
 */

const NUMBER = String.raw`\d+(?:\.\d+)?`;
const ANGLE = String.raw`([-+]?${NUMBER})\s*(?:[°度]\s*(?:(${NUMBER})\s*['′’分]\s*)?(?:(${NUMBER})\s*(?:["”秒]|''|′′)\s*)?)?`;
/** The mark stands before the figures or after them, never both. */
const BEFORE = new RegExp(String.raw`^([NSEW]|北纬|南纬|东经|西经)\s*${ANGLE}`, "i");
const AFTER = new RegExp(String.raw`^()${ANGLE}\s*([NSEW](?![A-Z]))?`, "i");
const NORTH = new Set(["N", "S", "北纬", "南纬"]);
const MINUS = new Set(["S", "W", "南纬", "西经"]);

/** An easting without a zone's number lies within these, one with it above the second; a northing in between (metres). */
const EASTING_M = [1e5, 1e6];
const NUMBERED_M = 1.3e7;

/**
 * @param text what was typed
 * @param crs the plan's metric system, `{meridian}` in degrees east
 * @param unproject `(meridian, east, north) → {lng, lat}`, metres of a zone with 500 km false easting
 * @param near `{lng, lat}` of the plan: decides which of two bare numbers is which where both could be either
 * @returns `{lng, lat, metric}` in degrees, or null where the text is no pair of coordinates
 */
export function parsePlace(text, { crs = {}, unproject, near = null }) {
  const plain = String(text).replace(/º/g, "°").normalize("NFKC").replace(/[（()）]/g, " ").trim();
  return metres(plain, crs, unproject) || degrees(plain, near);
}

function metres(text, crs, unproject) {
  const found = new RegExp(String.raw`^(?:[xy][=:\s]*)?(${NUMBER})\s*[,，;；\s/]+\s*(?:[xy][=:\s]*)?(${NUMBER})\s*(?:m|米)?$`, "i").exec(text);
  if (!found || !unproject || crs.meridian === undefined) return null;
  const numbers = [Number(found[1]), Number(found[2])];
  const isEasting = (value) => (value >= EASTING_M[0] && value < EASTING_M[1]) || value >= NUMBERED_M;
  const isNorthing = (value) => value >= EASTING_M[1] && value < 1e7;
  const at = numbers.findIndex(isEasting);
  if (at < 0 || !isNorthing(numbers[1 - at])) return null;
  let east = numbers[at];
  let { meridian } = crs;
  if (east >= NUMBERED_M) {
    const zone = Math.floor(east / 1e6);
    // Zones of three degrees are numbered from 24 on in China, those of six up to 23.
    meridian = zone >= 24 ? zone * 3 : zone * 6 - 3;
    east -= zone * 1e6;
    if (zone > 45 || east < EASTING_M[0] || east >= EASTING_M[1]) return null;
  }
  const place = unproject(meridian, east, numbers[1 - at]);
  return Number.isFinite(place.lng) && Number.isFinite(place.lat) ? { ...place, metric: true } : null;
}

function degrees(text, near) {
  const parts = [];
  let rest = text.trim();
  while (rest && parts.length < 3) {
    const found = BEFORE.exec(rest) || AFTER.exec(rest);
    if (!found) return null;
    parts.push(angle(found));
    rest = rest.slice(found[0].length).replace(/^[\s,，;；、/]+/, "");
  }
  if (parts.length !== 2 || parts.includes(null)) return null;
  const order = orderOf(parts, near);
  if (!order) return null;
  const [lat, lng] = order.map((part) => part.value);
  return Math.abs(lat) <= 85 && Math.abs(lng) <= 180 ? { lng, lat, metric: false } : null;
}

function angle([, before, whole, minutes, seconds, after]) {
  const mark = String(before || after || "").toUpperCase();
  if (Number(minutes || 0) >= 60 || Number(seconds || 0) >= 60) return null;
  const size = Math.abs(Number(whole)) + Number(minutes || 0) / 60 + Number(seconds || 0) / 3600;
  return { value: MINUS.has(mark) || whole.startsWith("-") ? -size : size, north: mark ? NORTH.has(mark) : null };
}

/** The two parts as [north, east], or null where both are said to be the same. */
function orderOf([first, second], near) {
  if (first.north !== null && first.north === second.north) return null;
  const said = first.north ?? (second.north === null ? null : !second.north);
  if (said !== null) return said ? [first, second] : [second, first];
  if (Math.abs(first.value) > 90) return [second, first];
  if (Math.abs(second.value) > 90) return [first, second];
  if (!near) return [first, second];
  const far = (north, east) => Math.hypot(north.value - near.lat, east.value - near.lng);
  return far(first, second) <= far(second, first) ? [first, second] : [second, first];
}
