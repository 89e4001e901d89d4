/** What `files` is given to collect with, and what it noted. */
import { UNHEARD_READS, type BuildEvent } from "../../../core/index.ts";
import type { FilesContext } from "../../../plugins/files/collect.ts";

export function filesContext(
  directory: string,
  written: readonly string[] = [],
): FilesContext & { readonly notes: string[] } {
  const notes: string[] = [];
  const emit = (event: BuildEvent) => void notes.push(JSON.stringify(event));
  return {
    directory,
    written,
    isForeign: () => false,
    reads: UNHEARD_READS,
    signal: new AbortController().signal,
    target: "t",
    emit,
    told: new Set(),
    notes,
  };
}
