/**
 * The plan's views. Changing the view is no new page: what somebody looks at and has selected stays where the new
 * view shows it.
 */
import { media } from "../core/breakpoints.js";

export function installViews(app) {
  const { config } = app;
  const views = Array.isArray(config.views) ? config.views : Object.values(config.views || {});
  const nav = document.getElementById("pm-views");
  const reflect = () => {
    for (const link of nav ? nav.querySelectorAll("[data-view]") : []) {
      if (link.dataset.view !== config.view.id) link.removeAttribute("aria-current");
      else if (!link.hasAttribute("aria-current")) {
        link.setAttribute("aria-current", "page");
        link.scrollIntoView({ block: "nearest", inline: "center" });
      }
    }
    document.title = [app.name(config.view), app.text(config.plan, "short_title")].filter(Boolean).join(" · ");
  };
  /** Take another view for the one that is open, its layers not yet shown; says whether there is such a one. */
  const useView = (id) => {
    const record = views.find((view) => view.id === id);
    if (!record) return false;
    config.view = { ...record };
    app.layers.openWith(record.layers || []);
    reflect();
    app.emit("view", id);
    return true;
  };
  const setView = async (id) => {
    const untouched = app.untouched();
    if (id === config.view?.id || !useView(id)) return;
    // The shading first: taking one away also takes the layers away that it had brought.
    openView({ selection: app.selected });
    await app.layers.setAll(app.layers.initial());
    const selected = app.selected && app.layers.featureLayer(app.selected);
    if (app.selected && !app.layers.isVisible(selected)) await app.select(null);
    if (untouched || !shows(config.view, app.map)) app.fitView();
    app.emit("state");
  };
  /** What the open view brings along, where the address does not say otherwise. */
  const openView = (asked) => {
    const { view } = config;
    if (!view) return;
    const embed = config.mode === "embed";
    if (asked.indicator === undefined) {
      app.setIndicator(view.indicator ? { id: view.indicator, level: view.level || "zone", method: view.method || "quantiles", ...(view.show ? { show: view.show, period: view.period || "" } : {}) } : null);
      if (view.indicator && !embed && media("spacious").matches) app.panel?.open("indicators");
    }
    if (asked.selection === undefined && view.select) app.select(view.select, { quiet: embed });
  };
  nav?.addEventListener("click", (event) => {
    const link = event.target.closest("[data-view]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    setView(link.dataset.view);
  });
  return { useView, setView, openView };
}

/** Does the map look at what the view is about? */
function shows(view, map) {
  const [[south, west], [north, east]] = view.bounds;
  const { lat, lng } = map.getCenter();
  return lat >= south && lat <= north && lng >= west && lng <= east;
}
