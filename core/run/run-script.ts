/**
 * Runs one script over a tree, whatever the runner: finds its result if it is known, else lays the tree out, runs the
 * script, reads back what it changed, keeps that, and leaves nothing behind.
 */
import type { RunSpec } from "../model/image-spec.ts";
import { applyChanges, type TreeChanges } from "../tree/diff.ts";
import type { FileTree } from "../tree/file-tree.ts";
import type { Json } from "../model/json.ts";
import { scriptIdentity, scriptKey } from "./script-key.ts";
import { readScriptResult, writeScriptResult, type ScriptResult } from "./script-result.ts";
import type { RunContext } from "../pipeline/hooks.ts";
import type { ScriptRunner } from "./script-runner.ts";
import { checkRepeats } from "./check-repeats.ts";
import { executeScript } from "./execute-script.ts";
import { treeDigest } from "../tree/digest.ts";
import { giveTurn } from "../tree/turns.ts";

/**
 * The tree afterwards. `identity` is what stands for the script in its key; undefined: it runs each time. Throws `E_SCRIPT_FAILED`, `E_SCRIPT_ESCAPED`, `E_TOOL_MISSING`, `E_RUNNER_UNSUPPORTED` (before
 * the script starts) and `E_ABORTED` (once nothing of it runs any more).
 */
export async function runScript(
  run: RunSpec,
  tree: FileTree,
  context: RunContext,
  runner: ScriptRunner,
  identity: (run: RunSpec, context: RunContext) => Json | undefined = scriptIdentity,
): Promise<FileTree> {
  const key = await scriptKey(run, tree, context, runner, identity(run, context));
  const changes = await scriptChanges(run, tree, context, runner, key);
  await giveTurn(context.signal);
  return applyChanges(tree, changes);
}

async function scriptChanges(
  run: RunSpec,
  tree: FileTree,
  context: RunContext,
  runner: ScriptRunner,
  key: string | undefined,
): Promise<TreeChanges> {
  const known = key === undefined || context.check ? undefined : await readScriptResult(context.store, key, tree);
  if (known !== undefined && (await sourcesAreSame(known, context))) {
    context.emit({
      type: "note",
      message: `${run.name} of "${context.target}" was not run again: nothing it depends on changed`,
    });
    return known.changes;
  }
  await runner.check?.(tree, context);
  const result = await executeScript(run, tree, context, runner);
  if (context.check) await checkRepeats(run, tree, result, context, runner);
  if (key !== undefined && result.used !== undefined) {
    await writeScriptResult(context.store, key, tree, { changes: result.changes, used: result.used });
  }
  return result.changes;
}

/** A function asks for sources while it runs, so they are not part of the key; that they are the same is seen here. */
async function sourcesAreSame({ used }: ScriptResult, context: RunContext): Promise<boolean> {
  for (const { kind, options, tree } of used) {
    if (treeDigest(await context.treeOf({ kind, options })) !== tree) return false;
  }
  return true;
}
