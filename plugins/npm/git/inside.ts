/** Links of a repository that lead out of it would bring what lies on this machine. */
import { realpathSync } from "node:fs";
import { relative, sep } from "node:path";
import { ImageDslError } from "../../../core/index.ts";

/** `place`: below the commit's files at `root`. Throws `E_NPM_PACKAGE` where a link on the way leads elsewhere, or nowhere. */
export function refuseOutside(name: string, root: string, place: string): void {
  if (liesInside(root, place)) return;
  throw new ImageDslError(
    "E_NPM_PACKAGE",
    `${name} has a link that leads out of its repository, at "${relative(root, place)}"`,
    {
      hint: "Nobody packs that: report it to who publishes it",
    },
  );
}

/** With all links on the way followed. */
export function liesInside(root: string, place: string): boolean {
  const inside = relative(realpathSync(root), realOrOutside(place));
  return inside !== ".." && !inside.startsWith(`..${sep}`);
}

function realOrOutside(place: string): string {
  try {
    return realpathSync(place);
  } catch {
    return "/";
  }
}
