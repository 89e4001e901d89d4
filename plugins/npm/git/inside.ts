/** Links of a repository that lead out of it would bring what lies on this machine. */
import { realpathSync } from "node:fs";
import { relative, sep } from "node:path";
import { ImageDslError } from "../../../core/index.ts";

/** `place`: below the commit's files at `root`. Throws `E_NPM_PACKAGE` where a link on the way leads elsewhere, or nowhere. */
export function refuseOutside(name: string, root: string, place: string): void {
  const inside = relative(realpathSync(root), realOrOutside(place));
  if (inside !== ".." && !inside.startsWith(`..${sep}`)) return;
  throw new ImageDslError(
    "E_NPM_PACKAGE",
    `${name} has a link that leads out of its repository, at "${relative(root, place)}"`,
    {
      hint: "Nobody packs that: report it to who publishes it",
    },
  );
}

function realOrOutside(place: string): string {
  try {
    return realpathSync(place);
  } catch {
    return "/";
  }
}
