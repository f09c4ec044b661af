/** The table of points, the sentences about the fit, and the fields of the point that is selected. */
import { el, replace } from "../core/dom.js";

const digits = (value, count) => (value === null || value === undefined ? "–" : value.toFixed(count));

/** One row a point. */
export function showTable(body, points, fit, selected, t, act) {
  const told = fit ? fit.points : [];
  replace(body, points.map((point, at) => {
    const name = point.name || String(at + 1);
    const found = told[at];
    const where = point.ref || (point.place ? `${point.place[0].toFixed(5)}, ${point.place[1].toFixed(5)}` : "–");
    return el("tr", { class: point.id === selected ? "is-selected" : null, "data-point": point.id }, [
      el("th", { scope: "row" }, el("button", { type: "button", class: "scan-pick", "aria-pressed": String(point.id === selected), onclick: () => act.select(point.id) }, [el("span", { class: "scan-number", text: String(at + 1) }), point.name ? el("bdi", { text: point.name }) : null])),
      el("td", { text: point.px.map((value) => value.toFixed(1)).join(", ") }),
      el("td", {}, el("bdi", { text: where })),
      el("td", { text: found ? `${digits(found.residual_px, 1)} px · ${digits(found.residual_m, 1)} m` : "–" }),
      el("td", { text: found && found.left_out_m !== null ? `${digits(found.left_out_m, 1)} m` : "–" }),
      el("td", {}, el("button", { type: "button", class: "scan-delete", "aria-label": t("delete", { name }), onclick: () => act.remove(point.id), text: "×" })),
    ]);
  }));
}

/** What the fit says, or what is wrong. */
export function showSums(node, fit, faults, count, t) {
  if (!fit) {
    replace(node, [el("p", { text: t("few", { count }) }), faults.map((fault) => faultOf(fault))]);
    return;
  }
  const accuracy = fit.accuracy_m === null ? null : el("p", { class: "scan-accuracy" }, [el("strong", { text: `±${fit.accuracy_m.toLocaleString("en")} m` })]);
  replace(node, [accuracy, el("ul", { class: "scan-lines" }, fit.lines.map((text) => el("li", { text }))), fit.doubts.map((fault) => faultOf(fault))].flat());
}

export function faultOf({ where, text, remedy }) {
  return el("p", { class: "scan-doubt" }, [where ? el("code", { text: where }) : null, where ? " " : null, text, " ", el("span", { class: "soft", text: remedy })]);
}

const FIELDS = [
  ["name", "text", (point) => point.name || ""],
  ["px", "number", (point) => point.px[0]],
  ["py", "number", (point) => point.px[1]],
  ["ref", "text", (point) => point.ref || ""],
  ["lon", "number", (point) => (point.ref ? "" : point.at?.[0])],
  ["lat", "number", (point) => (point.ref ? "" : point.at?.[1])],
  ["accuracy", "number", (point) => point.accuracy_m],
];

/** Fields of the selected point; a change is given to `act.change`. Those that are there stay, so that nobody loses what is being typed. */
export function showFields(form, point, t, act) {
  form.hidden = !point;
  if (!point) {
    replace(form);
    form.dataset.point = "";
    return;
  }
  if (form.dataset.point !== String(point.id)) {
    form.dataset.point = String(point.id);
    const changed = () => act.change(Object.fromEntries(FIELDS.map(([name]) => [name, form.elements[name].value.trim()])));
    replace(form, el("div", { class: "admin-fields" }, FIELDS.map(([name, type]) => el("label", {}, [
      el("span", { text: t(name) }),
      el("input", { name, type, step: type === "number" ? "any" : null, maxlength: type === "text" ? 120 : null, autocomplete: "off", onchange: changed }),
    ]))));
  }
  for (const [name, , read] of FIELDS) {
    const input = form.elements[name];
    if (input !== document.activeElement) input.value = read(point) ?? "";
  }
}
