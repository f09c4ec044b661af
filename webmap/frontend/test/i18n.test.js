import assert from "node:assert/strict";
import { test } from "node:test";
import { createTranslator } from "../src/core/i18n.js";

test("one of a thing has its own wording where there is one", () => {
  const t = createTranslator({ many: "{count} more are zero", many_one: "1 more is zero", other: "{count} in all" }, "en");
  assert.equal(t("many", { count: 1 }), "1 more is zero");
  assert.equal(t("many", { count: 2 }), "2 more are zero");
  assert.equal(t("other", { count: 1 }), "1 in all");
});
