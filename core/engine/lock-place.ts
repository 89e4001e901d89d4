/** Where a config's lock stands: beside it, `NAME.config.EXT` → `NAME.lock.json`. */
import { basename, dirname, join } from "node:path";
import type { BuildGraph } from "../graph/build-graph.ts";

export function lockFileOf({ configFile, directory }: BuildGraph): string {
  if (configFile === undefined) return join(directory, "image.lock.json");
  const name = /^(.+)\.config\.[a-z]+$/.exec(basename(configFile))?.[1] ?? "image";
  return join(dirname(configFile), `${name}.lock.json`);
}
