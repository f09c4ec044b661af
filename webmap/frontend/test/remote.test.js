/** Messages from a page around the map: what is read, what is refused, what is not ours. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMANDS, answerTo, mayDrive, readMessage } from "../src/tools/remote-model.js";
import { elementCode, embedCode, embedUrl, pictureCode, pictureUrl } from "../src/tools/embed-url.js";

const read = (message) => readMessage({ planmap: 1, id: "a", ...message });
const codeOf = (message) => read(message).refused?.code;

test("commands are read with their usual values", () => {
  assert.deepEqual(read({ command: "select", feature: "pole/x" }), { reply: "a", command: "select", args: { feature: "pole/x", zoom: false, card: true } });
  assert.deepEqual(read({ command: "setIndicator", indicator: "area_km2" }).args, { indicator: "area_km2", level: "zone", method: "quantiles" });
  assert.deepEqual(read({ command: "setIndicator", indicator: null, level: 7 }).args, { indicator: null });
  assert.deepEqual(read({ command: "setView", center: [120.2, 30.1], zoom: 12 }).args, { map: { lng: 120.2, lat: 30.1, zoom: 12 } });
  assert.deepEqual(read({ command: "setView", view: "overview", bounds: [120, 30, 121, 31] }).args, { view: "overview", bounds: [120, 30, 121, 31] });
  assert.deepEqual(read({ command: "setLayers", layers: ["a", "b", "a"] }).args, { layers: ["a", "b"] });
  assert.deepEqual(read({ command: "setFilter", filter: "status:building" }).args, { filter: "status:building" });
  assert.deepEqual(read({ command: "setTime", year: 2023 }).args, { year: 2023 });
  assert.deepEqual(read({ command: "setTime", year: null }).args, { year: null });
  assert.equal(COMMANDS.length, 8);
});

test("what is not for us is not answered", () => {
  const bare = Object.create({ planmap: 1, command: "getState" });
  for (const other of [null, undefined, 7, "planmap", [], { command: "select" }, bare, { planmap: 1, event: "ready" }]) assert.equal(readMessage(other), null);
});

test("wrong messages are refused with what is wrong", () => {
  assert.equal(codeOf({ command: "fly" }), "unknown_command");
  assert.equal(codeOf({ command: "constructor" }), "unknown_command");
  assert.equal(codeOf({ command: "__proto__" }), "unknown_command");
  assert.equal(codeOf({}), "unknown_command");
  assert.equal(codeOf({ planmap: 2, command: "getState" }), "unknown_version");
  const wrong = [
    { command: "setView" }, { command: "setView", center: [120], zoom: 12 }, { command: "setView", center: [120, 30] },
    { command: "setView", center: [120, 30], zoom: Infinity }, { command: "setView", center: ["120", 30], zoom: 3 },
    { command: "setView", bounds: [121, 30, 120, 31] }, { command: "setView", bounds: [120, 30, 121, NaN] }, { command: "setView", view: { toString: "x" } },
    { command: "setLayers", layers: "zones" }, { command: "setLayers", layers: [1] }, { command: "setLayers", layers: new Array(201).fill("x") },
    { command: "setLayer", layer: "zones" }, { command: "setLayer", layer: "zones", opacity: 2 }, { command: "setLayer", layer: "zones", visible: "yes" },
    { command: "setIndicator" }, { command: "setIndicator", indicator: "x", level: "street" }, { command: "setFilter", filter: "x".repeat(2001) },
    { command: "setTime" }, { command: "setTime", year: "2023" }, { command: "setTime", year: 2023.5 }, { command: "setTime", year: 20230 },
    { command: "select" }, { command: "select", feature: "x".repeat(201) }, { command: "select", feature: "x", zoom: 1 },
  ];
  assert.deepEqual(wrong.filter((message) => codeOf(message) !== "bad_value"), []);
  assert.equal(readMessage({ planmap: 1, id: { a: 1 }, command: "getState" }).reply, undefined);
});

test("who may drive, and where answers go", () => {
  assert.ok(mayDrive([], "https://own.example", "https://own.example"));
  assert.ok(!mayDrive([], "null", "null"));
  assert.ok(!mayDrive([], "https://a.example", "https://own.example"));
  assert.ok(mayDrive(["*"], "null"));
  assert.ok(mayDrive(["https://a.example"], "https://a.example"));
  for (const origin of ["null", "https://a.example.evil", "http://a.example", "https://a.example:8443", ""]) assert.ok(!mayDrive(["https://a.example"], origin));
  assert.equal(answerTo("null"), "*");
  assert.equal(answerTo("https://a.example"), "https://a.example");
});

test("code for a page: shape, element, picture; values cannot end their attribute", () => {
  const url = embedUrl("http://h", "/embed", { view: "v", theme: "dark", controls: "off", legend: "on", lang: "zh" });
  assert.equal(url, "http://h/embed/v?lang=zh&theme=dark&controls=off");
  assert.equal(embedUrl("http://h", "/embed", { view: "v", theme: "auto", controls: "on" }), "http://h/embed/v");
  assert.match(embedCode(url, { aspect: "16/9", title: "t", width: 640 }), / width="100%" style="border:0;max-width:640px;aspect-ratio:16\/9;height:auto;min-height:220px" /);
  const hostile = '"><script>alert(1)</script>';
  for (const code of [embedCode(url, { aspect: "1/1", title: hostile }), elementCode("http://h/plan-map.js", url, { title: hostile, height: 300 }), pictureCode("http://h/p.png", "http://h/", { width: 640, alt: hostile })]) {
    assert.ok(!code.includes('"><script>alert'), code);
    assert.ok(code.includes("&quot;&gt;&lt;script&gt;"), code);
  }
  assert.equal(pictureUrl("http://h", "/picture", { view: "v", layers: ["a", "b"], bounds: [120.123456, 30, 121, 31], lang: "en", width: 640 }), "http://h/picture/v.png?layers=a,b&bounds=120.1235,30,121,31&lang=en&width=640");
  assert.equal(pictureUrl("http://h", "/picture", { view: "v", layers: [], width: 640 }), "http://h/picture/v.png?layers=&width=640");
});
