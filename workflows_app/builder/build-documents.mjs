// Builds the libraries that read and write documents in the sandbox, one file each: static/build/documents/.
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export async function buildDocuments(output) {
  const folder = here("src/documents/");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".js"));
  await build({
    entryPoints: names.map((name) => folder + name),
    outdir: `${output}documents`,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "inline",
    // A bare V8 has none of these, and libraries ask for them.
    define: { global: "globalThis", Buffer: "undefined", "process.env": "{}" },
    alias: {
      timers: here("src/documents/shims/timers.js"),
    },
    logLevel: "error",
  });
}
