/** What scripts see of the host: as little as will do, and the same everywhere. */
import type { RunSpec } from "../model/image-spec.ts";
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
  const [bash, setsid, cat] = ["bash", "setsid", "cat"].map(findProgram);
  if (bash === undefined || setsid === undefined || cat === undefined) return set;
  // -p: nothing of the script's environment is for this one.
  return [bash, "--norc", "--noprofile", "-p", "-c", PIPES[streams], "bash", setsid, cat, ...set];
}

/**
 * What runtimes give a child are sockets, which cannot be opened by name, as `> /dev/stderr` does; pipes can. Who hands on what comes out of
 * them is not of the command's group, and ends by itself once nobody can write any more.
 */
const PIPES = {
  apart: 'exec > >(exec "$1" "$2") 2> >(exec "$1" "$2" >&2); shift 2; exec "$@"',
  together: 'exec > >(exec "$1" "$2") 2>&1; shift 2; exec "$@"',
};
