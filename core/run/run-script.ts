/** Runs one script over a tree, whoever executes it: finds its result if it is known, else runs it and keeps what it changed. */
import type { RunSpec } from "../model/image-spec.ts";
import { applyChanges, type TreeChanges } from "../tree/diff.ts";
import type { FileTree } from "../tree/file-tree.ts";
import { ownDigest, scriptIdentity, scriptKey, type ScriptIdentity } from "./script-key.ts";
import { readScriptResult, writeScriptResult, type ScriptResult } from "./script-result.ts";
import type { SharedScript } from "./shared-script.ts";
import type { RunContext } from "../pipeline/hooks.ts";
import type { ExecutedScript } from "../pipeline/script-places.ts";
import type { ScriptExecutor } from "./script-executor.ts";
import type { ScriptRunner } from "./script-runner.ts";
import { checkRepeats } from "./check-repeats.ts";
import { directoryExecutor } from "./execute-script.ts";
import { giveTurn } from "../tree/turns.ts";

/**
 * The tree afterwards. `identity` is what stands for the script in its key; undefined: it runs each time. Throws `E_SCRIPT_FAILED`, `E_SCRIPT_ESCAPED`, `E_TOOL_MISSING`, `E_RUNNER_UNSUPPORTED` (before
 * the script starts) and `E_ABORTED` (once nothing of it runs any more).
 */
export function runScript(
  run: RunSpec,
  tree: FileTree,
  context: RunContext,
  runner: ScriptRunner,
  identity?: ScriptIdentity,
): Promise<FileTree> {
  return runScriptBy(directoryExecutor(runner), run, tree, context, identity);
}

/** As `runScript`, by an executor that needs no directory. */
export async function runScriptBy(
  executor: ScriptExecutor,
  run: RunSpec,
  tree: FileTree,
  context: RunContext,
  identity: ScriptIdentity = scriptIdentity,
): Promise<FileTree> {
  const key = await scriptKey(run, tree, context, executor, await identity(run, context, ownDigest));
  const isShared = key !== undefined && context.shared !== undefined && !context.check;
  const { sharedScript } = isShared ? await import("./shared-script.ts") : {};
  const shared = sharedScript?.(run, tree, context, executor, identity);
  const changes = await scriptChanges(run, tree, context, executor, key, shared);
  await giveTurn(context.signal);
  return applyChanges(tree, changes);
}

async function scriptChanges(
  run: RunSpec,
  tree: FileTree,
  context: RunContext,
  executor: ScriptExecutor,
  key: string | undefined,
  shared: SharedScript | undefined,
): Promise<TreeChanges> {
  const known = key === undefined || context.check ? undefined : await readScriptResult(context.store, key, tree);
  if (known !== undefined && (await sourcesAreSame(known, context))) {
    context.emit({
      type: "note",
      message: `${run.name} of "${context.target}" was not run again: nothing it depends on changed`,
    });
    return known.changes;
  }
  const others = await shared?.find();
  if (key !== undefined && others !== undefined) {
    await writeScriptResult(context.store, key, tree, others);
    context.emit({
      type: "note",
      message: `${run.name} of "${context.target}" was not run: another machine has run it on the same inputs`,
    });
    return others.changes;
  }
  await executor.check?.(tree, context);
  const result = await told(run, context, () => execute(run, tree, context, executor));
  if (context.check) await checkRepeats(run, tree, result, context, executor);
  if (key !== undefined && result.used !== undefined) {
    await writeScriptResult(context.store, key, tree, { changes: result.changes, used: result.used });
    if (!result.isForeign) await shared?.keep(result.changes);
  }
  return result.changes;
}

/** Here, or where workers are named elsewhere: what `--check` sees is this machine's. */
async function execute(
  run: RunSpec,
  tree: FileTree,
  context: RunContext,
  executor: ScriptExecutor,
): Promise<ExecutedScript> {
  const here = (): Promise<ExecutedScript> => executor.execute(run, tree, context, false);
  const { scriptPlaces, check } = context;
  if (scriptPlaces === undefined || check || executor.elsewhere === undefined) return here();
  return scriptPlaces.run(run, executor.elsewhere, here, context);
}

async function told<Result>({ name }: RunSpec, { emit, target }: RunContext, work: () => Promise<Result>) {
  emit({ type: "script", target, script: name, state: "started" });
  try {
    return await work();
  } finally {
    emit({ type: "script", target, script: name, state: "done" });
  }
}

/** A function asks for sources while it runs, so they are not part of the key; that they are the same is seen here. */
async function sourcesAreSame({ used }: ScriptResult, context: RunContext): Promise<boolean> {
  for (const { kind, options, tree } of used) {
    if ((await context.knownTreeOf({ kind, options })).digest !== tree) return false;
  }
  return true;
}
