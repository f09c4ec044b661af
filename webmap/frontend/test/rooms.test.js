/** The rooms of the page's program: what each may import, see DESIGN.md, "Rooms". */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SRC = join(dirname(fileURLToPath(import.meta.url)), "..", "src");

/** A room imports from itself and from these; files beside the rooms (`main.js`) put the parts together. */
const MAY = {
  core: [],
  map: ["core"],
  names: ["core", "map"],
  tools: ["core", "map"],
  notes: ["core", "map"],
  sheets: ["core", "map"],
  own: ["core", "map"],
  sidebar: ["core", "map"],
  panel: ["core", "map"],
  compare: ["core", "map"],
  story: [],
  scans: ["core", "map"],
};

/** Modules that a source imports, `[from, to]` as rooms ("" beside the rooms). */
function imports(file, source) {
  const own = relative(SRC, file).split(sep);
  const found = [...source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']+)["']/g)].map((match) => match[1]);
  return found.map((path) => relative(SRC, join(dirname(file), path)).split(sep)).map((to) => [room(own), room(to)]);
}

const room = (parts) => (parts.length > 1 ? parts[0] : "");
const forbidden = ([from, to]) => from && from !== to && !MAY[from]?.includes(to);

test("no room imports from another than it may", () => {
  const files = readdirSync(SRC, { recursive: true }).map(String).filter((name) => name.endsWith(".js"));
  assert.ok(files.length > 40);
  const found = files.flatMap((name) => imports(join(SRC, name), readFileSync(join(SRC, name), "utf8")).filter(forbidden).map((pair) => `${name}: ${pair.join(" -> ")}`));
  assert.deepEqual(found, []);
});

test("a forbidden import would be seen, a loaded one too", () => {
  const source = 'import { a } from "../panel/card.js";\nconst b = await import("../map/draw.js");\nimport c from "leaflet";\nimport "../main.js";';
  assert.deepEqual(imports(join(SRC, "core", "x.js"), source).filter(forbidden), [["core", "panel"], ["core", "map"], ["core", ""]]);
  assert.deepEqual(imports(join(SRC, "tools", "x.js"), source).filter(forbidden), [["tools", "panel"], ["tools", ""]]);
});

test("every folder is a room", () => {
  const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  assert.deepEqual(folders.filter((name) => name !== "styles" && !(name in MAY)), []);
});

/** What hangs something on `app`: only the object itself and those that put the page together may. */
const HANGS = /\bapp\.\w+\s*(?:\|\||\?\?|&&)?=(?![=>])|Object\.assign\((?:this\.)?app\b|\bapp\.take\(/g;
const MAKERS = new Set(["main.js", "rest.js", join("core", "app.js")]);

test("the app object is made whole in one place, its parts are passed in", () => {
  const files = readdirSync(SRC, { recursive: true }).map(String).filter((name) => name.endsWith(".js"));
  const found = files.filter((name) => !MAKERS.has(name)).flatMap((name) => (readFileSync(join(SRC, name), "utf8").match(HANGS) || []).map((what) => `${name}: ${what}`));
  assert.deepEqual(found, []);
  const wrong = ["app.labels = {", "this.app.busy = true;", "app.panel ||= x", "Object.assign(app, x)", "app.take(x)"];
  assert.deepEqual(wrong.filter((text) => !text.match(HANGS)), []);
  assert.deepEqual(["app.indicator === null", "app.filters.chosen = 1", "(app.busy ? a : b)"].filter((text) => text.match(HANGS)), []);
});
