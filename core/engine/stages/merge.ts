/** Stage merge: the nodes' trees → one tree, with what plugins make out of all of it. */
import { BASE } from "../../image/base-image.ts";
import { displayPath } from "../../model/path.ts";
import type { FileTree } from "../../tree/file-tree.ts";
import { sameEntry } from "../../tree/equal.ts";
import { mergeInPieces } from "../../tree/merge.ts";
import { inTurns } from "../../tree/turns.ts";
import { withEntries } from "../../tree/overlay.ts";
import type { Build } from "../../pipeline/build.ts";
import type { StageContext } from "../../pipeline/hooks.ts";
import { partsOf, type Closure } from "./collect.ts";

/** `base`: the tree of the image that this one is built on. */
export async function mergeClosure(
  build: Build,
  context: StageContext,
  closure: Closure,
  base: FileTree | undefined,
): Promise<FileTree> {
  const parts = partsOf(closure);
  const all = base === undefined ? parts : [{ origin: BASE, tree: base, isBase: true as const }, ...parts];
  const merging = mergeInPieces(all, {
    collisions: build.spec.collisions,
    onCollision: (path, kept, dropped) =>
      context.emit({
        type: "warning",
        code: "W_COLLISION",
        message: `${displayPath(path)} of ${dropped} gave way to that of ${kept}`,
      }),
  });
  const merged = await inTurns(merging, context.signal);
  const complete = await build.hooks.merge.promise(merged, {
    ...context,
    closure: closure.graph,
    ...(base !== undefined && { base }),
  });
  return complete === merged ? merged : withOrigins(complete, base);
}

/** What a tap added without saying whose it is belongs to the image, or to the base where that has the same. */
function withOrigins(tree: FileTree, base: FileTree | undefined): FileTree {
  const added = tree.entries().filter(({ origin }) => origin === undefined || origin === "image");
  return withEntries(
    tree,
    added.flatMap((entry) => {
      const below = base?.get(entry.path);
      if (below !== undefined && sameEntry(below, entry)) return [below];
      return entry.origin === undefined ? [{ ...entry, origin: "image" }] : [];
    }),
  );
}
