/** Addresses of the pages for reading; null where there are none: in an embed, and in a file without a server. */
import { owns } from "./own.js";
import { clauseOf } from "./filter-model.js";

export function linksOf(app) {
  const { config } = app;
  const list = config.mode === "full" && config.urls && config.urls.list;
  if (!list) return null;
  const [path, query] = list.split("?");
  const root = path.replace(/\/list$/, "");
  const suffix = query ? `?${query}` : "";
  const boxes = (config.outline && config.outline.boxes) || {};
  const known = new Set(((config.outline && config.outline.chapters) || []).map((chapter) => chapter.id));
  const parts = (text) => String(text).split("/").map(encodeURIComponent).join("/");
  return {
    feature: (id) => `${root}/feature/${parts(id)}${suffix}`,
    lead: (unit) => `${root}/lead/${parts(unit)}${suffix}`,
    list: (params) => `${root}/list?${new URLSearchParams([...Object.entries(params), ...new URLSearchParams(query || "")])}`,
    /** The clause's place on its chapter's page, or null where the outline does not know it. */
    clause(cite) {
      const { chapter } = clauseOf(cite, boxes);
      return known.has(chapter) ? `${root}/chapter/${chapter}${suffix}#${encodeURIComponent(cite)}` : null;
    },
  };
}

/** The name of a lead unit in the page's language, as far as the plan gives it. */
export function leadName(app, unit) {
  const names = (app.config.outline && app.config.outline.leads) || {};
  return owns(names, unit) ? names[unit] : unit;
}
