/** Which layers share a drawing surface. Pure; the drawing is in `sheet.js`. */

/**
 * The names of groups, low ones first, as runs that share a surface: one, or where areas are blended with what lies
 * below the plan (a base map), one for each run of the same sort. A large layer, drawn on a canvas, is a run by itself.
 */
export function runs(groups, blended) {
  const found = [];
  for (const group of groups) {
    const last = found[found.length - 1];
    if (last && !group.large && !last.large && (!blended || last.sort === group.sort)) last.names.push(group.name);
    else found.push({ sort: blended ? group.sort : "", names: [group.name], ...(group.large ? { large: true } : {}) });
  }
  return found;
}
