// Bundles what the pages load: node build.mjs OUT. Names carry a hash of their content; manifest.json tells them, and of
// each script what it needs, itself included, so that a page can have all of that loaded at once.
// The licences of all that is bundled are collected in licences.txt; a package without one stops the build.
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { build } from "esbuild";

const OUT = resolve(process.argv[2] ?? "out");
const HERE = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname);
const ENTRIES = ["page.js", "style.css"];

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const { metafile } = await build({
  absWorkingDir: HERE,
  entryPoints: ENTRIES.map((name) => `src/${name}`),
  outdir: OUT,
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  conditions: ["production", "browser"],
  legalComments: "none",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  metafile: true,
  logLevel: "warning",
});

const entries = {};
const needs = {};
for (const [file, output] of Object.entries(metafile.outputs)) {
  if (!output.entryPoint) continue;
  entries[basename(output.entryPoint)] = basename(file);
  if (file.endsWith(".js")) needs[basename(output.entryPoint)] = [...needed(file)].map((name) => basename(name));
}
await writeFile(join(OUT, "licences.txt"), await licences(Object.keys(metafile.inputs)));
await writeFile(join(OUT, "manifest.json"), JSON.stringify({ entries, needs }, null, 1) + "\n");

// A file and all that it imports, and that imports; what is loaded later is left out.
function needed(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const { path, kind } of metafile.outputs[file].imports) if (kind === "import-statement") needed(path, found);
  return found;
}

async function licences(inputs) {
  const given = JSON.parse(await readFile(join(HERE, "licences.json"), "utf8"));
  const found = new Map();
  for (const input of inputs) {
    const folder = await packageFolder(resolve(HERE, input));
    if (folder === null || found.has(folder)) continue;
    const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? await readFile(join(folder, file), "utf8") : given[name];
    if (!text) throw new Error(`${name} has no licence text: add it to licences.json`);
    found.set(folder, { title: `${name} ${version} (${license})`, text: text.trim() });
  }
  const texts = [...found.values()].sort((one, other) => (one.title < other.title ? -1 : 1));
  return texts.map(({ title, text }) => `${title}\n\n${text}\n`).join(`\n${"-".repeat(72)}\n\n`);
}

// The nearest folder with a package.json that names a package, below node_modules; null of our own files.
async function packageFolder(file) {
  let folder = dirname(file);
  while (relative(HERE, folder).startsWith("node_modules")) {
    try {
      const described = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
      if (described.name && described.version) return folder;
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
    folder = dirname(folder);
  }
  return null;
}
