/** What the panel's parts need before they have come: the panel opens for a feature, and says that something has failed. */
import { el } from "../core/dom.js";

/**
 * The card comes forward, unless the reader is comparing units in the indicator table. A feature that was
 * in sight stays so beside the opened panel.
 */
export function openFor(app, feature) {
  const { panel } = app;
  const comparing = panel.isOpen() && panel.active === "indicators" && app.indicator && feature.properties.kind === app.indicator.level;
  if (comparing) return;
  const [lng, lat] = feature.properties.label || [];
  const seen = lat !== undefined && app.map.getBounds?.().contains([lat, lng]);
  panel.open("feature", { still: true });
  if (seen && !app.restoring) app.map.panInside([lat, lng], { ...app.fitPadding(), animate: false });
}

export function failure(app, again) {
  const { t } = app;
  return el("div", { class: "pm-failed", role: "alert" }, [
    el("p", { text: t("panels.failed") }),
    el("button", { type: "button", class: "pm-link", text: t("panels.retry"), onclick: again }),
  ]);
}
