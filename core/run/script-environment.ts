/** What scripts see of the host: as little as will do, and the same everywhere. */
import type { RunSpec } from "../model/image-spec.ts";
import { isLinux } from "../host.ts";
import { findProgram } from "../process/child-process.ts";
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

export interface Preparation {
  /** By which what it starts is found (`strays.ts`), if it needs that: a limit that nothing reaches; where the limit is lower it is left. */
  readonly mark: bigint | undefined;
  /** Whether it matters what is written to which: else the lines of both keep their order. */
  readonly streams: "apart" | "together";
}

/** A command with the umask 022, which no runtime sets for a child alone, and with output that it can open again. */
export function prepared(command: readonly string[], { mark, streams }: Preparation): readonly string[] {
  const limit = mark === undefined ? "" : `ulimit -S -f ${mark} 2> /dev/null; `;
  const set = ["/bin/sh", "-c", `umask 022; ${limit}unset SHLVL _; exec "$@"`, "sh", ...command];
  const [bash, cat] = ["bash", "cat"].map(findProgram);
  if (bash === undefined || cat === undefined || !isLinux()) return set;
  // -p: nothing of the script's environment is for this one.
  return [bash, "--norc", "--noprofile", "-p", "-c", PIPES[streams], "bash", cat, ...set];
}

/**
 * What runtimes give a child are sockets, which cannot be opened by name, as `> /dev/stderr` does; pipes can, and Linux opens both ends of
 * one at once. Who hands on what comes out of them is a job, so that it is in no group with the command from its beginning: what ends the
 * command's group, however early, leaves it, and it ends by itself once nobody can write any more.
 */
const PIPES = {
  apart: `set -m
exec 3<> <(:) 4<> <(:)
"$1" < /dev/fd/3 3>&- 4>&- &
"$1" < /dev/fd/4 >&2 3>&- 4>&- &
set +m
exec > /dev/fd/3 2> /dev/fd/4 3>&- 4>&-
shift
exec "$@"`,
  together: `set -m
exec 3<> <(:)
"$1" < /dev/fd/3 3>&- &
set +m
exec > /dev/fd/3 2>&1 3>&-
shift
exec "$@"`,
};
