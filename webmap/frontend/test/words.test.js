import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as format from "../src/core/format.js";
import { createTranslator } from "../src/core/i18n.js";

const read = (path) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const { cases } = JSON.parse(read("tests/words.json"));

/** The server's own texts, so that the wording is compared with nothing in between. */
function texts(lang) {
  const found = {};
  let table = "";
  for (const line of read("layers/messages/words.toml").split("\n")) {
    const head = /^\[(.+)\]$/.exec(line);
    if (head) table = head[1];
    const entry = /^(\w+) = \{ zh = "(.*)", en = "(.*)" \}$/.exec(line);
    if (entry) found[`${table}.${entry[1]}`] = lang === "zh" ? entry[2] : entry[3];
  }
  return found;
}

const say = {
  number: ([value, decimals], t, lang) => format.formatNumber(value, lang, decimals),
  stated: ([record], t, lang) => format.statedText(record, lang),
  unit: ([record], t, lang) => format.unitOf(record, lang),
  with_unit: ([text, unit]) => format.withUnit(text, unit),
  accuracy: ([metres], t, lang) => format.accuracyText(metres, t, lang),
  length: ([km, accuracy], t, lang) => format.lengthText(km, accuracy, t, lang),
  area: ([km2, accuracy], t, lang) => format.areaText(km2, accuracy, t, lang),
  measure: ([record], t, lang) => format.measureText(record, t, lang),
  name: ([record], t, lang) => format.pick(record, "name", lang) || record.id,
  mark: ([index]) => format.markOf(index),
  footnote: ([index, names, note], t, lang) => format.footnote(index, names, note, lang),
};

test("a record reads as the server words it", () => {
  const wrong = [];
  for (const lang of ["zh", "en"]) {
    const t = createTranslator(texts(lang), lang);
    for (const item of cases) {
      const found = say[item.say](item.args, t, lang);
      if (found !== item[lang]) wrong.push(`${item.say}(${JSON.stringify(item.args)}) ${lang}: ${found}, not ${item[lang]}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("numbers are written as Intl writes them, in both languages", () => {
  const wrong = [];
  const values = [1.005, 0.5, 1.5, 2.5, 0.05, 0.0049, 0.009, 0.06, 999.995, 999999.5, 1234567.891, 1e-7, 5e-7, 1e21, 123456789012345680000, 0.1 + 0.2, 4.35, 8.575];
  // A sequence without chance.
  for (let at = 1; at < 400; at += 1) values.push(((at * 7919) % 100003) / 10 ** (at % 9), at ** 5 / 32);
  for (const value of values) {
    for (const decimals of [null, 0, 1, 2, 3, 6]) {
      for (const [lang, locale] of [["zh", "zh-CN"], ["en", "en-GB"]]) {
        const options = decimals === null ? { maximumFractionDigits: 6 } : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
        const [made, wanted] = [format.formatNumber(value, lang, decimals), new Intl.NumberFormat(locale, options).format(value)];
        if (made !== wanted) wrong.push(`${value} (${decimals}): ${made}, not ${wanted}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});
