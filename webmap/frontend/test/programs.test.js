/** The map's program in four files, see `programs.mjs`. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { compile } from "../build.mjs";
import { createPrograms } from "../src/core/programs.js";

const SRC = join(dirname(fileURLToPath(import.meta.url)), "..", "src");

test("what an earlier program has is not in a later one, which takes it from there", async () => {
  const files = new Map((await compile()).map(([path, content]) => [basename(path), content.toString("utf8")]));
  const names = ["planmap.js", "rest.js", "soon.js", "asked.js"];
  // A text of Leaflet's map, of our drawing, of a list of symbols, of the tree, of a dialog, of its tiles: each in one of the four.
  const where = (text) => names.filter((name) => files.get(name).includes(text));
  assert.deepEqual(where("Map container not found."), ["planmap.js"]);
  assert.deepEqual(where("pm-pane-"), ["planmap.js"]);
  assert.deepEqual(where("pm-cluster-list"), ["soon.js"]);
  assert.deepEqual(where("pm-card-title"), ["soon.js"]);
  assert.deepEqual(where("pm-group-list-"), ["rest.js"]);
  assert.deepEqual(where("panels.embed.title"), ["asked.js"]);
  assert.deepEqual(where("leaflet-tile-container"), ["asked.js"]);
  assert.deepEqual(where("http://www.w3.org/2000/svg"), ["planmap.js"]);
  for (const [later, earlier] of [["rest.js", /planmap\.shared\[\d+\]/], ["soon.js", /planmapRest\.shared\[\d+\]/], ["asked.js", /planmapRest\.shared\[\d+\]/]]) assert.match(files.get(later), earlier);
  assert.deepEqual(names.filter((name) => /planmapTake|planmap-taken/.test(files.get(name))), []);
});

test("a program comes once, and is asked for again when it has failed", async () => {
  const asked = [];
  let fail = true;
  globalThis.window = {};
  globalThis.document = {
    createElement: () => ({ remove() {} }),
    head: {
      append(node) {
        asked.push(node.src);
        if (!fail) globalThis.window[node.src === "/soon.js" ? "planmapSoon" : "planmapAsked"] = { find: 1 };
        queueMicrotask(fail ? node.onerror : node.onload);
      },
    },
  };
  globalThis.window.planmapRest = {};
  globalThis.fetch = async () => ({ ok: true, json: async () => ({ "notes.late": "b", early: "c" }) });
  const messages = { early: "a" };
  const programs = createPrograms({ urls: { soon: "/soon.js", asked: "/asked.js", words: "/words.json" }, messages });
  await assert.rejects(programs.asked(), /(soon|asked)\.js/);
  fail = false;
  const [first, second] = await Promise.all([programs.asked(), programs.asked()]);
  assert.equal(first, second);
  assert.deepEqual(first, { find: 1 });
  // The words come along, and say nothing anew.
  assert.deepEqual(messages, { "notes.late": "b", early: "a" });
  // Both at once, in the order in which they run.
  assert.deepEqual(asked, ["/soon.js", "/asked.js", "/soon.js", "/asked.js"]);
  delete globalThis.fetch;
  delete globalThis.window;
  delete globalThis.document;
});

test("a program that has run is not there before its style sheet and its words", async () => {
  const nodes = [];
  globalThis.window = { planmapRest: {} };
  globalThis.document = { createElement: () => ({ remove() {} }), head: { append: (node) => nodes.push(node) } };
  let say = null;
  globalThis.fetch = () => new Promise((done) => (say = done));
  const { soon } = createPrograms({ urls: { soon: "/soon.js", soon_style: "/soon.css", words: "/words.json" }, messages: {} });
  const found = [];
  soon().then((parts) => found.push(parts));
  globalThis.window.planmapSoon = { one: 1 };
  nodes.find((node) => node.src).onload();
  soon().then((parts) => found.push(parts));
  const turn = () => new Promise((done) => setTimeout(done));
  await turn();
  assert.deepEqual(found, []);
  nodes.find((node) => node.href).onload();
  await turn();
  assert.deepEqual(found, []);
  say({ ok: true, json: async () => ({}) });
  await turn();
  assert.deepEqual(found, [{ one: 1 }, { one: 1 }]);
  for (const name of ["window", "document", "fetch"]) delete globalThis[name];
});

test("nothing of Leaflet is used that src/leaflet.js leaves out", () => {
  const offered = new Set(/export default \{([^}]*)\}/.exec(readFileSync(join(SRC, "leaflet.js"), "utf8"))[1].split(",").map((name) => name.trim()));
  const used = readdirSync(SRC, { recursive: true }).map(String).filter((name) => name.endsWith(".js")).flatMap((name) => {
    const source = readFileSync(join(SRC, name), "utf8");
    return source.includes('import L from "leaflet"') ? [...source.matchAll(/(?<![\w.])L\.(\w+)/g)].map(([, what]) => [name, what]) : [];
  });
  assert.ok(used.length > 40);
  assert.deepEqual(used.filter(([, what]) => !offered.has(what)).map((pair) => pair.join(": ")), []);
});
