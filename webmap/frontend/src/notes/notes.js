/**
 * Notes on the map: here is who keeps them for the rest of the page; drawing and the tool come when there are any, or
 * when somebody asks for them. `app.notes`: `text()` for links ("" none, null too many for one), `set(text)`, `list()`,
 * `file()`, `pending`. Event "notes" when they change.
 */
import { bringing } from "../core/bringing.js";

export function installNotes(app) {
  let made = null;
  const bring = bringing(app, ({ Notes }) => (made ||= new Notes(app)));
  const notes = {
    pending: Promise.resolve(),
    text: () => (made ? made.text() : ""),
    list: () => (made ? made.list() : []),
    file: () => (made ? made.file() : null),
    set(text) {
      if (text !== notes.text()) notes.pending = bring().then((one) => one.set(text), () => {});
      return notes.pending;
    },
    toggle: (button) => bring().then((one) => one.toggle(button), () => {}),
  };
  // A stand-alone file may carry some.
  const carried = document.getElementById("pm-notes");
  if (carried) notes.pending = bring().then((one) => one.open(carried.textContent), () => {});
  return { notes };
}
