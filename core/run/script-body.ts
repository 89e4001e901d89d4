/** The script itself: bash text as one command, or a function with a shell to run commands by. */
import type { RunSpec, Script } from "../model/image-spec.ts";
import type { FileTree } from "../tree/file-tree.ts";
import { warnOfStaticPrograms } from "./escapes.ts";
import { aborted, run as runProgram } from "../process/child-process.ts";
import { startHere } from "./host-command.ts";
import { prepared, scriptEnvironment } from "./script-environment.ts";
import type { Names } from "./names/names.ts";
import { idOfUser, type SourceDirectories } from "./script-inputs.ts";
import type { ExecutionContext } from "./script-executor.ts";
import type { ScriptRunner } from "./script-runner.ts";
import type { InnerCommand, ScriptPlace } from "./script-place.ts";
import { scriptError } from "./script-error.ts";
import { scriptLog } from "./script-log.ts";
import { openShell, shellFlags } from "./script-shell.ts";
import { shellTextReader, type ShellText } from "./shell-words.ts";
import { staticPrograms } from "./static-programs.ts";
import { lacksNetwork, noNetwork } from "./lacks-network.ts";
import { markOf } from "./strays.ts";

/** One argument may have 128 KiB on Linux. */
const TEXT_LIMIT = 120 * 1024;

export interface BodyOptions {
  readonly run: RunSpec;
  readonly tree: FileTree;
  readonly context: ExecutionContext;
  readonly runner: ScriptRunner;
  readonly place: ScriptPlace;
  readonly sessionEnv: Readonly<Record<string, string>>;
  readonly names: Names;
  readonly sources: SourceDirectories;
  /** Takes the names of statically linked programs that the script runs in a faked session. */
  readonly programs: Set<string>;
}

/** Throws `E_SCRIPT_FAILED` with the exit code and the last lines, `E_ABORTED` after an interrupt. */
export async function runBody(options: BodyOptions): Promise<void> {
  const { run, context } = options;
  const log = scriptLog(run, context);
  try {
    const { script } = run;
    if (typeof script === "string") await runText(script, options, log.add);
    else await runFunction(script, options, log.add);
  } catch (error) {
    throw scriptError(error, log.lines, run, context, mendOf(options, log.lines));
  }
  if (context.signal.aborted) throw aborted();
}

async function runText(text: string, options: BodyOptions, onLine: (line: string) => void): Promise<void> {
  const { run, runner, tree, place, context, sources } = options;
  if (Buffer.byteLength(text) > TEXT_LIMIT)
    throw new Error(`its text is longer than ${TEXT_LIMIT} bytes; put part of it into a file`);
  // In a sandbox there is nothing to be found that could not be done there.
  if (!run.sandbox || runner.faked) checkText((await shellTextReader())(text), options);
  const shell = runner.shell(tree);
  const env = scriptEnvironment(run, context.spec.mtime, place);
  const inner = enter([shell.path, ...shellFlags(shell), "-e", "-c", text], env, options);
  const mark = inner.ownProcesses ? undefined : markOf(place);
  const [command, ...args] = prepared(inner.command, { mark, streams: "together" });
  const running = runProgram(command!, args, {
    cwd: startOf(options),
    env: inner.env,
    signal: context.signal,
    onLine,
  });
  // While it runs there is time; whoever ran this asks again.
  sources.areAsMade().catch(() => {});
  context.onStart?.();
  const { code, signal } = await running;
  if (code !== 0) throw new ExitError(code, signal);
}

async function runFunction(
  script: Exclude<Script, string>,
  options: BodyOptions,
  onLine: (line: string) => void,
): Promise<void> {
  const { run, runner, tree, place, context, sources } = options;
  const env = scriptEnvironment(run, context.spec.mtime, place);
  const program = runner.shell(tree);
  const readText = await shellTextReader();
  let refusal: unknown;
  const shell = await openShell({
    shell: program,
    directory: startOf(options),
    env,
    start(text, directory, variables) {
      try {
        checkText(readText(text), options);
      } catch (error) {
        refusal ??= error;
        throw error;
      }
      const inner = enter([program.path, ...shellFlags(program), "-c", text], variables, options);
      const command = startHere(inner, directory, markOf(place));
      // While it runs there is time; whoever ran this asks again.
      sources.areAsMade().catch(() => {});
      context.onStart?.();
      return command;
    },
    signal: context.signal,
    onLine,
  });
  try {
    await script({
      $: shell.$,
      root: place.root,
      id: (user) => idOfUser(tree, user),
      path: (source) => sources.path(source),
      env,
      signal: context.signal,
    });
  } catch (error) {
    await shell.close().catch(() => {}); // The first failure is the one to tell.
    throw refusal ?? error;
  }
  await shell.close();
  if (refusal !== undefined) throw refusal;
}

/** A sandbox goes to the script's own; the shells before it write down where they start, which all inside can read. */
function startOf({ run, runner, place }: BodyOptions): string {
  return run.sandbox ? "/" : (runner.start?.(place) ?? place.root);
}

/** From the inside: the command, the runner's own way to run it, the names, the environment. */
function enter(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  { runner, place, sessionEnv, names }: BodyOptions,
): InnerCommand {
  const inner = runner.enter(command, place);
  return names.enter(inner.command, { ...env, ...sessionEnv, ...inner.env });
}

/** Looks at a text before it runs: for programs that no session reaches, and for names that would be the host's. */
function checkText(text: ShellText, { run, runner, context, place, programs, names }: BodyOptions): void {
  const { PATH } = scriptEnvironment(run, context.spec.mtime, place);
  const found = staticPrograms(text, PATH ?? "", place.root);
  names.check(`script "${run.name}" of "${context.target}"`, text, found);
  if (!runner.faked) return;
  const fresh = found.filter((program) => !programs.has(program));
  for (const program of fresh) programs.add(program);
  warnOfStaticPrograms(run, fresh, context);
}

class ExitError extends Error {
  constructor(code: number | null, signal: string | null) {
    super(code === null ? `it was ended by ${signal}` : `exit code ${code}`);
  }
}

function mendOf({ run, context, names, runner }: BodyOptions, lines: readonly string[]): string | undefined {
  const known = names.mend(lines) ?? runner.mend?.(lines);
  if (known !== undefined) return known;
  if (run.sandbox && lacksNetwork(lines)) return noNetwork(run);
  return context.keepFailed ? undefined : "Run it again with --keep-failed to look into its work directory";
}
