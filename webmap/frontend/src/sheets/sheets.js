/**
 * Scanned maps on the map: here is who keeps them for the rest of the page; the list in the sidebar and the pictures come
 * with their program. `app.scans`: `text()` for links ("" none), `set(text)`, `pending`. There is none without scans.
 */
import { bringing } from "../core/bringing.js";

export function installScans(app) {
  if (!app.config.scans) return null;
  let made = null;
  const bring = bringing(app, ({ ScansTool }) => (made ||= new ScansTool(app)).load().then(() => made));
  const scans = {
    pending: Promise.resolve(),
    text: () => (made ? made.text() : ""),
    set(text) {
      if (text !== scans.text()) scans.pending = bring().then((one) => one.set(text), () => {});
      return scans.pending;
    },
  };
  const tree = document.querySelector("#pm-tree .pm-tree");
  if (tree) app.on("ready", () => bring().then((one) => one.furnish(tree), () => {}));
  return { scans };
}
