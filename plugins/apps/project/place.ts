/** Where a project's folder is in the image. */
import { existsSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { isRecord, memberTest, readRegularSync, workspaceGlobs } from "../../../core/index.ts";
import { WORKDIR } from "../app-image.ts";

const PNPM = "pnpm-lock.yaml";
const LOCKS = [PNPM, "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "bun.lock"];

/**
 * `folder`: of a project whose packages a lock names; absolute. The folder with that lock is `/app`, and a member of a workspace is
 * where it is in that: what it alone has, a version that others do not share or all that pnpm links, lies in its own node_modules.
 */
export function placeInImage(folder: string): `/${string}` {
  for (let root = folder; ; root = dirname(root)) {
    const member = relative(root, folder).split(sep).join("/");
    if (isLockedIn(root, member)) return member === "" ? WORKDIR : `${WORKDIR}/${member}`;
    if (dirname(root) === root) return WORKDIR;
  }
}

/** Whether a lock there is the member's too: as `npm()` finds it. */
function isLockedIn(root: string, member: string): boolean {
  const there = LOCKS.filter((name) => existsSync(join(root, name)));
  if (member === "" || there.length === 0) return there.length > 0;
  if (there.includes(PNPM) && existsSync(join(root, "pnpm-workspace.yaml"))) return true;
  return there.some((name) => name !== PNPM) && memberTest(workspaceGlobs(workspacesOf(root)))(member);
}

function workspacesOf(root: string): unknown {
  try {
    const manifest: unknown = JSON.parse(readRegularSync(join(root, "package.json"), "project.file").toString("utf8"));
    return isRecord(manifest) ? manifest["workspaces"] : undefined;
  } catch {
    // Whoever reads it for the lock says what is wrong with it.
    return undefined;
  }
}
