/**
 * Whether the folders of a project that are packages hold what they are loaded by. What is built of them lies beside their sources, and is often neither
 * made in a fresh clone nor published: nothing that needs such a package would start.
 */
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { ImageDslError, isRecord, type FileTree } from "../../../core/index.ts";
import { isThere } from "../git/unbuilt.ts";
import type { InstallPlan, PackageId } from "../model.ts";
import { memberTree } from "./member-tree.ts";
import { packageJsonIn } from "./package-json.ts";

/** Throws `E_NPM_PACKAGE`. */
export async function refuseUnloadable(
  { packages }: InstallPlan,
  trees: ReadonlyMap<PackageId, FileTree>,
): Promise<void> {
  for (const { id, name, origin } of packages.values()) {
    const tree = trees.get(id);
    if (origin.kind !== "folder" || tree === undefined) continue;
    const manifest = packageJsonIn(tree);
    const paths = loadedBy(manifest);
    const there = paths.find((path) => isThere(tree, path));
    const [path] = there === undefined ? paths : (await isAlone(origin.directory, manifest, there)) ? [there] : [];
    if (path === undefined) continue;
    const isHidden = there !== undefined || existsSync(join(origin.directory, path));
    throw new ImageDslError(
      "E_NPM_PACKAGE",
      isHidden
        ? `${name} would lack what lies beside "${path}", by which it is loaded: it is not among what is published of ${origin.directory}`
        : `${name} has no "${path}", by which it is loaded, in ${origin.directory}`,
      {
        place: { file: join(origin.directory, "package.json") },
        hint: isHidden
          ? `Name it there: "files": [${JSON.stringify(path.split("/")[0])}]; without that .gitignore and .npmignore say what is published`
          : "Build it first: its own build script, or that of the workspace",
      },
    );
  }
}

/** npm publishes what `main` names whatever the ignore files say, and nothing that these list beside it. */
async function isAlone(directory: string, manifest: Readonly<Record<string, unknown>>, path: string): Promise<boolean> {
  if (manifest["files"] !== undefined || !path.includes("/")) return false;
  const unnamed = await memberTree(directory, { ...manifest, main: undefined });
  return !isThere(unnamed, path);
}

/** What `import` or `require` of its name ends at, each of which would do; nothing where its package.json does not say it. */
function loadedBy({ main, exports }: Readonly<Record<string, unknown>>): readonly string[] {
  const root = isRecord(exports) && Object.keys(exports).some((key) => key.startsWith(".")) ? exports["."] : exports;
  const targets = exports === undefined ? (typeof main === "string" ? [main] : []) : targetsOf(root);
  return targets.map((target) => posix.join(target));
}

/** Those of Node's conditions; others are for compilers and browsers. */
const CONDITIONS = ["node", "node-addons", "module-sync", "import", "require", "default"];

function targetsOf(target: unknown): readonly string[] {
  if (typeof target === "string") return [target];
  if (Array.isArray(target)) return target.flatMap(targetsOf);
  if (!isRecord(target)) return [];
  return CONDITIONS.flatMap((condition) => targetsOf(target[condition]));
}
