/** Several features in a popup, as a list of buttons. */
import { popup } from "leaflet/src/layer/Popup.js";
import { el } from "../core/dom.js";
import { swatch } from "./swatch.js";

/** Open the list of some views at a place of the map. */
export function openFeatureList(app, { title, views, latlng }) {
  const content = el("div", { class: "pm-cluster-list" }, [el("h3", { text: title }), featureList(app, views)]);
  popup({ className: "pm-popup", maxHeight: 260, minWidth: 200, offset: [0, -6] }).setLatLng(latlng).setContent(content).openOn(app.map);
}

function featureList(app, views) {
  const items = views.map((view) =>
    el("li", {}, [
      el(
        "button",
        {
          type: "button",
          class: "pm-feature",
          "data-id": view.id,
          onclick: () => {
            app.map.closePopup();
            app.select(view.id);
          },
          onmouseenter: () => app.hover(view.id),
          onmouseleave: () => app.hover(null),
        },
        [swatch(view.kind, { shape: view.kind?.geometry, status: app.statuses.get(view.properties.status), basis: view.basis, width: 22, height: 14 }), el("bdi", { class: "pm-feature-name", text: app.name(view.properties) })],
      ),
    ]),
  );
  return el("ul", { class: "pm-features" }, items);
}
