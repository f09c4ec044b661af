/**
 * What is drawn but not meant: features that a filter leaves out, and symbols that a cluster stands for. They keep
 * their place in their layer and are hidden (points) or dimmed (lines and areas); nothing points at them or names them.
 */
export function installVeil(app) {
  const reasons = new Map();
  let dimmed = false;
  const has = (id, reason) => (reason ? Boolean(reasons.get(reason)?.has(id)) : [...reasons.values()].some((ids) => ids.has(id)));
  const apply = () => {
    const any = [...reasons.values()].some((ids) => ids.size > 0);
    if (!any && !dimmed) return;
    dimmed = any;
    for (const id of app.layers.visible()) {
      for (const item of app.layers.entry(id).drawn?.items || []) {
        const node = item.layer.getElement && item.layer.getElement();
        if (node) node.classList.toggle(item.view.shape === "point" ? "pm-veiled" : "pm-dimmed", has(item.view.id));
      }
    }
  };
  const veil = {
    has,
    /** Replace the features veiled for a reason. */
    set(reason, ids) {
      const old = reasons.get(reason);
      if (old && old.size === ids.size && [...ids].every((id) => old.has(id))) {
        apply();
        return;
      }
      reasons.set(reason, ids);
      apply();
    },
  };
  // Symbols are made anew as they grow, paths as their layer is switched on.
  app.map.on("zoomend", apply);
  app.on("layers", apply);
  app.on("paint", apply);
  return { veil };
}
