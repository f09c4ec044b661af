/**
 * An embed is a guest on somebody's page: the wheel and a single finger scroll that page. The map zooms with
 * Ctrl or ⌘ and the wheel, with two fingers, and once somebody has clicked into it, until the pointer leaves.
 */
const WORD_MS = 1600;

export function installFramed(app) {
  if (app.config.mode !== "embed" || window.parent === window) return;
  const { map } = app;
  const box = map.getContainer();
  let engaged = false;
  let told = 0;
  const tell = (key) => {
    if (Date.now() - told < WORD_MS) return;
    told = Date.now();
    app.toast(app.t(key, { key: /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl" }), WORD_MS);
  };
  box.addEventListener("pointerdown", ({ pointerType }) => (engaged = pointerType !== "touch"));
  document.documentElement.addEventListener("mouseleave", () => (engaged = false));
  window.addEventListener("blur", () => (engaged = false));
  // On the way down to the map, before Leaflet hears of it.
  box.parentElement.addEventListener(
    "wheel",
    (event) => {
      if (engaged || event.ctrlKey || event.metaKey) return;
      event.stopPropagation();
      tell("map.embed.wheel");
    },
    { capture: true, passive: true },
  );
  if (!window.matchMedia("(pointer: coarse)").matches) return;
  map.dragging.disable();
  box.addEventListener("touchmove", ({ touches }) => touches.length === 1 && tell("map.embed.touch"), { passive: true });
}
