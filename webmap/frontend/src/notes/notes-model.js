/**
 * Notes that somebody draws on the map: what they are, in the link and in a file, and going back. Pure; `notes-layer.js`
 * draws them, `notes-tool.js` makes them. They are never mixed with the plan's features.
 *
 * A note is `{shape, color, points: [[lon, lat], …], text}`, frozen; a list of notes is never changed, but another made.
 */
import { owns } from "../core/own.js";

/** Each with its letter in a link, the least points it has, whether it has no more, and its GeoJSON. */
export const SHAPES = {
  point: { letter: "p", least: 1, only: true, geometry: "Point" },
  line: { letter: "l", least: 2, geometry: "LineString" },
  arrow: { letter: "a", least: 2, geometry: "LineString" },
  polygon: { letter: "g", least: 3, geometry: "Polygon" },
  text: { letter: "t", least: 1, only: true, geometry: "Point" },
  number: { letter: "n", least: 1, only: true, geometry: "Point" },
};
/** Colours by their token in the style sheet (`--note-red`), with their letter in a link. */
export const COLORS = { red: "r", blue: "b", green: "g", black: "k" };

export const MOST_NOTES = 500;
export const MOST_POINTS = 5000;
export const MOST_TEXT = 120;
/** Bytes of a file, characters in a link. */
export const MOST_BYTES = 2_000_000;
export const MOST_LINK = 1800;
const MOST_UNDONE = 100;
/** Coordinates are written to five decimals: a metre. */
const DECIMALS = 5;
/** What no text needs: control characters, and marks that turn the writing direction of what follows. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** What is wrong with a file or a list: `key` of a message, and what it says. */
export class NotesError extends Error {
  constructor(key, params = {}) {
    super(key);
    this.key = key;
    this.params = params;
  }
}

const rounded = (degrees) => Number(degrees.toFixed(DECIMALS));
const isPlace = (place) => Array.isArray(place) && place.length >= 2 && Number.isFinite(place[0]) && Number.isFinite(place[1]) && Math.abs(place[0]) <= 180 && Math.abs(place[1]) <= 85;

export const cleanText = (text) => (["string", "number"].includes(typeof text) ? String(text) : "").replace(UNSEEN, " ").trim().slice(0, MOST_TEXT);

/** A note of what is given, or null where it is none. */
export function makeNote({ shape, color, points, text }) {
  if (typeof shape !== "string" || !owns(SHAPES, shape) || !Array.isArray(points) || !points.every(isPlace)) return null;
  const { least, only } = SHAPES[shape];
  if (points.length < least || (only && points.length > 1)) return null;
  const words = cleanText(text);
  if (shape === "text" && !words) return null;
  const tint = typeof color === "string" && owns(COLORS, color) ? color : "red";
  return Object.freeze({ shape, color: tint, points: points.map(([lon, lat]) => [rounded(lon), rounded(lat)]), text: words });
}

/** The numbers that number notes have, by note: the order in which they were made. */
export function numbersOf(notes) {
  const numbers = new Map();
  for (const note of notes) if (note.shape === "number") numbers.set(note, numbers.size + 1);
  return numbers;
}

/** A list within the limits. */
function bounded(notes) {
  if (notes.length > MOST_NOTES) throw new NotesError("too_many", { count: notes.length, most: MOST_NOTES });
  const points = notes.reduce((sum, note) => sum + note.points.length, 0);
  if (points > MOST_POINTS) throw new NotesError("too_many_points", { count: points, most: MOST_POINTS });
  return notes;
}

const nameOf = (table, letter, of = (value) => value) => Object.keys(table).find((name) => of(table[name]) === letter);

/** Notes as a part of a link; null where they are too long for one. */
export function toLink(notes) {
  const text = notes
    .map((note) => `${SHAPES[note.shape].letter}${COLORS[note.color]}:${note.points.flat().join(",")}:${encodeURIComponent(note.text)}`)
    .join(";");
  return text.length <= MOST_LINK ? text : null;
}

