/**
 * The control points of a scan while they are edited: every change is a new list, so that undo is the list before.
 * A point is `{id, row, name, px, at, ref, datum, accuracy_m, note, place}`; `row` is its number in the record or null,
 * `place` where it lies on the map, in degrees, as far as that is known.
 */

const DEEPEST = 200;

export class Points {
  constructor(rows, places) {
    this.count = 0;
    this.rows = rows.length;
    this.list = rows.map((row, at) => ({ ...row, id: this.nextId(), place: places[at] || null }));
    this.before = [];
    this.after = [];
    this.kept = this.list;
  }

  nextId() {
    this.count += 1;
    return this.count;
  }

  find(id) {
    return this.list.find((point) => point.id === id) || null;
  }

  get changed() {
    return this.list !== this.kept;
  }

  /** Another list; the one before can be had back. */
  put(list) {
    this.before = [...this.before, this.list].slice(-DEEPEST);
    this.after = [];
    this.list = list;
  }

  add(point) {
    const made = { row: null, ...point, id: this.nextId() };
    this.put([...this.list, made]);
    return made;
  }

  change(id, fields) {
    this.put(this.list.map((point) => (point.id === id ? { ...point, ...fields } : point)));
  }

  remove(id) {
    this.put(this.list.filter((point) => point.id !== id));
  }

  undo() {
    if (!this.before.length) return false;
    this.after = [this.list, ...this.after];
    this.list = this.before[this.before.length - 1];
    this.before = this.before.slice(0, -1);
    return true;
  }

  redo() {
    if (!this.after.length) return false;
    this.before = [...this.before, this.list];
    [this.list, ...this.after] = this.after;
    return true;
  }

  /** Points as a record has them. */
  fields() {
    return this.list.map(({ name, px, at, ref, datum, accuracy_m, note }) => {
      const given = { name, px, at: ref ? null : at, ref, datum: ref ? null : datum, accuracy_m, note };
      return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined && value !== ""));
    });
  }

  /** Numbers of the record's points that are no more. */
  gone() {
    const left = new Set(this.list.map((point) => point.row));
    return Array.from({ length: this.rows }, (_none, row) => row).filter((row) => !left.has(row));
  }

  /** What is here is what the record has now; older lists are of another record. */
  saved() {
    this.list = this.list.map((point, row) => ({ ...point, row }));
    this.rows = this.list.length;
    this.kept = this.list;
    this.before = [];
    this.after = [];
  }
}

/** A pixel as a record has it: hundredths, inside the picture. */
export function pixel(x, y, width, height) {
  const fit = (value, most) => Math.round(Math.min(Math.max(value, 0), most) * 100) / 100;
  return [fit(x, width), fit(y, height)];
}

/** By how much a key moves a point, in pixels; null for another key. */
export function nudge(key, fine) {
  const step = fine ? 0.1 : 1;
  return { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[key] || null;
}

/** The nearest of `spots` to a place on the screen, no farther than `most`; `onScreen(spot)` is `{x, y}`. */
export function nearest(spots, place, most, onScreen) {
  let found = null;
  let least = most;
  for (const spot of spots) {
    const at = onScreen(spot);
    const away = Math.hypot(at.x - place.x, at.y - place.y);
    if (away <= least) {
      least = away;
      found = spot;
    }
  }
  return found;
}

/**
 * Where a vertex goes that is set near drawn lines: to the nearest of their vertices within `most`, else to the nearest place
 * on them, else it stays. All in pixels.
 */
export function snapped([x, y], lines, most) {
  let vertex = null;
  let side = null;
  for (const line of lines) {
    for (let at = 0; at < line.length; at += 1) {
      const away = Math.hypot(line[at][0] - x, line[at][1] - y);
      if (away <= most && (!vertex || away < vertex.away)) vertex = { away, at: line[at] };
      if (at === 0) continue;
      const foot = footOf([x, y], line[at - 1], line[at]);
      const off = Math.hypot(foot[0] - x, foot[1] - y);
      if (off <= most && (!side || off < side.away)) side = { away: off, at: foot };
    }
  }
  return (vertex || side || { at: [x, y] }).at.map((value) => Math.round(value * 100) / 100);
}

function footOf([x, y], [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const part = length ? Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length)) : 0;
  return [x0 + part * dx, y0 + part * dy];
}

/** Longitude and latitude of a pixel, between the places that the server gave for a lattice over the picture; null without one. */
export function between(lattice, [x, y], width, height) {
  const side = Math.round(Math.sqrt(lattice.length));
  if (side < 2) return null;
  const across = Math.min(Math.max((x / width) * (side - 1), 0), side - 1 - 1e-9);
  const down = Math.min(Math.max((y / height) * (side - 1), 0), side - 1 - 1e-9);
  const [column, row] = [Math.floor(across), Math.floor(down)];
  const [u, v] = [across - column, down - row];
  const corner = (right, below) => lattice[(row + below) * side + column + right];
  return [0, 1].map((axis) => (corner(0, 0)[axis] * (1 - u) + corner(1, 0)[axis] * u) * (1 - v) + (corner(0, 1)[axis] * (1 - u) + corner(1, 1)[axis] * u) * v);
}
