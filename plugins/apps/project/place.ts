/** Where a project's folder is in the image. */
import { existsSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { WORKDIR } from "../app-image.ts";

const LOCKS = ["pnpm-lock.yaml", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "bun.lock"];

/**
 * `folder`: of one whose packages its lock names; absolute. A member of a pnpm workspace is where it is in that: pnpm links what a member
 * imports into its own folder, and not, as others do, into the workspace's, which is `/app`.
 */
export function placeInImage(folder: string): `/${string}` {
  const has = (at: string, name: string): boolean => existsSync(join(at, name));
  if (LOCKS.some((name) => has(folder, name))) return WORKDIR;
  for (let above = dirname(folder); dirname(above) !== above; above = dirname(above)) {
    if (!has(above, "pnpm-workspace.yaml") || !has(above, "pnpm-lock.yaml")) continue;
    return `${WORKDIR}/${relative(above, folder).split(sep).join("/")}`;
  }
  return WORKDIR;
}
