import assert from "node:assert/strict";
import { test } from "node:test";
import { installComposing } from "../src/core/composing.js";

test("keys of an input method reach nobody, others do", () => {
  const target = new EventTarget();
  installComposing(target);
  const heard = [];
  target.addEventListener("keydown", (event) => heard.push(event.name));
  const send = (name, fields) => target.dispatchEvent(Object.assign(new Event("keydown"), { name, ...fields }));
  send("composing", { isComposing: true, keyCode: 13 });
  send("old browsers", { isComposing: false, keyCode: 229 });
  send("typing", { isComposing: false, keyCode: 13 });
  assert.deepEqual(heard, ["typing"]);
});
