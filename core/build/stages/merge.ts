/** Stage merge: the nodes' trees → one tree, with what plugins make out of all of it. */
import { displayPath } from "../../model/path.ts";
import type { FileTree } from "../../tree/file-tree.ts";
import { mergeTrees } from "../../tree/merge.ts";
import { withEntries } from "../../tree/overlay.ts";
import type { Build } from "../build.ts";
import type { StageContext } from "../hooks.ts";
import { partsOf, type Closure } from "./collect.ts";

export async function mergeClosure(build: Build, context: StageContext, closure: Closure): Promise<FileTree> {
  const merged = mergeTrees(partsOf(closure), {
    collisions: build.spec.collisions,
    onCollision: (path, kept, dropped) =>
      context.emit({
        type: "warning",
        code: "W_COLLISION",
        message: `${displayPath(path)} of ${dropped} gave way to that of ${kept}`,
      }),
  });
  const complete = await build.hooks.merge.promise(merged, { ...context, closure: closure.graph });
  return complete === merged ? merged : withOrigins(complete);
}

/** What a tap added without saying whose it is belongs to the image. */
function withOrigins(tree: FileTree): FileTree {
  const added = tree.entries().filter(({ origin }) => origin === undefined);
  return withEntries(
    tree,
    added.map((entry) => ({ ...entry, origin: "image" })),
  );
}
