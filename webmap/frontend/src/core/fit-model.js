/**
 * How the map is fitted to its view, as arithmetic: what the first picture and the map have in common. Lengths are
 * pixels of the zoom level `zoom` unless said otherwise; a box is `[x, y, x, y]`, low ones first.
 */

/** Steps of the zoom that the map is fitted to, as Leaflet rounds them. */
export function snapped(zoom, snap) {
  const fine = snap / 100;
  return Math.floor((Math.round(zoom / fine) * fine) / snap) * snap;
}

/**
 * Where the map looks when a box is fitted into it: `{zoom, scale, x, y}`, the centre in pixels of the new zoom level from
 * the box's own origin; `scale` is of that level against the box's.
 *
 * @param fit the box, in pixels of `zoom`
 * @param size of the map, `{x, y}` in pixels
 * @param room kept free at its edges, `{left, top, right, bottom}`
 */
export function fitted({ fit, zoom, size, room, snap, most }) {
  const [left, top, right, bottom] = fit;
  const across = (size.x - room.left - room.right) / (right - left);
  const down = (size.y - room.top - room.bottom) / (bottom - top);
  const wished = zoom + Math.log(Math.min(across, down)) / Math.LN2;
  const found = Math.min(most, Math.max(0, snapped(wished, snap)));
  const scale = 2 ** (found - zoom);
  const x = ((left + right) / 2) * scale + (room.right - room.left) / 2;
  const y = ((top + bottom) / 2) * scale + (room.bottom - room.top) / 2;
  return { zoom: found, scale, x, y };
}

/** The centre nearest to the wished one whose view lies in the frame; where none does, one in the `core`. */
export function limited(at, half, frame, core) {
  const clamp = (axis, low, high) => {
    const fits = frame[high] - frame[low] >= 2 * half[axis];
    const [from, to] = fits ? [frame[low] + half[axis], frame[high] - half[axis]] : [core[low], core[high]];
    return Math.min(to, Math.max(from, at[axis]));
  };
  return { x: clamp("x", 0, 2), y: clamp("y", 1, 3) };
}

/** What tools and controls take of the map's edges, as the style sheet says it of its box or what is in it, in pixels. */
export function roomSaid(node) {
  const style = getComputedStyle(node);
  const said = (name) => parseFloat(style.getPropertyValue(`--fit-${name}`)) || 0;
  return { left: said("left"), right: said("right"), bottom: said("bottom") };
}
