/** Which folders are members of a workspace, by the globs that its package.json or pnpm-workspace.yaml lists. */
import { isRecord } from "../model/json.ts";
import { treePath, withoutEndSlashes, type TreePath } from "../model/path.ts";
import { globMatcher } from "../tree/glob.ts";

/** Of a package.json's `workspaces`, in either form; what is of another one says nothing. */
export function workspaceGlobs(workspaces: unknown): readonly string[] {
  const globs = isRecord(workspaces) ? workspaces["packages"] : workspaces;
  return Array.isArray(globs) ? globs.filter((each): each is string => typeof each === "string" && each !== "") : [];
}

/**
 * `folder`: from the workspace's own. A glob behind a `!` takes members away. As managers do, it is the package.json that is looked for:
 * what lies below a member is none, and no installed package is. Throws `E_PATH_INVALID` as `globMatcher` does.
 */
export function memberTest(globs: readonly string[]): (folder: string) => boolean {
  const isListed = manifestMatcher(globs.filter((glob) => !glob.startsWith("!")));
  const isTakenAway = manifestMatcher(globs.flatMap((glob) => (glob.startsWith("!") ? [glob.slice(1)] : [])));
  return (folder) => {
    if (folder.split("/").includes("node_modules")) return false;
    const manifest = treePath(`${folder}/package.json`);
    return isListed(manifest) && !isTakenAway(manifest);
  };
}

function manifestMatcher(folders: readonly string[]): (path: TreePath) => boolean {
  return globMatcher(folders.map((glob) => `${withoutEndSlashes(glob)}/package.json`));
}
