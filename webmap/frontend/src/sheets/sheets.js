/**
 * Scanned maps on the map: here is who keeps them for the rest of the page; the list in the sidebar and the pictures come
 * with their program. `app.scans`: `text()` for links ("" none), `set(text)`, `pending`. There is none without scans.
 */
export function installScans(app) {
  if (!app.config.scans) return null;
  let made = null;
  let coming = null;
  const bring = () => {
    coming ||= app.asked().then(
      ({ ScansTool }) => (made ||= new ScansTool(app)).load().then(() => made),
      (error) => {
        coming = null;
        app.toast(app.t("map.part_failed"));
        throw error;
      },
    );
    return coming;
  };
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
