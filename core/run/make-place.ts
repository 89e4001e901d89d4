/** The directories of one run: made, and still the same ones when the script has ended. */
import { lstatSync, mkdirSync, type BigIntStats } from "node:fs";
import { join } from "node:path";
import { ImageDslError } from "../error.ts";
import type { RunSpec } from "../model/image-spec.ts";
import type { ScriptPlace } from "./script-place.ts";

export interface MadePlace {
  readonly place: ScriptPlace;
  /**
   * Throws `E_SCRIPT_FAILED` where a script put something else in the place of its directory, or of one that holds it:
   * reading that back would read, and change, files of the host.
   */
  check(run: RunSpec, target: string): void;
}

export function makePlace(work: string): MadePlace {
  const place = {
    work,
    root: join(work, "root"),
    home: join(work, "home"),
    temporary: join(work, "tmp"),
    sources: join(work, "sources"),
    names: join(work, "names"),
  };
  const directories = [work, place.root];
  for (const directory of [place.root, place.home, place.temporary, place.sources, join(work, "session")]) {
    mkdirSync(directory, { mode: 0o700 });
  }
  const made = directories.map(identityOf);
  return {
    place,
    check(run, target) {
      // What leads elsewhere by a link above them is another directory, too.
      if (directories.every((directory, index) => identityOf(directory) === made[index])) return;
      throw new ImageDslError(
        "E_SCRIPT_FAILED",
        `Script "${run.name}" of "${target}" put something else in the place of the directory that it runs in, which is not read`,
        {
          hint: "Remove or replace what is in the directory (find . -mindepth 1 -delete), and leave itself and its parents alone",
        },
      );
    },
  };
}

function identityOf(directory: string): string | undefined {
  let stat: BigIntStats | undefined;
  try {
    stat = lstatSync(directory, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined; // A file took the place of a parent.
  }
  return stat?.isDirectory() ? `${stat.dev}:${stat.ino}` : undefined;
}
