/** Telling whose bytes a build reads later: they stand in a tree, whatever plugin made it. */
import { UNHEARD_READS, type HostReads } from "../model/host-reads.ts";
import type { FileTree } from "./file-tree.ts";

/** Of what has an identity, the bytes stay. */
export function tellFiles(tree: FileTree, reads: HostReads): void {
  if (reads === UNHEARD_READS) return;
  for (const entry of tree.entries()) {
    if (entry.type !== "file" || entry.content.kind !== "host" || entry.content.identity !== undefined) continue;
    reads.file(entry.content.file, entry.content.stat);
  }
}
