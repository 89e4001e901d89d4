/** Packages whose repository has their sources alone: managers have their scripts build them, which would need all that they are developed with. */
import { posix } from "node:path";
import { ImageDslError, isRecord, treePath, type FileTree } from "../../../core/index.ts";
import type { Manifest } from "../locks/manifest.ts";
import { normalizedBin } from "../names.ts";

/** By which a package is built before it is packed. */
const BUILDING = ["prepare", "prepack", "prepublish", "build"];

/** Throws `E_NPM_PACKAGE` where package.json names what is not in the repository, and has a script that may make it. */
export function refuseUnbuilt(name: string, manifest: Manifest, tree: FileTree): void {
  const scripts = isRecord(manifest["scripts"]) ? manifest["scripts"] : {};
  const script = BUILDING.find((each) => typeof scripts[each] === "string" && scripts[each] !== "");
  if (script === undefined) return;
  const missing = namedFiles(manifest).find((path) => !isThere(tree, path));
  if (missing === undefined) return;
  throw new ImageDslError(
    "E_NPM_PACKAGE",
    `${name} comes from git, where it has no "${missing}", which its package.json names: its script "${script}" would make it, and does not run here`,
    { hint: "Depend on a published version, on a tarball that npm pack made of it, or on a commit that has it" },
  );
}

/** What who requires, imports or runs it finds. */
function namedFiles({ name = "", main, exports, bin }: Manifest): readonly string[] {
  const required = exports === undefined ? [typeof main === "string" ? main : "index.js"] : exportedFiles(exports);
  return [...required, ...Object.values(normalizedBin(name, bin))].map((path) => posix.join(path));
}

/** Patterns are not looked for, nor what is for compilers. */
function exportedFiles(exports: unknown): readonly string[] {
  if (typeof exports === "string") return exports.includes("*") ? [] : [exports];
  if (Array.isArray(exports)) return exportedFiles(exports[0]);
  if (!isRecord(exports)) return [];
  return Object.entries(exports).flatMap(([key, value]) => (key === "types" ? [] : exportedFiles(value)));
}

/** As Node finds what `main` names. */
function isThere(tree: FileTree, path: string): boolean {
  const candidates = [path, `${path}.js`, `${path}.json`, `${path}.node`, posix.join(path, "index.js")];
  return candidates.some((each) => tree.get(treePath(each.replace(/\/$/, "")))?.type === "file");
}
