/** The check of engines finds what Chrome 86 lacks, and lets pass what is guarded. */
import assert from "node:assert/strict";
import test from "node:test";
import { checkStyles, checker } from "../lint.mjs";

const features = async (css) => (await checkStyles(css, "test.css")).map((fault) => fault.feature);

test("a selector that an engine lacks is found, but not inside @supports", async () => {
  assert.deepEqual(await features("a:has(b) { color: red }"), ["css-has"]);
  assert.deepEqual(await features("@supports selector(:has(b)) { a:has(b) { color: red } }"), []);
});

test("a unit that an engine lacks is found, but not after a fallback of the same property", async () => {
  assert.deepEqual(await features("a { height: 50dvh }"), ["viewport-unit-variants"]);
  assert.deepEqual(await features("a { width: 50vh; height: 50dvh }"), ["viewport-unit-variants"]);
  assert.deepEqual(await features("a { height: 50vh; height: 50dvh }"), []);
});

test("shorthands younger than Chrome 86 are found", async () => {
  assert.equal((await features("a { margin-inline: 1px 2px }")).length, 1);
  assert.deepEqual(await features("a { margin-inline-start: 1px }"), []);
});

test("methods and browser APIs younger than Chrome 86 are found", async () => {
  const found = async (code) => (await checker().lintText(code, { filePath: "src/x.js" }))[0].messages.map((one) => one.ruleId);
  assert.ok((await found("list.findLast(Boolean);")).includes("es-x/no-array-prototype-findlast-findlastindex"));
  assert.deepEqual(await found("list.at(-1);"), ["no-restricted-syntax"]);
  assert.deepEqual(await found("map.values().map(String);"), ["no-restricted-syntax"]);
  assert.ok((await found("Object.hasOwn({}, 'a');")).includes("es-x/no-object-hasown"));
  assert.deepEqual(await found("structuredClone({});"), ["compat/compat"]);
  assert.deepEqual(await found("Object.values({}).map(String); scale.at(0); [...map.values()].map(String);"), []);
});
