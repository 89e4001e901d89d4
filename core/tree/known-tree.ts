/** A tree of which enough is known to go on without its entries: it is made when somebody wants them. */
import type { Digest } from "../model/digest.ts";
import { treeDigest } from "./digest.ts";
import type { FileTree } from "./file-tree.ts";

/** Of a tree, what is to be known without its entries. */
export interface KnownTree {
  /** As `treeDigest` gives it. */
  readonly digest: Digest;
  /** How many entries it has. */
  readonly size: number;
  /** Bytes of its files. */
  readonly contentSize: number;
  /** Makes it, where it is not there yet. Throws what making it throws. */
  tree(): Promise<FileTree>;
}

export function knownTree(tree: FileTree): KnownTree {
  return {
    digest: treeDigest(tree),
    size: tree.size,
    contentSize: tree.contentSize(),
    tree: () => Promise.resolve(tree),
  };
}
