/** The path that an output writes to. */
import type { OutputDefinition } from "../pipeline/hooks.ts";

/** As it is written; undefined of stdout and of what is no file, such as a daemon. `rest`: what stands behind the transport. */
export function outputPath({ pathOf }: OutputDefinition, rest: string): string | undefined {
  const path = pathOf?.(rest) ?? rest;
  return path === "" || path === "-" ? undefined : path;
}
