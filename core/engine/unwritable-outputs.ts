/** Outputs that cannot be written where they are to lie: told before anything is built, as far as that can be known then. */
import { accessSync, constants, lstatSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ImageDslError, messageOf } from "../error.ts";
import type { Destination, OutputDefinition } from "../pipeline/hooks.ts";
import { outputPath } from "./output-path.ts";

/** Throws `E_OUTPUT` for the first one. What is no regular file (a device, a link, a folder) is known when it is written. */
export function refuseUnwritable(
  destinations: readonly Destination[],
  known: ReadonlyMap<string, OutputDefinition>,
): void {
  for (const { transport, rest } of destinations) {
    const path = outputPath(known.get(transport)!, rest);
    if (path === undefined) continue;
    const place = resolve(path);
    if (!isMadeAnew(place)) continue;
    const folder = nearestFolder(dirname(place));
    const cause = refusalOf(folder);
    if (cause === undefined) continue;
    throw new ImageDslError("E_OUTPUT", `Cannot write ${place}: ${folder} cannot be written to (${messageOf(cause)})`, {
      hint: "Name a place in a folder that you may write to",
      cause,
    });
  }
}

/** In its folder, be it that something is there: a file is replaced by another one. */
function isMadeAnew(place: string): boolean {
  const stat = lstatSync(place, { throwIfNoEntry: false });
  return stat === undefined || stat.isFile();
}

/** Folders on the way are made. */
function nearestFolder(folder: string): string {
  const isThere = statSync(folder, { throwIfNoEntry: false }) !== undefined;
  return isThere || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

function refusalOf(folder: string): unknown {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return error;
  }
}
