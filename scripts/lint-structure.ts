/**
 * The structural lint, part of `npm run lint`: arrows one way, no cycles, no hidden inputs, files with one subject, no matching
 * that takes more time than the text is long, one way to the screen.
 * What other tools cannot know of this project; the rules are in scripts/lint/, one file each.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { checkArrows, type Packages } from "./lint/arrows.ts";
import { checkCycles } from "./lint/cycles.ts";
import { checkFloors, floorsText } from "./lint/floors.ts";
import { checkHiddenInputs } from "./lint/hidden-inputs.ts";
import { checkLinearMatching } from "./lint/linear-matching.ts";
import { checkShape } from "./lint/shape.ts";
import { checkWayToScreen } from "./lint/way-to-screen.ts";
import { type Problem, type SourceFile, parseSource } from "./lint/source-file.ts";

/** Packages for developing only: nothing that is shipped may import them. */
const TOOLS = new Set([
  "@eslint-community/regexpp",
  "esbuild",
  "fast-check",
  "oxfmt",
  "oxlint",
  "regexp-ast-analysis",
  "scslre",
  "tsx",
  "typescript",
  "uvu",
]);
const FOLDERS = ["core", "plugins", "templates", "scripts", "test"];

if (import.meta.url === `file://${process.argv[1]}`) main(join(import.meta.dirname, ".."));

function main(project: string): void {
  const sources = FOLDERS.flatMap((folder) => findSources(project, folder));
  const problems = lintStructure(sources, readPackages(project));
  for (const { path, line, message } of problems) console.error(`${path}:${line}: ${message}`);
  console.log(`The floors of core; each may import those below it:\n${floorsText()}`);
  console.log(`Structure: ${sources.length} files, ${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
}

/** Every problem of these files, sorted by place. */
export function lintStructure(files: readonly SourceFile[], packages: Packages): readonly Problem[] {
  const each = files.flatMap((file) => [
    ...checkArrows(file, packages),
    ...checkFloors(file),
    ...checkHiddenInputs(file),
    ...checkLinearMatching(file),
    ...checkShape(file),
    ...checkWayToScreen(file),
  ]);
  return [...each, ...checkCycles(files)].sort((a, b) =>
    a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1,
  );
}

function findSources(project: string, folder: string): readonly SourceFile[] {
  if (!existsSync(join(project, folder))) return [];
  return readdirSync(join(project, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return /^(node_modules|fixtures)$/.test(entry.name) ? [] : findSources(project, path);
      if (!/\.[mc]?ts$/.test(entry.name)) return [];
      return [parseSource(path, readFileSync(join(project, path), "utf8"))];
    });
}

function readPackages(project: string): Packages {
  const manifest = readManifest(join(project, "package.json"));
  const runtime = new Set(["dependencies", "peerDependencies"].flatMap((key) => Object.keys(manifest[key] ?? {})));
  const bundled = Object.keys(manifest["devDependencies"] ?? {}).filter(
    (name) => !TOOLS.has(name) && !name.startsWith("@types/") && !runtime.has(name),
  );
  const isCommonJs = (name: string) => {
    const { type, module, exports, main: entry } = readManifest(join(project, "node_modules", name, "package.json"));
    return type !== "module" && module === undefined && !/"import"|\.mjs"/.test(JSON.stringify([exports, entry]));
  };
  return {
    runtime,
    bundled: new Set(bundled),
    commonJs: new Set(bundled.filter(isCommonJs)),
  };
}

function readManifest(path: string): Readonly<Record<string, object | string | undefined>> {
  return JSON.parse(readFileSync(path, "utf8")) as Record<string, object | string | undefined>;
}
