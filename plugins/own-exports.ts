/** image-dsl's own exports: those of dist/ when this runs bundled, those of the sources otherwise. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { OwnExports } from "../core/index.ts";

let known: OwnExports | undefined;

export function ownExports(): OwnExports {
  known ??= findExports();
  return known;
}

function findExports(): OwnExports {
  const here = fileURLToPath(import.meta.url);
  const packageRoot = findPackageRoot(dirname(here));
  const files = here.endsWith(".ts") ? sourceFiles(packageRoot) : bundledFiles(join(packageRoot, "dist"));
  const present = files.filter(([, file]) => existsSync(file));
  return {
    packageRoot,
    version: versionIn(packageRoot),
    urls: new Map(present.map(([name, file]) => [name, pathToFileURL(file).href])),
  };
}

function versionIn(packageRoot: string): string {
  const manifest = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { version: string };
  return manifest.version;
}

/** The bundler may put this file anywhere below dist/. */
function findPackageRoot(directory: string): string {
  if (existsSync(join(directory, "package.json")) || dirname(directory) === directory) return directory;
  return findPackageRoot(dirname(directory));
}

function bundledFiles(dist: string): [string, string][] {
  const plugins = list(join(dist, "plugins")).filter((file) => file.endsWith(".js"));
  return [
    ["image-dsl", join(dist, "index.js")],
    ["image-dsl/plugin", join(dist, "plugin.js")],
    ["image-dsl/testing", join(dist, "testing.js")],
    ...plugins.map((file): [string, string] => [
      `image-dsl/plugins/${basename(file, ".js")}`,
      join(dist, "plugins", file),
    ]),
  ];
}

function sourceFiles(root: string): [string, string][] {
  const plugins = list(join(root, "plugins"));
  return [
    ["image-dsl", join(root, "plugins", "index.ts")],
    ["image-dsl/plugin", join(root, "core", "index.ts")],
    ["image-dsl/testing", join(root, "core", "testing", "index.ts")],
    ...plugins.map((name): [string, string] => [`image-dsl/plugins/${name}`, join(root, "plugins", name, "index.ts")]),
  ];
}

function list(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}
