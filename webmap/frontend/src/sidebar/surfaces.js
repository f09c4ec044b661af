/** Accessibility surfaces in the sidebar: which one is shown, how strongly, what its colours mean and what it rests on. */
import { el, replace } from "../core/dom.js";

export function installSurfaceChoice(app) {
  const root = document.getElementById("pm-sidebar");
  const { surfaces, t } = app;
  if (!root || !surfaces) return;
  const select = el("select", { id: "pm-surface", class: "pm-select", onchange: () => surfaces.show(select.value || null) }, [
    el("option", { value: "", text: t("surfaces.none") }),
    surfaces.list.map((record) => el("option", { value: record.id, text: record.name })),
  ]);
  const slider = el("input", { type: "range", min: 10, max: 100, step: 5, id: "pm-surface-opacity", class: "pm-range", oninput: () => surfaces.show(surfaces.shown, Number(slider.value) / 100) });
  const output = el("output", { for: slider.id });
  const about = el("div", { class: "pm-surface-about", hidden: true });
  const opacity = el("div", { class: "pm-opacity" }, [el("label", { for: slider.id, text: t("surfaces.opacity") }), slider, output]);
  const key = el("div");
  about.append(key, opacity);
  const section = el("section", { class: "pm-section pm-section-surfaces", "aria-labelledby": "pm-surfaces-title" }, [
    el("div", { class: "pm-section-head" }, el("h2", { id: "pm-surfaces-title" }, el("label", { for: select.id, text: t("surfaces.title") }))),
    el("div", { class: "pm-section-body" }, [select, about]),
  ]);
  root.append(section);
  const reflect = () => {
    const record = surfaces.list.find((one) => one.id === surfaces.shown);
    const percent = Math.round(surfaces.opacity * 100);
    select.value = record ? record.id : "";
    about.hidden = !record;
    section.classList.toggle("pm-on", Boolean(record));
    slider.value = percent;
    output.textContent = `${percent}%`;
    if (record && key.dataset.id !== record.id) replace(key, explained(app, record));
    key.dataset.id = record ? record.id : "";
  };
  app.on("surface", reflect);
  reflect();
}

/** Colours with their words, what has to be known, and the way to more. */
function explained({ t }, record) {
  return [
    // On paper, where nothing is chosen.
    el("p", { class: "pm-surface-name" }, el("bdi", { text: record.name })),
    el("ul", { class: "pm-surface-key" }, record.legend.map(({ color, text }) => el("li", {}, [el("span", { class: "pm-surface-colour", style: { "background-color": color }, "aria-hidden": "true" }), text]))),
    record.said ? el("p", { class: "pm-surface-said" }, el("bdi", { text: record.said })) : null,
    record.page ? el("p", {}, el("a", { href: record.page, text: t("surfaces.more") })) : null,
  ];
}
