/**
 * Icons as path data. The page brings those of the kinds that it shows first, the rest comes later: an icon that has been
 * drawn before its path is there gets it then.
 */
const paths = new Map();
let waiting = [];
let whole = false;

/** Take in path data by name; `all`: there are no others. */
export function setIcons(table, { all = false } = {}) {
  for (const [name, path] of Object.entries(table)) paths.set(name, path);
  whole ||= all;
  const before = waiting;
  waiting = [];
  for (const [node, name] of before) giveIcon(node, name);
}

/** Is there such an icon, or may it still come? */
export const mayHave = (name) => paths.has(name) || !whole;

/** Give a path its icon's data, at once or when it comes. */
export function giveIcon(node, name) {
  if (paths.has(name)) node.setAttribute("d", paths.get(name));
  else if (!whole) waiting.push([node, name]);
}