/** The other way; what makes no sense is left out: a link is anybody's. */
export function fromLink(text) {
  if (typeof text !== "string" || text.length > 2 * MOST_LINK) return [];
  const notes = text.split(";").map((part) => {
    const [head, places, words = ""] = part.split(":");
    const flat = (places || "").split(",").map((number) => (number === "" ? NaN : Number(number)));
    const points = [];
    for (let at = 0; at + 1 < flat.length; at += 2) points.push([flat[at], flat[at + 1]]);
    return flat.length % 2 ? null : makeNote({ shape: nameOf(SHAPES, head[0], ({ letter }) => letter), color: nameOf(COLORS, head[1]), points, text: decoded(words) });
  });
  return notes.filter(Boolean);
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** Notes as a file: GeoJSON in WGS 84, which QGIS opens as a layer. */
export function toFile(notes, { plan = "", edition = "" } = {}) {
  const numbers = numbersOf(notes);
  const features = notes.map((note) => {
    const { shape, color, points, text } = note;
    const { geometry } = SHAPES[shape];
    const coordinates = { Point: () => points[0], LineString: () => points, Polygon: () => [[...points, points[0]]] }[geometry]();
    return { type: "Feature", geometry: { type: geometry, coordinates }, properties: { shape, color, text, number: numbers.get(note) ?? null } };
  });
  return `${JSON.stringify({ type: "FeatureCollection", planmap_notes: 1, plan, edition, features }, null, 1)}\n`;
}

/**
 * Notes of a file: ours, or any GeoJSON of a few points, lines and polygons. All or nothing.
 *
 * @param text the file's text
 */
export function fromFile(text) {
  if (text.length > MOST_BYTES) throw new NotesError("too_large", { most: MOST_BYTES / 1e6 });
  let data = null;
  try {
    data = JSON.parse(text);
  } catch {
    throw new NotesError("not_geojson");
  }
  const features = data && typeof data === "object" ? (Array.isArray(data.features) ? data.features : data.type === "Feature" ? [data] : null) : null;
  if (!features) throw new NotesError("not_geojson");
  if (features.length > MOST_NOTES) throw new NotesError("too_many", { count: features.length, most: MOST_NOTES });
  const count = features.reduce((sum, feature) => sum + countPlaces(feature?.geometry?.coordinates), 0);
  if (count > MOST_POINTS) throw new NotesError("too_many_points", { count, most: MOST_POINTS });
  const notes = features.flatMap(notesOf);
  if (notes.includes(null)) throw new NotesError("bad_note", { number: features.findIndex((feature) => notesOf(feature).includes(null)) + 1 });
  return bounded(notes);
}

/** Places in coordinates; deeper than any geometry they count as none, and make no note. */
function countPlaces(coordinates, depth = 0) {
  if (!Array.isArray(coordinates) || depth > 4) return 0;
  return typeof coordinates[0] === "number" ? 1 : coordinates.reduce((sum, inner) => sum + countPlaces(inner, depth + 1), 0);
}

function notesOf(feature) {
  const { type, coordinates } = feature?.geometry || {};
  const { shape, color, text, name } = feature?.properties || {};
  if (!Array.isArray(coordinates)) return [null];
  const parts = { Point: [[coordinates]], LineString: [coordinates], Polygon: [coordinates[0]], MultiPoint: coordinates.map((one) => [one]), MultiLineString: coordinates, MultiPolygon: coordinates.map((one) => one?.[0]) };
  if (typeof type !== "string" || !owns(parts, type)) return [null];
  const plain = type.replace("Multi", "");
  const fits = typeof shape === "string" && owns(SHAPES, shape) && SHAPES[shape].geometry === plain;
  const usual = { Point: "point", LineString: "line", Polygon: "polygon" }[plain];
  return parts[type].map((places) => {
    const points = plain === "Polygon" && Array.isArray(places) ? places.slice(0, -1) : places;
    return makeNote({ shape: fits ? shape : usual, color, points, text: text ?? name });
  });
}

/** Lists of notes with a way back and forth: `{now, done, undone}`, each step another object. */
export const begun = (now = []) => ({ now, done: [], undone: [] });

export function changed(history, next) {
  return { now: bounded(next), done: [...history.done, history.now].slice(-MOST_UNDONE), undone: [] };
}

export function undone({ now, done, undone: later }) {
  return done.length ? { now: done[done.length - 1], done: done.slice(0, -1), undone: [now, ...later] } : { now, done, undone: later };
}

export function redone({ now, done, undone: later }) {
  return later.length ? { now: later[0], done: [...done, now], undone: later.slice(1) } : { now, done, undone: later };
}
