/** One run of a script: a work directory, the tree in it, a session, the script, and what it changed. */
import { basename, join } from "node:path";
import { ImageDslError, withDetails } from "../error.ts";
import { encodeText, displayBytes } from "../model/bytes.ts";
import type { RunSpec } from "../model/image-spec.ts";
import { fullStore } from "../store/full-disk.ts";
import { readBack } from "../tree/capture.ts";
import type { FakedStat } from "../tree/file-identity.ts";
import { compareTrees } from "../tree/diff.ts";
import type { FileTree } from "../tree/file-tree.ts";
import { globMatcher } from "../tree/glob.ts";
import { bringArchives } from "../tree/deferred-archives.ts";
import { layOutTree, type LaidTree } from "../tree/materialize.ts";
import { reportEscapes } from "./escapes.ts";
import { startFakedSession, type FakedSession } from "./faked-session.ts";
import { keepContents } from "./keep-contents.ts";
import { removeDirectory } from "../process/remove-directory.ts";
import { runBody } from "./script-body.ts";
import { inTurns } from "../tree/turns.ts";
import { makePlace } from "./make-place.ts";
import { openNames, type Names } from "./names/names.ts";
import { HELPER_ENVIRONMENT } from "../process/helper-environment.ts";
import { namedInput, sourceDirectories } from "./script-inputs.ts";
import type { ScriptRunner } from "./script-runner.ts";
import type { ExecutedScript } from "../pipeline/script-places.ts";
import type { ExecutionContext, ScriptExecutor } from "./script-executor.ts";
import type { ScriptPlace } from "./script-place.ts";
import { openSandbox } from "./sandbox/sandbox.ts";
import { sandboxOf } from "./sandbox/bubblewrap.ts";
import { endStrays } from "./strays.ts";

/** Runs scripts in a directory that holds the tree. */
export function directoryExecutor(runner: ScriptRunner): ScriptExecutor {
  const { kind, tools, isWalledOff = false, takesProcessor = false, elsewhere, check } = runner;
  return {
    kind,
    tools,
    isWalledOff,
    ...(elsewhere !== undefined && { elsewhere }),
    ...(check && { check }),
    async execute(run, tree, context, again) {
      const work = (): Promise<ExecutedScript> => executeScript(run, tree, context, runner, again);
      if (!takesProcessor) return work();
      const [executed] = await context.tasks.map("cpu", [run], work);
      return executed!;
    },
  };
}

export async function executeScript(
  run: RunSpec,
  tree: FileTree,
  context: ExecutionContext,
  runner: ScriptRunner,
  backwards: boolean,
): Promise<ExecutedScript> {
  const temporary = await context.store.temporaryDirectory("script");
  const made = makePlace(temporary.path);
  const { place } = made;
  let keep = false;
  try {
    await bringArchives(tree.entries());
    const layOut = layOutTree(tree, encodeText(place.root), {
      purpose: "script",
      faked: runner.faked,
      backwards,
      ...(run.needs && { wants: globMatcher(run.needs) }),
    });
    const laid = await inTurns(layOut, context.signal);
    const sources = sourceDirectories(place.sources, context, { backwards, areKept: runner.keepsSources ?? false });
    const programs = new Set<string>();
    const names = await namesFor(run, tree, context, runner, place);
    const asked = typeof run.script === "string" ? (runner.inputs ?? []) : [];
    for (const name of asked) await sources.path(namedInput(name));
    const session = inSession(runner, laid, place, context.signal, async (sessionEnv) => {
      await runBody({ run, tree, context, runner, place, sessionEnv, names, sources, programs });
      await endStrays(place, context.signal);
      made.check(run, context.target);
    });
    await session.catch(() => {});
    // Be it a failure: it says nothing of the script.
    if (!(await sources.areAsMade())) return await executeScript(run, tree, context, runner, backwards);
    const faked = await session;
    const { mtime } = context.spec;
    const reading = readBack({ before: tree, laid, faked, mtime, leaveOut: runner.leaveOut });
    const captured = await inTurns(reading, context.signal);
    reportEscapes(run, captured.escapes, programs, context);
    const { changed, removed } = await inTurns(compareTrees(tree, captured.tree), context.signal);
    const kept = await keepContents(changed, encodeText(place.root), context);
    return { changes: { changed: kept, removed }, used: sources.used() };
  } catch (error) {
    keep = context.keepFailed && error instanceof ImageDslError && error.code.startsWith("E_SCRIPT_");
    if (!keep) throw namingFullDisk(error, context.store.directory);
    throw withKeptDirectory(error as ImageDslError, join(await temporary.keep(), basename(place.root)));
  } finally {
    if (!keep && (await removeDirectory(temporary.path, context.signal))) await temporary.dispose();
  }
}

async function namesFor(
  run: RunSpec,
  tree: FileTree,
  context: ExecutionContext,
  { kind, faked, names, start }: ScriptRunner,
  place: ScriptPlace,
): Promise<Names> {
  const files = names === "inside" ? undefined : names(tree);
  if (!run.sandbox) return openNames(files, place.names);
  if (files === undefined) {
    throw new ImageDslError(
      "E_RUNNER_UNSUPPORTED",
      `Cannot run script "${run.name}" of "${context.target}" in a sandbox: ${kind} runs the image's own programs`,
      { hint: "Leave sandbox out, or run it another way" },
    );
  }
  const bubblewrap = await sandboxOf(run, context);
  return openSandbox({ bubblewrap, place, files, start: start?.(place) ?? place.root, faked });
}

/** Runs `body`, which ends what it starts, in a faked session if the runner has one. Whatever happens, nothing of the script runs afterwards. */
async function inSession(
  runner: ScriptRunner,
  laid: LaidTree,
  place: ScriptPlace,
  signal: AbortSignal,
  body: (env: Readonly<Record<string, string>>) => Promise<void>,
): Promise<ReadonlyMap<string, FakedStat> | undefined> {
  let session: FakedSession | undefined;
  if (runner.faked) session = await startFakedSession(laid, join(place.work, "session"), HELPER_ENVIRONMENT);
  try {
    await body(session?.env ?? {});
  } catch (error) {
    await endStrays(place, signal);
    await session?.abandon();
    throw error;
  }
  return session?.finish();
}

/** The disk that is full is the one of the work directory: the store's. */
function namingFullDisk(error: unknown, store: string): unknown {
  if (!(error instanceof ImageDslError)) return fullStore(error, store) ?? error;
  const { code, message, hint, place, cause } = error;
  if (code !== "E_NO_SPACE" || message.includes(store)) return error;
  return new ImageDslError(code, `${message} in the cache ${store}`, { hint, place, cause });
}

function withKeptDirectory(error: ImageDslError, directory: string): ImageDslError {
  const kept = `The work directory was kept: ${displayBytes(encodeText(directory))}`;
  return withDetails(error, { hint: error.hint === undefined ? kept : `${error.hint}. ${kept}` });
}
