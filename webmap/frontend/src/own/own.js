/**
 * Own data on the map: here is who keeps them for the rest of the page. Reading a file comes when somebody drops or chooses one, or a
 * link brings some along. `app.own`: `text()` for links ("" none, null too many for one), `set(text)`, `name`, `choose()`, `remove()`.
 * Nothing of it leaves the browser but in links that somebody makes.
 */
import { bringing } from "../core/bringing.js";

export function installOwn(app) {
  let made = null;
  const bring = bringing(app, ({ OwnData }) => (made ||= new OwnData(app)));
  const own = {
    text: () => (made ? made.text() : ""),
    has: () => Boolean(made?.data),
    title: () => made?.data?.title || "",
    set: (text) => (text === own.text() ? Promise.resolve() : bring().then((one) => one.set(text), () => {})),
    choose: () => bring().then((one) => one.choose(), () => {}),
    open: (file) => bring().then((one) => one.open(file), () => {}),
    remove: () => made?.remove(),
  };
  if (app.config.mode !== "embed") listen(app, own);
  return { own };
}

/** A file over the map: the map says that it may be dropped; anywhere else nothing happens to the page. */
function listen(app, own) {
  const place = document.getElementById("pm-map") || app.map.getContainer();
  const carries = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  const mark = (on) => place.classList.toggle("pm-dropping", on);
  place.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    mark(true);
  });
  place.addEventListener("dragleave", (event) => !place.contains(event.relatedTarget) && mark(false));
  place.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    mark(false);
    if (event.dataTransfer.files.length) own.open(event.dataTransfer.files[0]);
  });
}
