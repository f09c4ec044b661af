import assert from "node:assert/strict";
import { test } from "node:test";
import { figureUrl, leavesOut, paperSize, previewDpi } from "../src/tools/figure-url.js";

const NOW = { view: "overview", form: "map", layers: null, indicator: undefined, extent: null, filter: "", selection: null, paper: "A4", width: 150, height: 100, upright: false, dpi: 300, lang: "zh", title: "", grid: false, inset: false };

test("a figure of a view as it is says little", () => {
  assert.equal(figureUrl("/figures", NOW, "pdf"), "/figures/overview.pdf?paper=A4&lang=zh");
  assert.equal(figureUrl("/p/a/figures", NOW, "png"), "/p/a/figures/overview.png?paper=A4&dpi=300&lang=zh");
});

test("everything on the screen goes along, escaped", () => {
  const all = { ...NOW, view: "a b", form: "zones", layers: ["zones", "x&y"], indicator: { id: "area_km2", level: "zone", method: "quantiles" }, extent: [120.1234567, 30, 120.5, 30.25], filter: "lead:%E5%8F%91;chapter:7", selection: "pole/xianghu", paper: "free", upright: true, title: "甲 & 乙", grid: true, inset: true, lang: "en" };
  const url = new URL(figureUrl("/figures", all, "svg", { download: true }), "http://host");
  assert.equal(url.pathname, "/figures/a%20b.svg");
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    form: "zones", indicator: "area_km2:zone:quantiles", layers: "zones,x&y", extent: "120.12346,30,120.5,30.25", flt: "lead:%E5%8F%91;chapter:7", select: "pole/xianghu", paper: "150x100", grid: "1", inset: "1", title: "甲 & 乙", lang: "en", download: "1",
  });
  assert.ok(figureUrl("/figures", { ...NOW, indicator: null }, "pdf").includes("indicator=none"));
});

test("a preview has about as many pixels as are asked for", () => {
  assert.deepEqual(paperSize({ ...NOW, upright: true }), [210, 297]);
  assert.deepEqual(paperSize({ ...NOW, paper: "free", upright: true }), [150, 100]);
  assert.equal(paperSize({ ...NOW, paper: "free", width: 0 }), null);
  assert.equal(previewDpi(NOW, 1000), Math.round((1000 * 25.4) / 297));
  assert.equal(previewDpi({ ...NOW, paper: "A0" }, 1000), 36);
});

test("typed bounds and the year observed go along where one indicator is shown; what a figure has not is told", () => {
  const seen = { id: "t2-03", level: "township", method: "typed", show: "observed", period: "2023", look: "at~2~5.5!keep~0" };
  const asked = (form, indicator = seen) => new URL(figureUrl("/f", { ...NOW, form, indicator }, "pdf"), "http://host").searchParams;
  assert.deepEqual(["map", "years", "indicators", "lines"].map((form) => [asked(form).get("bounds"), asked(form).get("year")]), [["2,5.5", "2023"], ["2,5.5", null], [null, null], [null, null]]);
  assert.equal(asked("map", { ...seen, method: "quantiles" }).get("bounds"), null);
  assert.equal(asked("map").get("indicator"), "t2-03:township");
  assert.deepEqual([seen, null, { ...seen, look: "as~two" }, { ...seen, period: "2023Q1" }, { ...seen, show: "scenario", period: "s1" }].map(leavesOut), [false, false, true, true, true]);
});
