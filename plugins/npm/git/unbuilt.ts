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

/** Patterns are not looked for, nor what is for compilers. Conditions may lie in conditions as deep as somebody likes. */
function exportedFiles(exports: unknown): readonly string[] {
  const files: string[] = [];
  // The last one is next.
  const waiting = [exports];
  while (waiting.length > 0) {
    const each = waiting.pop();
    if (typeof each === "string" && !each.includes("*")) files.push(each);
    else if (Array.isArray(each)) waiting.push(each[0]);
    else if (isRecord(each))
      for (const [key, value] of Object.entries(each).reverse()) if (key !== "types") waiting.push(value);
  }
  return files;
}

/** As Node finds what `main` names. */
export function isThere(tree: FileTree, path: string): boolean {
  const candidates = [path, `${path}.js`, `${path}.json`, `${path}.node`, posix.join(path, "index.js")];
  return candidates.some((each) => isFile(tree, each.replace(/\/$/, "")));
}

/** What can be no path of a tree, since it leads out of it or is too long, is not there either. */
function isFile(tree: FileTree, path: string): boolean {
  try {
    return tree.get(treePath(path))?.type === "file";
  } catch {
    return false;
  }
}
