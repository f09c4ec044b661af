/**
 * The parts that come when somebody asks for them: the card, indicators on the map, the district's figures, the dialog behind "share",
 * printing, what a page around the map has to say. Here is what asks: the panel's tabs, an indicator that is chosen, a button.
 */
import { el, replace } from "../core/dom.js";
import { failure, openFor } from "./opening.js";

export function installAsking(app) {
  installCardTab(app);
  installDistrictTab(app);
  installShare(app);
  // Printing cannot wait once it has begun: its part comes when the page is ready.
  app.on("ready", () => app.asked().then(({ installPrinting, installRemote }) => {
    installPrinting(app);
    // Who holds the map in a frame hears that it is there once it can be driven.
    if (app.config.remote && window.parent !== window) installRemote(app);
  }, () => {}));
  return { overlay: createOverlay(app) };
}

/** The card of what is selected. The panel opens at once: whoever zooms next has to know the room that is left. */
function installCardTab(app) {
  const { panel } = app;
  if (!panel) return;
  const body = panel.bodies.feature;
  let last = null;
  let show = null;
  let coming = null;
  const loading = () => replace(body, el("p", { class: "pm-loading", text: app.t("panels.loading") }));
  const bring = () => {
    if (show) return;
    coming ||= app.soon().then(
      ({ installCard }) => {
        show ||= installCard(app);
        show(last);
      },
      () => {
        coming = null;
        replace(body, failure(app, bring));
      },
    );
  };
  loading();
  const follow = (detail) => {
    last = detail;
    if (!detail.id) {
      if (panel.isOpen() && panel.active === "feature") panel.close();
    } else if (detail.feature && !detail.quiet) openFor(app, detail.feature);
    if (show) show(detail);
    else if (detail.id) bring();
  };
  app.on("select", follow);
  panel.onShow("feature", bring);
  app.on("ready", bring);
  // Somebody was faster than this program.
  if (app.selected) follow({ id: app.selected, feature: app.layers.view(app.selected)?.feature });
}

/** The indicators: `pending` settles when the last choice is on the map (or has failed and says so), `model` is what is shown. */
function createOverlay(app) {
  const panel = app.config.mode === "embed" ? null : app.panel;
  let made = null;
  let coming = null;
  const bring = () => {
    coming ||= app.asked().then(
      ({ Overlay }) => (made ||= new Overlay(app)),
      () => {
        coming = null;
        app.toast(app.t("map.part_failed"));
        if (panel) replace(panel.bodies.indicators, failure(app, bring));
      },
    );
    return coming;
  };
  const overlay = {
    pending: Promise.resolve(),
    get model() {
      return made ? made.model : null;
    },
  };
  app.on("indicator", (spec) => {
    if (spec || made) overlay.pending = bring().then(() => made?.pending);
  });
  if (panel) {
    replace(panel.bodies.indicators, el("p", { class: "pm-loading", text: app.t("panels.loading") }));
    panel.onShow("indicators", bring);
  }
  return overlay;
}

function installDistrictTab(app) {
  const { panel } = app;
  if (!panel || app.config.mode === "embed") return;
  const body = panel.bodies.district;
  let coming = null;
  const bring = () => {
    coming ||= app.asked().then(
      ({ installDistrict }) => installDistrict(app),
      () => {
        coming = null;
        replace(body, failure(app, bring));
      },
    );
  };
  panel.onShow("district", bring);
}

function installShare(app) {
  if (app.config.mode === "embed") return;
  const button = document.getElementById("pm-btn-share");
  if (!button) return;
  if (!app.config.urls?.embed) {
    button.hidden = true;
    return;
  }
  let dialog = null;
  button.addEventListener("click", async () => {
    try {
      const { EmbedDialog } = await app.asked();
      dialog ||= new EmbedDialog(app);
      dialog.open();
    } catch {
      app.toast(app.t("map.part_failed"));
    }
  });
}
