/** What scripts see of the host: as little as will do, and the same everywhere. */
import type { RunSpec } from "../model/image-spec.ts";
import type { ScriptPlace } from "./script-place.ts";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A script's environment: fixed, then what the user declared. `mtime`: seconds since 1970. */
export function scriptEnvironment(run: RunSpec, mtime: number, place: ScriptPlace): Readonly<Record<string, string>> {
  return {
    PATH,
    HOME: place.home,
    TMPDIR: place.temporary,
    LANG: "C.UTF-8",
    TZ: "UTC",
    SOURCE_DATE_EPOCH: String(mtime),
    ...run.env,
  };
}

/** For image-dsl's own helpers around a script. They must not name the script's directories: see `strays.ts`. */
export const HELPER_ENVIRONMENT: Readonly<Record<string, string>> = Object.freeze({ PATH, LANG: "C.UTF-8" });

/** A command with the umask 022, which no runtime sets for a child alone. */
export function withUmask(command: readonly string[]): readonly string[] {
  return ["/bin/sh", "-c", 'umask 022; exec "$@"', "sh", ...command];
}
