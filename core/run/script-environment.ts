/** What scripts see of the host: as little as will do, and the same everywhere. */
import type { RunSpec } from "../model/image-spec.ts";
import { HELPER_PATH } from "../process/helper-environment.ts";
import type { ScriptPlace } from "./script-place.ts";

/** A script's environment: fixed, then what the user declared. `mtime`: seconds since 1970. `path`: where its programs are. */
export function scriptEnvironment(
  run: RunSpec,
  mtime: number,
  place: Pick<ScriptPlace, "home" | "temporary">,
  path = HELPER_PATH,
): Readonly<Record<string, string>> {
  return {
    PATH: path,
    HOME: place.home,
    TMPDIR: place.temporary,
    LANG: "C.UTF-8",
    TZ: "UTC",
    SOURCE_DATE_EPOCH: String(mtime),
    ...run.env,
  };
}

/**
 * A command with the umask 022, which no runtime sets for a child alone, and with the mark by which what it starts is
 * found (`strays.ts`), if it needs one. The mark is a limit that nothing reaches; where the limit is lower it is left.
 */
export function prepared(command: readonly string[], mark: bigint | undefined): readonly string[] {
  const limit = mark === undefined ? "" : `ulimit -S -f ${mark} 2> /dev/null; `;
  return ["/bin/sh", "-c", `umask 022; ${limit}exec "$@"`, "sh", ...command];
}
