/** A script's function, whose commands run where no process of the host's may enter (`command-loop.ts`): the function itself stays here. */
import type { Writable } from "node:stream";
import { ImageDslError } from "../error.ts";
import type { RunSpec, Script, ScriptContext } from "../model/image-spec.ts";
import type { RunContext } from "../pipeline/hooks.ts";
import type { FileTree } from "../tree/file-tree.ts";
import { commandChannel } from "./command-channel.ts";
import { rootEnvironment, rootShell } from "./root-script.ts";
import { idOfUser } from "./script-inputs.ts";
import { openShell } from "./script-shell.ts";

/** A script function that runs here while its commands run inside. */
export interface InnerFunction {
  /** What is sent besides what belongs to its commands. To be read to its end, which comes with that of the other side. */
  readonly rest: AsyncIterable<Buffer>;
  /** Once it has ended: what it threw, if it did. */
  readonly failure: Promise<{ readonly error: unknown } | undefined>;
}

export interface InnerFunctionOptions {
  readonly run: RunSpec;
  readonly script: Exclude<Script, string>;
  readonly tree: FileTree;
  readonly context: RunContext;
  /** Both ends of what the loop has. */
  readonly output: AsyncIterable<Buffer>;
  readonly input: Writable;
  readonly onLine: (line: string) => void;
  /** What cannot run all functions. */
  readonly where: string;
}

/** It is called as soon as commands can be run. */
export function innerFunction(options: InnerFunctionOptions): InnerFunction {
  const channel = commandChannel(options.output, options.input);
  const failure = (async () => {
    if (!(await channel.ready)) return undefined;
    try {
      await callFunction(options, channel.start);
      channel.end(0);
      return undefined;
    } catch (error) {
      channel.end(1);
      return { error };
    }
  })();
  return { rest: channel.rest, failure };
}

async function callFunction(
  { run, script, tree, context, onLine, where }: InnerFunctionOptions,
  start: ReturnType<typeof commandChannel>["start"],
): Promise<void> {
  const env = rootEnvironment(run, context.spec.mtime);
  const { signal } = context;
  const shell = await openShell({ shell: rootShell(tree), directory: "/", env, start, signal, onLine });
  let refusal: ImageDslError | undefined;
  const refuse = (what: string): never => {
    refusal ??= new ImageDslError(
      "E_RUNNER_UNSUPPORTED",
      `${run.name} asks for ${what}, which there is not in ${where}`,
      {
        hint: "Do it by commands of $, and bring in contents what they need",
      },
    );
    throw refusal;
  };
  const given: ScriptContext = {
    $: shell.$,
    get root() {
      return refuse("root, the tree as a directory of the host");
    },
    id: (user) => idOfUser(tree, user),
    path: () => refuse("path(…), a directory of the host"),
    env,
    signal,
  };
  try {
    await script(given);
  } catch (error) {
    await shell.close().catch(() => {}); // The first failure is the one to tell.
    throw refusal ?? error;
  }
  await shell.close();
  if (refusal !== undefined) throw refusal;
}
