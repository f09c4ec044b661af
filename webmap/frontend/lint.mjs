/**
 * `npm run lint`: does what the page uses exist in every engine of `browserslist` (package.json)?
 *
 * Style sheets are checked as bundled, after esbuild has lowered what it can (doiuse, on caniuse's data). A feature that
 * some engine lacks passes only inside `@supports`, after a fallback of the same property in the same rule, or when it is
 * listed as an ornament below. Scripts are checked as written: browser APIs by eslint-plugin-compat, methods of
 * the language by eslint-plugin-es-x (syntax is esbuild's business, except what it cannot lower).
 */
import { ESLint } from "eslint";
import compat from "eslint-plugin-compat";
import esx from "eslint-plugin-es-x";
import DoIUse from "doiuse";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "./build.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const postcss = require(require.resolve("postcss", { paths: [require.resolve("doiuse")] }));

/** Without these a page looks plainer and works the same; each with what an engine does that lacks it. */
const ORNAMENTS = {
  "css-touch-action": "Safari on a desktop has no touch",
  "css-overscroll-behavior": "the page behind scrolls on at a list's end",
  "text-size-adjust": "text may be enlarged on a phone held across",
  "css-paged-media": "margins of printed pages are the engine's own",
  "css-text-wrap-balance": "lines of a heading differ in length",
};

/** Of what caniuse calls partly supported, only this breaks something: shorthands that Chrome has since 87, `overflow: clip`. */
const PARTLY = /^(margin|padding|border|inset)(-inline|-block)$|^inset/;
const breaks = ({ message, usage }) =>
  !message.includes("only partially supported") || PARTLY.test(usage.prop ?? "") || (usage.prop ?? "").startsWith("overflow") && /clip/.test(usage.value);

/** The faults of a style sheet: `[{line, feature, message}]`. */
export async function checkStyles(css, name) {
  const uses = [];
  const plugin = new DoIUse({ browsers: BROWSERS, onFeatureUsage: (use) => uses.push(use) });
  await postcss([plugin]).process(css, { from: name });
  return uses
    .filter((use) => breaks(use) && !ORNAMENTS[use.feature] && !isGuarded(use.usage, use.feature, uses))
    .map(({ feature, usage, message }) => ({ line: usage.source.start.line, feature, message: message.replace(/^.*?: /, "") }));
}

const BROWSERS = require("./package.json").browserslist;

/** Inside `@supports`, or a declaration after one of the same property that every engine knows. */
function isGuarded(node, feature, uses) {
  for (let at = node.parent; at; at = at.parent) if (at.type === "atrule" && at.name === "supports") return true;
  if (node.type === "atrule") return node.name === "supports";
  if (node.type !== "decl") return false;
  const others = node.parent.nodes.slice(0, node.parent.nodes.indexOf(node));
  return others.some((other) => other.type === "decl" && other.prop === node.prop
    && !uses.some((use) => use.usage === other && use.feature === feature));
}

/** ESLint with nothing but the two checks. */
export function checker() {
  const rules = {};
  for (const year of [2022, 2023, 2024, 2025, 2026]) {
    Object.assign(rules, esx.configs[`flat/no-new-in-es${year}`]?.rules);
  }
  // What esbuild lowers to the target; and names that arrays or our own objects have too, told apart below by how they are used.
  const known = /no-class-|no-private-in|no-arbitrary-module|no-iterator-prototype-|-prototype-at$/;
  for (const rule of Object.keys(rules)) if (known.test(rule)) delete rules[rule];
  const iterators = "CallExpression[callee.object.type='CallExpression'][callee.property.name=/^(map|filter|some|every|find|reduce|flatMap|take|drop|toArray)$/]";
  const given = [
    { selector: `${iterators}[callee.object.callee.property.name=/^(values|keys|entries)$/][callee.object.arguments.length=0]`, message: "Iterator helpers: Chrome 122." },
    { selector: `${iterators}[callee.object.callee.property.name='matchAll']`, message: "Iterator helpers: Chrome 122." },
    { selector: "CallExpression[callee.property.name='at'][arguments.0.operator='-']", message: "at(): Chrome 92." },
  ];
  return new ESLint({
    cwd: HERE,
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ["**/*.js"],
        languageOptions: { ecmaVersion: "latest", sourceType: "module" },
        plugins: { compat, "es-x": esx },
        // The full-screen button is only there where the engine can.
        settings: { "es-x": { aggressive: true }, browsers: BROWSERS, polyfills: ["document.fullscreenElement"] },
        rules: { "compat/compat": "error", "no-restricted-syntax": ["error", ...given], ...rules },
      },
    ],
  });
}

async function main() {
  let faults = 0;
  for (const [path, content] of await compile({ minify: false })) {
    if (!path.endsWith(".css")) continue;
    for (const { line, feature, message } of await checkStyles(content.toString("utf8"), basename(path))) {
      console.error(`${basename(path)}:${line} ${feature}: ${message}`);
      faults += 1;
    }
  }
  for (const { filePath, messages } of await checker().lintFiles(["src"])) {
    for (const { line, message, ruleId } of messages) {
      console.error(`${filePath.slice(HERE.length + 1)}:${line} ${ruleId}: ${message}`);
      faults += 1;
    }
  }
  if (faults) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
