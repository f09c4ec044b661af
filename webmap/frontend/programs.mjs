/**
 * The map's program in files, so that the map answers before the rest of the page has come: `planmap.js` draws the map
 * and answers to the pointer, `rest.js` puts around it what the page shows, `soon.js` has what somebody is likely to ask for first (cards, lists, what is found), `asked.js` the rest of
 * what opens on demand, `large.js` draws layers that are not sent whole. Each is a
 * script of its own with a global; what an earlier file has is not in a later one, which takes it from there: the earlier
 * one's `shared` is a list of just what the later ones use.
 */
import * as esbuild from "esbuild";
import { join, relative } from "node:path";

/** In loading order. */
const PROGRAMS = [
  { name: "planmap", entry: "main.js", global: "planmap", banner: "/*! planmap; Leaflet (BSD-2-Clause) */" },
  { name: "rest", entry: "rest.js", global: "planmapRest", banner: "/*! planmap; Leaflet (BSD-2-Clause), RBush (MIT) */" },
  { name: "soon", entry: "soon.js", global: "planmapSoon", banner: "/*! planmap; Leaflet (BSD-2-Clause) */" },
  { name: "asked", entry: "asked.js", global: "planmapAsked", banner: "/*! planmap; Leaflet (BSD-2-Clause) */" },
  { name: "large", entry: "large.js", global: "planmapLarge", banner: "/*! planmap; Leaflet (BSD-2-Clause), pbf (BSD-3-Clause) */" },
];

const TAKE = "__planmapTake";
const TAKEN = new RegExp(`${TAKE}\\("([^"]+)"\\)`, "g");

/** Bundle them; the result is like esbuild's: `{outputFiles}`. */
export async function programs(given, src) {
  const modules = await Promise.all(PROGRAMS.map((program) => modulesOf(given, join(src, program.entry))));
  const owner = new Map();
  PROGRAMS.forEach((_program, index) => {
    for (const module of modules[index]) if (!owner.has(module)) owner.set(module, index);
  });
  const shared = PROGRAMS.map(() => []);
  const outputFiles = [];
  // The last one first: what it takes has to be offered by those before it.
  for (let index = PROGRAMS.length - 1; index >= 0; index -= 1) {
    const [file] = (await bundle(given, src, index, { owner, offers: shared[index] })).outputFiles;
    const text = file.text.replace(TAKEN, (_all, key) => {
      const [at, what] = [Number(key.slice(0, key.indexOf(":"))), key.slice(key.indexOf(":") + 1)];
      if (!shared[at].includes(what)) shared[at].push(what);
      return `${PROGRAMS[at].global}.shared[${shared[at].indexOf(what)}]`;
    });
    outputFiles.push({ path: file.path, contents: Buffer.from(text) });
  }
  return { outputFiles };
}

function bundle(given, src, index, { owner, offers }) {
  const { name, entry, global, banner } = PROGRAMS[index];
  // `shared` imports what it offers under names of its own.
  const imports = offers.map((what, at) => {
    const [path, exported] = what.split("#");
    return `import { ${exported} as s${at} } from ${JSON.stringify(join(src, path))};`;
  });
  const contents = [`export * from "./${entry}";`, ...imports, `export const shared = [${offers.map((_what, at) => `s${at}`).join(",")}];`].join("\n");
  return esbuild.build({
    ...given,
    stdin: { contents, resolveDir: src, sourcefile: `${name}-entry.js` },
    outfile: join(given.outdir, `${name}.js`),
    outdir: undefined,
    format: "iife",
    globalName: global,
    banner: { js: banner },
    plugins: [taking(src, index, owner, given.plugins), ...given.plugins],
  });
}

/** Modules that an earlier program has are taken from it. */
function taking(src, index, owner, plugins) {
  const exported = new Map();
  return {
    name: "taking",
    setup(build) {
      build.onResolve({ filter: /.*/ }, async ({ path, pluginData, ...about }) => {
        if (pluginData === "taking" || about.kind === "entry-point") return null;
        const found = await build.resolve(path, { ...about, pluginData: "taking" });
        const by = owner.get(found.path);
        return by !== undefined && by < index && found.namespace === "file" ? { path: found.path, namespace: "planmap-taken" } : found;
      });
      build.onLoad({ filter: /.*/, namespace: "planmap-taken" }, async ({ path }) => {
        if (!exported.has(path)) exported.set(path, await exportsOf(path, plugins));
        const lines = exported.get(path).map((name) => {
          const take = `/* @__PURE__ */ ${TAKE}("${owner.get(path)}:${relative(src, path)}#${name}")`;
          return name === "default" ? `export default ${take};` : `export const ${name} = ${take};`;
        });
        return { contents: lines.join("\n"), loader: "js" };
      });
    },
  };
}

/** The files that a program is made of, as far as anything of them is left. */
async function modulesOf(given, entry) {
  const { metafile } = await esbuild.build({ ...given, entryPoints: [entry], format: "iife", metafile: true });
  const [output] = Object.values(metafile.outputs);
  return Object.entries(output.inputs).filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && !path.includes(":")).map(([path]) => join(process.cwd(), path));
}

async function exportsOf(path) {
  const { metafile } = await esbuild.build({ entryPoints: [path], bundle: false, write: false, format: "esm", metafile: true, outdir: "out" });
  return Object.values(metafile.outputs)[0].exports;
}
