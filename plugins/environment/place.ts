/** Where a path of the image lies in a tree. */
import {
  baseNameOf,
  joinPath,
  parentOf,
  resolvePath,
  treePath,
  type FileTree,
  type TreePath,
} from "../../core/index.ts";

/** The links of its folders followed (`/bin` may lead to `usr/bin`), its own name not: what stands there is replaced. */
export function placeIn(tree: FileTree, path: string): TreePath {
  const plain = treePath(path);
  return joinPath(resolvePath(tree, parentOf(plain)), baseNameOf(plain));
}
