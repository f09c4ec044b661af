import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const STYLES = new URL("../src/styles/", import.meta.url);
/** Those of the reading pages; all others are the map's, but for first.css, of the picture over it. */
const PAGES = [...readFileSync(new URL("pages.css", STYLES), "utf8").matchAll(/"\.\/([\w-]+\.css)"/g)].map(([, name]) => name);

/** The selectors of rules outside any at-rule. */
function selectors(css) {
  const found = [];
  let depth = 0;
  let head = "";
  for (const letter of css.replace(/\/\*[\s\S]*?\*\//g, "")) {
    if (letter === "{" && depth++ === 0) found.push(head.replace(/\s+/g, " ").trim());
    if (letter === "}") depth -= 1;
    head = depth === 0 && !"{}".includes(letter) ? head + letter : "";
  }
  return found.filter((selector) => !selector.startsWith("@"));
}

test("no two rules of the map have one selector: the later would repaint what the earlier meant", () => {
  const names = readdirSync(STYLES).filter((name) => name.endsWith(".css") && name !== "pages.css" && name !== "first.css" && (!PAGES.includes(name) || ["tokens.css", "base.css"].includes(name)));
  const at = new Map();
  for (const name of names) {
    for (const selector of selectors(readFileSync(new URL(name, STYLES), "utf8"))) at.set(selector, [...(at.get(selector) || []), name]);
  }
  assert.deepEqual([...at].filter(([, files]) => files.length > 1), []);
});
