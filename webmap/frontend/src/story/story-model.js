/** A story's steps as commands for the map in its frame, and which step the reader is at. Pure; `../story.js` has the page's side. */

/** What the map has to be told so that it shows a step: in an order in which nothing undoes what came before. */
export function commandsOf({ view, bounds, layers, indicator, year, select }) {
  const commands = [
    { command: "setView", view, bounds },
    { command: "setLayers", layers },
    indicator ? { command: "setIndicator", indicator: indicator.id, level: indicator.level } : { command: "setIndicator", indicator: null },
  ];
  if (indicator && year) commands.push({ command: "setTime", year });
  commands.push({ command: "select", feature: select, card: false });
  return commands;
}

/** The last step whose head has come above the line; the first while none has. `tops` from the first on, pixels of the window. */
export function stepAt(tops, line) {
  let found = 0;
  tops.forEach((top, at) => {
    if (top <= line) found = at;
  });
  return found;
}

/** Where a key leads from a step; null when it leads nowhere. */
export function keyed({ key, ctrlKey, metaKey, altKey, shiftKey }, at, count) {
  if (ctrlKey || metaKey || altKey || shiftKey) return null;
  const step = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[key];
  const to = step === undefined ? at : at + step;
  return to !== at && to >= 0 && to < count ? to : null;
}
