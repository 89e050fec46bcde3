// Builds `static/build/`: what the browser and the sandbox load from npm packages. Nothing in there is committed.
import { copyFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { buildDocuments } from "./build-documents.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const output = here("../../static/build/");

async function buildPreludeLibraries() {
  await build({
    entryPoints: [here("src/prelude-libs.js")],
    outfile: `${output}prelude-libs.js`,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "inline",
    // A bare V8 has neither `global` nor `self`; without this lodash finds its root by `Function("return this")()`.
    define: { global: "globalThis" },
  });
}

// Twenty-odd files while developing, one request in production. No target: nesting and light-dark() stay as written.
async function buildStyles() {
  await build({
    entryPoints: [here("../../static/css/app.css")],
    outfile: `${output}app.css`,
    bundle: true,
    minify: true,
  });
}

// A page loads one file and the parts it shares with others; what is imported on demand stays apart.
async function buildScripts() {
  const pages = await readdir(here("../../templates/"), { recursive: true });
  const texts = await Promise.all(
    pages.filter((name) => name.endsWith(".html")).map((name) => readFile(here(`../../templates/${name}`), "utf8")),
  );
  const names = new Set(
    texts.flatMap((text) => [...text.matchAll(/\{% script "([a-z-]+)" %\}/g)].map(([, name]) => name)),
  );
  await build({
    entryPoints: [...names].map((name) => here(`../../static/js/${name}.js`)),
    outdir: `${output}js`,
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    target: "es2022",
    chunkNames: "part-[hash]",
  });
}

async function copyBrowserLibraries() {
  await copyFile(here("node_modules/htmx.org/dist/htmx.min.js"), `${output}htmx.min.js`);
}

await rm(output, { recursive: true, force: true });
await mkdir(output, { recursive: true });
await buildDocuments(output);
await Promise.all([buildPreludeLibraries(), buildStyles(), buildScripts(), copyBrowserLibraries()]);
