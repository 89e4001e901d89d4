/** Node's hooks, in a thread of their own. A file keeps its name, so that what it says of its place is true. */
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

let project = "";
let out = "";

export function initialize(places) {
  ({ project, out } = places);
}

export function load(url, context, next) {
  if (!url.startsWith("file:") || !/\.m?ts$/.test(url)) return next(url, context);
  const compiled = join(out, relative(project, fileURLToPath(url)).replace(/ts$/, "js"));
  if (!existsSync(compiled)) return next(url, context);
  return { format: "module", source: readFileSync(compiled), shortCircuit: true };
}
