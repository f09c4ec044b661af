/** The zones and townships by id, and the copying and telling that several panels need. */

import { el } from "./dom.js";

const LONG = 240;

/** Text of the plan as an element: its writing direction stays its own, and what is endless scrolls. */
export function words(text) {
  return el("bdi", { class: String(text).length > LONG ? "pm-long" : null, text });
}

/** The layer that shows a kind, or undefined: `layerOf(app, "zone").id`. */
export function layerOf(app, kind) {
  return (app.config.layers || []).find((layer) => (layer.kinds || []).includes(kind));
}

/**
 * Zones and townships as `Map(id → properties)`; a level whose layer cannot be read is left out. Of one that is too large to be
 * read whole those that a feature names.
 */
export async function loadPlaces(app, properties) {
  const levels = ["zone", "township"].filter((kind) => layerOf(app, kind));
  const ids = [...new Set(levels.map((kind) => layerOf(app, kind)).filter((layer) => !layer.tiles).map((layer) => layer.id))];
  const named = levels.filter((kind) => layerOf(app, kind).tiles).flatMap((kind) => (properties[kind] || []).map((slug) => `${kind}/${slug}`));
  const single = Promise.all(named.map((id) => app.data.feature(id).catch(() => null))).then((found) => ({ features: found.filter(Boolean) }));
  const payloads = await Promise.allSettled([single, ...ids.map((id) => app.data.layer(id))]);
  const places = new Map();
  for (const payload of payloads) {
    for (const feature of payload.status === "fulfilled" ? payload.value.features : []) {
      places.set(feature.id ?? feature.properties.id, feature.properties);
    }
  }
  return places;
}

/** Say something in passing, for eyes and screen readers. */
export function notify(app, text) {
  if (app.toast) {
    app.toast(text);
    return;
  }
  const node = document.getElementById("pm-toast");
  if (!node) return;
  node.textContent = text;
  node.classList.add("pm-toast-on");
  clearTimeout(node.pmTimer);
  node.pmTimer = setTimeout(() => node.classList.remove("pm-toast-on"), 2400);
}

/** Put text on the clipboard; resolves to whether that went well. The old way serves where the new one is barred. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.setAttribute("readonly", "");
    field.className = "pm-visually-hidden";
    (document.querySelector("dialog[open]") || document.body).append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}
