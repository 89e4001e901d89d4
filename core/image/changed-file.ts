/** Which host file of a layer is no longer what it was when it was listed. */
import { lstatSync } from "node:fs";
import { displayBytes } from "../model/bytes.ts";
import { hostStatOf, sameStat } from "../tree/content.ts";
import { toFsPath } from "../tree/host.ts";
import type { LayerRecipe } from "./image.ts";

/** As it is shown to people; undefined where none tells. */
export function changedFile({ entries }: LayerRecipe): string | undefined {
  for (const entry of entries) {
    if (entry.type !== "file" || entry.content.kind !== "host") continue;
    const { file, stat: then } = entry.content;
    const stat = lstatSync(toFsPath(file), { throwIfNoEntry: false });
    if (stat === undefined || !sameStat(then, hostStatOf(stat))) return displayBytes(file);
  }
  return undefined;
}
