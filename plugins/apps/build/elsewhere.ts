/**
 * What a build step that names its tools does so that another machine makes of it what this one does, or nothing: programs are told by their
 * versions, and what has none, or is named by nobody, is looked at here.
 */
import type { Launcher } from "../../../core/index.ts";

/** Runs the project's scripts. Debian's answers to no `--version`. */
export const SHELL = "/bin/sh";

/**
 * The runtime is an input, with the libraries that it needs; but those of the system are loaded, from the same paths. Here these are the same files,
 * and so they are part of the step's key.
 */
export const REFUSING_OTHERS = `(
  shopt -s globstar nullglob
  cd "$inputs_runtime"
  sha256sum .${SHELL} **/*.so **/*.so.[0-9]* | (cd / && sha256sum --check --quiet --ignore-missing)
) || { echo "This machine has other libraries, or another ${SHELL}, than the one that the build is of" >&2; exit 1; }`;

/** Scripts that begin with `env node` run by the system's Node where that is not the runtime: then it is a tool like others. */
export function nodeIfNamed(program: Launcher["program"], tools: readonly string[]): readonly string[] {
  if (program === "node" || tools.includes("node")) return [];
  const refusal = 'echo "This runs by node, which is not among the tools of the build" >&2; exit 1';
  return [`printf '#!/bin/sh\\n%s\\n' '${refusal}' > "$TMPDIR/bin/node" && chmod +x "$TMPDIR/bin/node"`];
}
