/** What each package ships, as far as the merged tree tells: listed when first asked for. */
import type { FileTree } from "../../../core/index.ts";

export function shippedFiles(tree: FileTree): () => ReadonlyMap<string, readonly string[]> {
  let shipped: Map<string, string[]> | undefined;
  return () => {
    if (shipped) return shipped;
    shipped = new Map();
    for (const { origin, path } of tree.entries()) {
      if (origin === undefined) continue;
      const paths = shipped.get(origin);
      if (paths) paths.push(path);
      else shipped.set(origin, [path]);
    }
    return shipped;
  };
}
