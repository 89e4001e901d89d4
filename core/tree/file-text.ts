/** Small texts of a tree, such as its user databases. */
import type { FileTree } from "./file-tree.ts";
import { readWhole } from "./content.ts";
import { lookup } from "./resolve.ts";

/** A file's characters, one a byte, links followed; undefined where no file is. */
export function fileText(tree: FileTree, path: string): string | undefined {
  const entry = lookup(tree, path);
  return entry?.type === "file" ? Buffer.from(readWhole(entry)).toString("latin1") : undefined;
}
