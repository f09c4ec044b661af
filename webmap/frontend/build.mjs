/**
 * Bundle the browser side into ../static/dist: the map's program (planmap.js, rest.js, soon.js, asked.js, large.js, see `programs.mjs`), the
 * other programs, planmap.css and rest.css, pages.css, icons; and beside each its .br and .gz, so that the server compresses nothing.
 */
import * as esbuild from "esbuild";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { programs } from "./programs.mjs";
import { BREAKPOINTS } from "./src/core/breakpoints.js";

const HERE = dirname(fileURLToPath(import.meta.url));
const SRC = join(HERE, "src");
const OUT = join(HERE, "..", "static", "dist");
const require = createRequire(import.meta.url);

/** Maki icons a kind may name (`icon`, `mark` in kinds.toml); a few more than the shipped plan uses. */
const ICONS = [
  "airfield", "airport", "bridge", "building", "bus", "campsite", "city", "college", "commercial", "dam",
  "ferry", "garden", "globe", "harbor", "hospital", "industry", "landmark", "library", "lighthouse", "mountain",
  "museum", "natural", "park", "park-alt1", "rail", "rail-light", "rail-metro", "school", "slipway", "stadium",
  "star", "square", "suitcase", "town", "town-hall", "triangle", "tunnel", "viewpoint", "village", "warehouse",
  "water", "watermill", "wetland", "attraction", "castle", "charging-station", "home", "shop", "theatre",
];
/** Names a kind may use that Maki spells otherwise. */
const ALIASES = { tree: "park", train: "rail", metro: "rail-metro", port: "harbor", lock: "slipway" };

