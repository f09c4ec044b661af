/** The map's program in three files, see `programs.mjs`. */
import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import { compile } from "../build.mjs";
import { createPrograms } from "../src/core/programs.js";

test("what an earlier program has is not in a later one, which takes it from there", async () => {
  const files = new Map((await compile()).map(([path, content]) => [basename(path), content.toString("utf8")]));
  const names = ["planmap.js", "rest.js", "asked.js"];
  // A text of Leaflet's map, of our drawing, of a list of symbols, of the tree, of a dialog, of its tiles: each in one of the three.
  const where = (text) => names.filter((name) => files.get(name).includes(text));
  assert.deepEqual(where("Map container not found."), ["planmap.js"]);
  assert.deepEqual(where("pm-pane-"), ["planmap.js"]);
  assert.deepEqual(where("pm-cluster-list"), ["rest.js"]);
  assert.deepEqual(where("pm-group-list-"), ["rest.js"]);
  assert.deepEqual(where("panels.embed.title"), ["asked.js"]);
  assert.deepEqual(where("leaflet-tile-container"), ["asked.js"]);
  assert.deepEqual(where("http://www.w3.org/2000/svg"), ["planmap.js"]);
  for (const [later, earlier] of [["rest.js", /planmap\.shared\[\d+\]/], ["asked.js", /planmapRest\.shared\[\d+\]/]]) assert.match(files.get(later), earlier);
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
        if (!fail) globalThis.window.planmapAsked = { find: 1 };
        queueMicrotask(fail ? node.onerror : node.onload);
      },
    },
  };
  const programs = createPrograms({ urls: { asked: "/asked.js" } });
  await assert.rejects(programs.asked(), /asked\.js/);
  fail = false;
  const [first, second] = await Promise.all([programs.asked(), programs.asked()]);
  assert.equal(first, second);
  assert.deepEqual(first, { find: 1 });
  assert.deepEqual(asked, ["/asked.js", "/asked.js"]);
  delete globalThis.window;
  delete globalThis.document;
});
