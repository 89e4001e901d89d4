/** Which folders are members of a workspace, by the globs that its package.json or pnpm-workspace.yaml lists. */
import { isRecord } from "../model/json.ts";
import { treePath } from "../model/path.ts";
import { globMatcher } from "./glob.ts";

/** Of a package.json's `workspaces`, in either form; what is of another one says nothing. */
export function workspaceGlobs(workspaces: unknown): readonly string[] {
  const globs = isRecord(workspaces) ? workspaces["packages"] : workspaces;
  return Array.isArray(globs) ? globs.filter((each): each is string => typeof each === "string" && each !== "") : [];
}

/** `folder`: from the workspace's own. A glob behind a `!` takes members away. Throws `E_PATH_INVALID` as `globMatcher` does. */
export function memberTest(globs: readonly string[]): (folder: string) => boolean {
  const isListed = globMatcher(globs.filter((glob) => !glob.startsWith("!")));
  const isTakenAway = globMatcher(globs.flatMap((glob) => (glob.startsWith("!") ? [glob.slice(1)] : [])));
  return (folder) => isListed(treePath(folder)) && !isTakenAway(treePath(folder));
}
