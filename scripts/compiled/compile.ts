/**
 * This project's TypeScript as a Node that reads none can load it: each file by itself, once for all processes of a test run. tsx does the same
 * for each process anew, which is more work than most test files are.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const PROJECT = join(import.meta.dirname, "../..");
const SOURCES = ["core", "plugins", "scripts", "test"];

/** Fills `out`, by the paths that the files have here. */
export async function compileSources(out: string): Promise<void> {
  await build({
    absWorkingDir: PROJECT,
    entryPoints: SOURCES.flatMap(typeScriptIn),
    outbase: PROJECT,
    outdir: out,
    format: "esm",
    target: "node20.19",
    sourcemap: "inline",
    sourcesContent: false,
    logLevel: "error",
  });
}

function typeScriptIn(folder: string): readonly string[] {
  const paths = readdirSync(join(PROJECT, folder), { encoding: "utf8", recursive: true });
  return paths
    .filter((path) => /\.m?ts$/.test(path) && !path.includes("node_modules/"))
    .map((path) => join(folder, path));
}
