/** Where in a config something was thrown. */
import { pathToFileURL } from "node:url";
import type { ErrorPlace } from "../error.ts";

/** Where the uppermost stack frame within the config's own files points. Runtimes write frames as paths or as URLs. */
export function placeInStack(cause: unknown, files: readonly string[]): ErrorPlace | undefined {
  const stack = cause instanceof Error ? (cause.stack ?? "") : "";
  let best: { readonly at: number; readonly place: ErrorPlace } | undefined;
  for (const file of files) {
    for (const written of [file, pathToFileURL(file).href]) {
      for (let at = stack.indexOf(`${written}:`); at >= 0; at = stack.indexOf(`${written}:`, at + 1)) {
        const line = /^\d+/.exec(stack.slice(at + written.length + 1))?.[0];
        if (line === undefined) continue;
        if (!best || at < best.at) best = { at, place: { file, line: Number(line) } };
        break;
      }
    }
  }
  return best?.place;
}
