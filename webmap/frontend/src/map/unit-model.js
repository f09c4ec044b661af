/** Which features are only known to which area, and where the areas' marks stand. Pure; the drawing is in `units.js`. */

export const MARK_HEIGHT = 18;
const GAP = 3;

/** Width in pixels of the mark with a number. */
export const markWidth = (count) => 15 + 6.5 * String(count).length;

/** `[{unit, members}]` of views by their property `unit`, in the order in which the units come. */
export function byUnit(views) {
  const units = new Map();
  for (const view of views) {
    const { unit } = view.properties;
    if (!units.has(unit)) units.set(unit, []);
    units.get(unit).push(view);
  }
  return [...units].map(([unit, members]) => ({ unit, members }));
}

/** Marks `[{x, y, width}]` moved down, one after another, until none lies on another. */
export function spread(marks) {
  const done = [];
  for (const mark of marks) {
    let { y } = mark;
    const hit = () => done.find((other) => Math.abs(other.x - mark.x) < (other.width + mark.width) / 2 + GAP && Math.abs(other.y - y) < MARK_HEIGHT + GAP);
    for (let other = hit(); other; other = hit()) y = other.y + MARK_HEIGHT + GAP;
    done.push({ ...mark, y });
  }
  return done;
}
