/** What the operator has every map say: a notice at its lower left corner, a watermark across it; on screen and on paper. */
import L from "leaflet";
import { el, svg } from "../core/dom.js";

const STEP_PX = 260;

export function installImprint(app) {
  const { imprint } = app.config;
  if (!imprint) return;
  const box = app.map.getContainer();
  if (imprint.watermark) {
    const id = "pm-watermark";
    const words = svg("text", { x: STEP_PX / 2, y: STEP_PX / 2, "text-anchor": "middle", "font-size": 26, transform: `rotate(-28 ${STEP_PX / 2} ${STEP_PX / 2})`, text: imprint.watermark });
    const pattern = svg("pattern", { id, width: STEP_PX, height: STEP_PX, patternUnits: "userSpaceOnUse" }, words);
    box.append(svg("svg", { class: "pm-watermark", "aria-label": imprint.watermark, role: "img" }, [svg("defs", {}, pattern), svg("rect", { width: "100%", height: "100%", fill: `url(#${id})` })]));
  }
  if (!imprint.notice) return;
  // The first control in its corner: what comes later stands above it.
  const Holder = L.Control.extend({ onAdd: () => el("p", { class: "pm-map-notice" }, [el("bdi", { text: imprint.notice })]) });
  new Holder({ position: "bottomleft" }).addTo(app.map);
  document.body.classList.add("pm-has-notice");
}
