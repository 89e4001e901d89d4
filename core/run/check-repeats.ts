/** `--check`: whether a script gives the same tree when it runs again. */
import { setTimeout as sleep } from "node:timers/promises";
import { ImageDslError } from "../error.ts";
import type { RunContext } from "../pipeline/hooks.ts";
import type { ExecutedScript } from "../pipeline/script-places.ts";
import type { Entry } from "../model/entry.ts";
import type { RunSpec } from "../model/image-spec.ts";
import { comparePaths, displayPath } from "../model/path.ts";
import { applyChanges, diffTrees } from "../tree/diff.ts";
import { sameMeta } from "../tree/equal.ts";
import type { FileTree } from "../tree/file-tree.ts";
import type { ScriptExecutor } from "./script-executor.ts";

/** After this many milliseconds every clock that a script may look at shows another time. */
const ANOTHER_TIME = 1100;

/**
 * Runs the script once more: later, in another folder, its files laid out in another order. Throws `E_SCRIPT_DIFFERS`
 * with the first entry that is not the same.
 */
export async function checkRepeats(
  run: RunSpec,
  tree: FileTree,
  first: ExecutedScript,
  context: RunContext,
  executor: ScriptExecutor,
): Promise<void> {
  await sleep(ANOTHER_TIME, undefined, { signal: context.signal });
  const second = await executor.execute(run, tree, context, run.keepsOrder !== true);
  const [once, again] = [applyChanges(tree, first.changes), applyChanges(tree, second.changes)];
  const { changed, removed } = diffTrees(once, again);
  const [path] = [...changed.map((entry) => entry.path), ...removed].sort(comparePaths);
  if (path === undefined) return;
  throw new ImageDslError(
    "E_SCRIPT_DIFFERS",
    `${run.name} of "${context.target}" gives other files when it runs again: ${displayPath(path)} ${difference(once.get(path), again.get(path))}`,
    { hint: "Take times, random numbers, host paths and the order of directories out of what it writes" },
  );
}

function difference(once: Entry | undefined, again: Entry | undefined): string {
  if (once === undefined) return "is there the second time only";
  if (again === undefined) return "is there the first time only";
  if (once.type !== again.type) return `is a ${once.type} and then a ${again.type}`;
  return sameMeta(once, again) ? "has other content" : "has another mode, owner or attribute";
}
