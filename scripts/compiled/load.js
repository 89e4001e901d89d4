/** Node's hooks, in a thread of their own. A file keeps its name, so that what it says of its place is true. */
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

let project = "";
let out = "";

export function initialize(places) {
  ({ project, out } = places);
}

export async function load(url, context, next) {
  if (!url.startsWith("file:") || !/\.m?ts$/.test(url)) return next(url, context);
  const file = fileURLToPath(url);
  const compiled = join(out, relative(project, file).replace(/ts$/, "js"));
  const source = existsSync(compiled) ? readFileSync(compiled) : await compile(file);
  return { format: "module", source, shortCircuit: true };
}

/** What a test has written is nowhere yet. */
async function compile(file) {
  const { transform } = await import("esbuild");
  const { code } = await transform(readFileSync(file, "utf8"), {
    loader: "ts",
    target: "node20.19",
    sourcemap: "inline",
  });
  return code;
}
