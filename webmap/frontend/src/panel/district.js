/** What the plan states for the whole district: baseline and target of each indicator, by domain. */
import { failure } from "./card.js";
import { pick } from "./card-model.js";
import { pairBars } from "./chart.js";
import { el, replace } from "../core/dom.js";
import { change, citeLabel, formatNumber, statedText, unitOf, withUnit, markOf } from "../core/format.js";

export function installDistrict(app) {
  const { panel } = app;
  const body = panel.bodies.district;
  let filled = false;
  const fill = async () => {
    if (filled) return;
    filled = true;
    replace(body, el("p", { class: "pm-loading", text: app.t("panels.loading") }));
    try {
      const { indicators } = await app.data.indicators();
      replace(body, districtPanel(app, indicators.filter((item) => item.origin === "stated")));
    } catch (error) {
      filled = false;
      replace(body, failure(app, fill));
      if (error.name !== "DataError") throw error;
    }
  };
  panel.onShow("district", fill);
  if (panel.isOpen() && panel.active === "district") fill();
}

function districtPanel(app, indicators) {
  const { t, lang } = app;
  if (!indicators.length) return el("p", { class: "pm-empty", text: t("panels.stated.none") });
  const domains = new Map();
  for (const item of indicators) {
    const domain = pick(item, "domain", lang);
    if (!domains.has(domain)) domains.set(domain, []);
    domains.get(domain).push(item);
  }
  const years = yearsOf(indicators);
  return [
    el("header", { class: "pm-overlay-head" }, [
      el("h2", { text: t("panels.stated.title") }),
      el("p", { class: "pm-sub" }, [el("span", { text: t("panels.stated.lead", { count: indicators.length, ...years }) })]),
      key(app, indicators, years),
    ]),
    [...domains].map(([name, items]) =>
      el("section", { class: "pm-domain" }, [el("h3", {}, [el("bdi", { text: name })]), el("ol", { class: "pm-stated-list" }, items.map((item) => el("li", {}, [statedBlock(app, item)])))]),
    ),
    el("p", { class: "pm-foot", text: t("panels.stated.scale_note") }),
  ];
}

function yearsOf(indicators) {
  const year = (role) => indicators.map((item) => item[role] && item[role].year).find(Boolean) || "";
  const target = year("target");
  // The baseline year of most; single ones of another year carry a mark.
  const counts = new Map();
  for (const item of indicators) if (item.baseline?.year) counts.set(item.baseline.year, (counts.get(item.baseline.year) || 0) + 1);
  const base = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] || "";
  return { base, target };
}

function key(app, indicators, { base, target }) {
  const { t } = app;
  const entry = (role, text) => el("li", {}, [el("span", { class: `pm-key pm-key-${role}` }), el("span", { text })]);
  const star = indicators.map(starYear).find(Boolean);
  const hasRange = indicators.some((item) => [item.baseline, item.target].some((row) => row && Number.isFinite(row.low)));
  return el("ul", { class: "pm-keys" }, [
    entry("baseline", t("panels.stated.key_baseline", { year: base })),
    entry("target", t("panels.stated.key_target", { year: target })),
    hasRange ? entry("range", t("panels.stated.key_range")) : null,
    star ? el("li", { text: t("panels.stated.baseline_2019", { year: star }) }) : null,
  ]);
}

/** The year that a baseline's mark speaks of (flag `baseline_2019` gives 2019), or null. */
export function starYear(indicator) {
  const flags = [...(indicator.flags || []), indicator.baseline?.flag || ""];
  const found = flags.map((flag) => /^baseline_(\d{4})$/.exec(flag)).find(Boolean);
  return found ? Number(found[1]) : null;
}

/** One stated indicator: name, property, clause, two bars, the figures, the change. */
export function statedBlock(app, indicator) {
  const { t, lang } = app;
  const unit = unitOf(indicator, lang);
  const { baseline, target } = indicator;
  const plan = app.config.plan || {};
  const star = starYear(indicator);
  const name = pick(indicator, "name", lang);
  const label = t("panels.stated.bars", {
    name,
    base: baseline?.year || plan.base_year || "",
    baseline: withUnit(statedText(baseline, lang), unit),
    end: target?.year || plan.target_year || "",
    target: withUnit(statedText(target, lang), unit),
  });
  const bars = pairBars(
    [
      { ...baseline, role: "baseline" },
      { ...target, role: "target" },
    ],
    { label },
  );
  return el("article", { class: "pm-stated" }, [
    el("header", { class: "pm-stated-head" }, [
      el("h4", {}, [el("bdi", { text: name }), " ", unit ? el("span", { class: "pm-unit", text: unit }) : null]),
      el("span", { class: "pm-stated-tags" }, [
        indicator.property ? el("span", { class: `pm-tag pm-tag-${indicator.property}`, text: t(`panels.stated.${indicator.property}`) }) : null,
        (indicator.cites || []).map((cite) => el("span", { class: "pm-chip", text: citeLabel(cite, t, lang) })),
      ]),
    ]),
    el("div", { class: `pm-stated-body${bars ? "" : " pm-stated-words"}` }, [
      bars ? el("div", { class: "pm-stated-bars" }, [bars]) : null,
      el("dl", { class: "pm-stated-figures" }, [figure(app, baseline, plan.base_year, star), figure(app, target, plan.target_year, null)]),
      changeNode(app, indicator),
    ]),
  ]);
}

/** Year and value; a value that the plan leaves open stands under the plan's own year. */
function figure(app, row, year, star) {
  const { t, lang } = app;
  const text = statedText(row, lang);
  const isWords = row && !Number.isFinite(row.value) && !Number.isFinite(row.low) && Boolean(row.text);
  return [
    el("dt", { text: String(row?.year || year || "") }),
    el("dd", { class: isWords ? "pm-words" : "" }, [
      text === "—" ? el("span", { class: "pm-none", text: t("panels.stated.not_given") }) : el("bdi", { text }),
      star ? el("span", { class: "pm-star", text: markOf(1), title: t("panels.stated.star_title", { year: star }) }) : null,
    ]),
  ];
}

function changeNode(app, indicator) {
  const { t, lang } = app;
  const { kind, value } = change(indicator.baseline, indicator.target, indicator.unit);
  if (kind === "none") return el("p", { class: "pm-stated-change" });
  // Points inherit the decimals of the figures themselves; a ratio of rounded figures bears one.
  const text = formatNumber(Math.abs(value), lang, kind === "ratio" ? 1 : null);
  const sign = value > 0 ? "+" : value < 0 ? "\u2212" : "±";
  return el("p", { class: "pm-stated-change", title: t("panels.stated.change"), text: t(`panels.stated.${kind}`, { value: `${sign}${text}` }) });
}