function iconPath(name) {
  const file = join(dirname(require.resolve("@mapbox/maki/package.json")), "icons", `${name}.svg`);
  const paths = [...readFileSync(file, "utf8").matchAll(/<path[^>]*\sd="([^"]+)"/g)].map((match) => match[1]);
  // Some files write line breaks inside a path as character references.
  return paths.join(" ").replace(/&#x?[0-9a-f]+;/gi, " ").replace(/\s+/g, " ");
}

/** Path data by name. */
function iconTable() {
  const table = Object.fromEntries(ICONS.map((name) => [name, iconPath(name)]));
  for (const [alias, name] of Object.entries(ALIASES)) table[alias] = table[name];
  return table;
}

/** `planmap:icons` is a module of path data, read from the icon set at build time. */
const icons = {
  name: "icons",
  setup(build) {
    build.onResolve({ filter: /^planmap:icons$/ }, () => ({ path: "icons", namespace: "planmap" }));
    build.onLoad({ filter: /.*/, namespace: "planmap" }, () => {
      return { contents: `export default ${JSON.stringify(iconTable())};`, loader: "js" };
    });
  },
};

/** Parts of Leaflet that nothing here uses: nothing is drawn on a canvas, no engine draws in VML any more, every
 * marker has an icon of ours and none is dragged, and nothing listens for a finger that is held (`contextmenu`). */
const WITHOUT = {
  "./Canvas": "export const canvas = () => null; export const Canvas = null;",
  "./SVG.VML": "export const vmlCreate = null, vmlMixin = {};",
  "./Icon.Default": 'export { Icon as IconDefault } from "leaflet/src/layer/marker/Icon.js";',
  "./Marker.Drag": "export const MarkerDrag = null;",
  "./handler/Map.TapHold": "export const TapHold = null;",
};

/** What Leaflet asks an engine by parsing markup, which in a page just opened is dear; every engine that we know of answers so. */
const KNOWN = { inlineSvg: true, vml: false };

/** Leaflet's look at the engine without those questions. */
function withoutAsking(source) {
  return Object.entries(KNOWN).reduce((text, [name, answer]) => {
    const asked = new RegExp(`var ${name} = [^;]*?\\(function \\(\\) \\{.*?\\}\\(?\\)\\)?(\\(\\))?;`, "s");
    if (!asked.test(text)) throw new Error(`Leaflet's Browser.js has no ${name} as it was`);
    return text.replace(asked, `var ${name} = ${answer};`);
  }, source);
}

/** `leaflet` is the part of it that src/leaflet.js names. */
const leaflet = {
  name: "leaflet",
  setup(build) {
    build.onResolve({ filter: /^leaflet$/ }, () => ({ path: join(SRC, "leaflet.js") }));
    build.onResolve({ filter: /^\.\/(Canvas|SVG\.VML|Icon\.Default|Marker\.Drag|handler\/Map\.TapHold)$/ }, ({ importer, path }) => (/leaflet[\\/]src/.test(importer) ? { path, namespace: "planmap-leaflet" } : null));
    build.onLoad({ filter: /leaflet[\\/]src[\\/]core[\\/]Browser\.js$/ }, ({ path }) => ({ contents: withoutAsking(readFileSync(path, "utf8")), loader: "js" }));
    build.onLoad({ filter: /.*/, namespace: "planmap-leaflet" }, ({ path }) => ({ contents: WITHOUT[path], loader: "js", resolveDir: SRC }));
  },
};

const LEAFLET = "leaflet/dist/leaflet.css";
/** Of it, what the map's page needs from the first, and the rest. */
const LEAFLET_FIRST = "leaflet-first.css";
const LEAFLET_LATE = "leaflet-late.css";
/** What no map of ours shows before somebody asks for something. */
const LATE = /popup|tile|tooltip|bar|layers|div-icon|shadow|crosshair|safari|oldie|vml/;
/** What the map's page is seen with at first is in the page; what opens later comes with its program. */
const STYLES = {
  planmap: [LEAFLET_FIRST, "tokens.css", "base.css", "header.css", "sidebar.css", "map.css", "first.css", "narrow.css"],
  rest: ["panel.css"],
  soon: [LEAFLET_LATE, "found.css", "card.css", "overlay.css"],
  asked: ["measure.css", "ways.css", "swipe.css", "district.css", "dialog.css", "notes.css", "print.css", "figure.css", "sheets.css"],
  compare: [LEAFLET, "swipe.css", "compare.css"],
  story: ["story.css"],
  scans: [LEAFLET, "scans.css"],
};
/** Leaflet's pictures are of controls and markers that the page does not have. */
function ofLeaflet(path) {
  return readFileSync(path, "utf8").replace(/\/\*.*?\*\//gs, "").replace(/[^{}]+\{[^{}]*url\([^{}]*\}/g, "");
}

/** The rules whose selectors come late, or those of the others. */
function partOfLeaflet(late) {
  return ofLeaflet(require.resolve(LEAFLET)).replace(/([^{}]+)(\{[^{}]*\})/g, (_all, selectors, rule) => {
    const wanted = selectors.split(",").filter((one) => LATE.test(one) === late);
    return wanted.length ? wanted.join(",") + rule : "";
  });
}

/** `planmap:style-<name>` is a list of style sheets in one file. */
const styleEntry = {
  name: "styles",
  setup(build) {
    build.onResolve({ filter: /^planmap:style-/ }, ({ path }) => ({ path: path.slice("planmap:style-".length), namespace: "planmap-css" }));
    build.onLoad({ filter: /leaflet[\\/]dist[\\/]leaflet\.css$/ }, ({ path }) => ({ contents: ofLeaflet(path), loader: "css" }));
    build.onResolve({ filter: /^\.\/leaflet-(first|late)\.css$/ }, ({ path }) => ({ path: path.slice(2), namespace: "planmap-leaflet-css" }));
    build.onLoad({ filter: /.*/, namespace: "planmap-leaflet-css" }, ({ path }) => ({ contents: partOfLeaflet(path === LEAFLET_LATE), loader: "css" }));
    build.onLoad({ filter: /.*/, namespace: "planmap-css" }, ({ path }) => ({
      contents: STYLES[path].map((name) => `@import "${name === LEAFLET ? name : `./${name}`}";`).join("\n"),
      loader: "css",
      resolveDir: join(SRC, "styles"),
    }));
  },
};

/** `@media (--sheet)`: the widths of breakpoints.js, put in by name; an unknown name is an error. */
const widths = {
  name: "widths",
  setup(build) {
    build.onLoad({ filter: /src\/.*\.css$/ }, ({ path }) => ({
      contents: withFallbacks(themed(readFileSync(path, "utf8"))).replace(/^@media (.*)\(--([\w-]+)\)/gm, (_all, before, name) => {
        if (!BREAKPOINTS[name]) throw new Error(`${path}: no breakpoint ${name}`);
        return `@media ${before}${BREAKPOINTS[name]}`;
      }),
      loader: "css",
    }));
  },
};

/** The colours by night, once more for a page that is told to be dark whatever the system is; and what the engine draws itself. */
function themed(css) {
  const night = /@media screen and \(prefers-color-scheme: dark\) \{\s*:root:not\(\[data-light\]\) \{([^}]*)\}/.exec(css);
  if (!night) return css;
  return `${css}\n@media screen {\n:root[data-dark] {\ncolor-scheme: dark;${night[1]}}\n:root[data-light] {\ncolor-scheme: light;\n}\n}\n`;
}

/** `margin-inline: a b` and its like as the two properties that they stand for, which Chrome knew before (69, not 87). */
function expandLogical(css) {
  return css.replace(/([{;]\s*|^\s*)(margin|padding|border|inset)-(inline|block):\s*([^;{}]+)(?=[;}])/gm, (_all, before, property, axis, given) => {
    const values = property === "border" ? [given.trim()] : given.trim().split(/\s+(?![^(]*\))/);
    const sides = property === "inset" ? (axis === "inline" ? ["left", "right"] : ["top", "bottom"]) : ["start", "end"].map((end) => `${property}-${axis}-${end}`);
    return `${before}${sides[0]}: ${values[0]}; ${sides[1]}: ${values[values.length - 1]}`;
  }).replace(/inset-inline-start:/g, "left:").replace(/inset-inline-end:/g, "right:");
}

/** Heights of the visible viewport (`dvh`) get the plain ones before them, for engines that know no better. */
function withFallbacks(css) {
  return expandLogical(css).replace(/([\w-]+):([^;{}]*\d)dvh([^;{}]*)(?=[;}])/g, (all, property) => `${property}:${all.slice(property.length + 1).replace(/(\d)dvh/g, "$1vh")}; ${all}`);
}

/** The oldest engines that the page works in, for esbuild; `browserslist` in package.json says the same to the checks. */
const ENGINES = { chrome: "86", firefox: "115", safari: "15.4" };

const common = {
  bundle: true,
  write: false,
  outdir: OUT,
  target: Object.entries(ENGINES).map(([name, version]) => name + version),
  minify: !process.argv.includes("--no-minify"),
  charset: "utf8",
  legalComments: "none",
  loader: { ".png": "dataurl", ".svg": "text" },
  logLevel: "warning",
};

/** The bundle as `[path, content]`, nothing written; `minify` as on the command line unless given. */
export async function compile(options = {}) {
  const given = { ...common, ...options };
  const jobs = [
    programs({ ...given, plugins: [leaflet] }, SRC),
    esbuild.build({ ...given, entryPoints: { later: join(SRC, "later.js") }, format: "iife", globalName: "planmapLater", plugins: [icons], banner: { js: "/*! planmap; proj4js, GeographicLib (MIT), Maki icons (CC0) */" } }),
    esbuild.build({ ...given, entryPoints: { "plan-map": join(SRC, "plan-map.js") }, format: "iife", banner: { js: "/*! planmap: <plan-map>, Apache-2.0 */" } }),
    esbuild.build({ ...given, entryPoints: { newer: join(SRC, "newer.js") }, format: "iife" }),
    esbuild.build({ ...given, entryPoints: { admin: join(SRC, "admin.js") }, format: "iife" }),
    esbuild.build({ ...given, entryPoints: { reading: join(SRC, "reading.js") }, format: "iife" }),
    esbuild.build({ ...given, entryPoints: { compare: join(SRC, "compare.js") }, format: "iife", plugins: [icons, leaflet] }),
    esbuild.build({ ...given, entryPoints: { story: join(SRC, "story.js") }, format: "iife" }),
    esbuild.build({ ...given, entryPoints: { scans: join(SRC, "scans.js") }, format: "iife", plugins: [leaflet], banner: { js: "/*! planmap; Leaflet (BSD-2-Clause) */" } }),
    esbuild.build({ ...given, entryPoints: { first: join(SRC, "first.js") }, format: "iife" }),
    // Runs where nothing else does, and says so there.
    esbuild.build({ ...given, target: "es5", entryPoints: { engine: join(SRC, "engine.js") } }),
    esbuild.build({ ...given, entryPoints: Object.keys(STYLES).map((name) => ({ in: `planmap:style-${name}`, out: name })), plugins: [styleEntry, widths] }),
  ];
  if (existsSync(join(SRC, "styles", "pages.css"))) {
    jobs.push(esbuild.build({ ...given, entryPoints: { pages: join(SRC, "styles", "pages.css") }, plugins: [widths] }));
  }
  const files = (await Promise.all(jobs)).flatMap((job) => job.outputFiles).map((file) => [file.path, Buffer.from(file.contents)]);
  // For the still picture, which the server draws; not served.
  return [...files, [join(OUT, "icons.json"), Buffer.from(JSON.stringify(iconTable()))]];
}

async function bundle() {
  const started = Date.now();
  const files = await compile();
  for (const name of existsSync(join(SRC, "icons")) ? readdirSync(join(SRC, "icons")) : []) {
    files.push([join(OUT, name), readFileSync(join(SRC, "icons", name))]);
  }
  mkdirSync(OUT, { recursive: true });
  const wanted = new Set();
  for (const [path, body] of files) {
    for (const [name, content] of [[path, body], ...packed(path, body)]) {
      wanted.add(name);
      // Written aside and moved, so that a running server never reads half a file.
      writeFileSync(`${name}.tmp`, content);
      renameSync(`${name}.tmp`, name);
    }
  }
  for (const name of readdirSync(OUT)) if (!wanted.has(join(OUT, name))) rmSync(join(OUT, name), { recursive: true });
  report(files, Date.now() - started);
}

function packed(path, body) {
  if (!/\.(js|css|svg|json)$/.test(path)) return [];
  const brotli = brotliCompressSync(body, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
  });
  return [[`${path}.br`, brotli], [`${path}.gz`, gzipSync(body, { level: 9 })]];
}

function report(files, milliseconds) {
  const kilo = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  for (const [path, body] of files) {
    const small = packed(path, body)[0];
    console.log(`${path.slice(OUT.length + 1).padEnd(14)} ${kilo(body.length).padStart(10)}${small ? `  br ${kilo(small[1].length)}` : ""}`);
  }
  console.log(`built in ${(milliseconds / 1000).toFixed(1)} s`);
}

const isProgram = process.argv[1] === fileURLToPath(import.meta.url);
if (isProgram) await bundle();
if (isProgram && process.argv.includes("--watch")) {
  const { watch } = await import("node:fs");
  let timer = null;
  watch(SRC, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => bundle().catch((error) => console.error(error.message)), 150);
  });
}
