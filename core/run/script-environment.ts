/** What scripts see of the host: as little as will do, and the same everywhere. */
import type { RunSpec } from "../model/image-spec.ts";
import { HELPER_PATH } from "../process/helper-environment.ts";
import type { ScriptPlace } from "./script-place.ts";

/** A script's environment: fixed, then what the user declared. `mtime`: seconds since 1970. */
export function scriptEnvironment(run: RunSpec, mtime: number, place: ScriptPlace): Readonly<Record<string, string>> {
  return {
    PATH: HELPER_PATH,
    HOME: place.home,
    TMPDIR: place.temporary,
    LANG: "C.UTF-8",
    TZ: "UTC",
    SOURCE_DATE_EPOCH: String(mtime),
    ...run.env,
  };
}

/** A command with the umask 022, which no runtime sets for a child alone. */
export function withUmask(command: readonly string[]): readonly string[] {
  return ["/bin/sh", "-c", 'umask 022; exec "$@"', "sh", ...command];
}
