/** From the command line's words to a builder and a graph: find the config, hand over, load, check; then the command's work. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { lockFileOf } from "../engine/lock-place.ts";
import type { ScriptModules } from "../engine/script-settings.ts";
import { checkConfig, type CheckedConfig } from "../config/check.ts";
import { findConfig, type FoundConfig } from "../config/find.ts";
import { loadConfig } from "../config/load.ts";
import type { BuildGraph } from "../graph/build-graph.ts";
import { environment, growHeap } from "../host.ts";
import { knownStoreDirectory } from "../store/location.ts";
import { handOver } from "./hand-over.ts";
import { readArgs, readPlatforms, type ConfigArguments } from "./options.ts";
import type { Program, ReporterOptions } from "./program.ts";
import { keepingStdout } from "./keep-stdout.ts";
import { runCommand, runQuietly, type CommandContext } from "./run-command.ts";

export interface OpenedConfig extends CheckedConfig {
  /** Where the config's functions come from; JSON has none. */
  readonly modules: ScriptModules | undefined;
}

/** Gives the exit status; 0, with nothing done here, where another image-dsl has done the work in our place. */
export async function runWithConfig(
  program: Program,
  options: ReporterOptions,
  given: ConfigArguments,
  work: (context: CommandContext, config: OpenedConfig) => Promise<void>,
): Promise<number> {
  // Before anything listens for Ctrl-C or draws on the terminal, as the other one does both itself.
  const opened = await runQuietly(program, options, async () => {
    const words = { args: readArgs(given.arg), platforms: readPlatforms(given.platform) };
    const found = await findConfig(process.cwd(), given.config);
    return { words, found, handedOver: await handOver(dirname(found.file), program.exports) };
  });
  if (typeof opened === "number") return opened;
  const { words, found, handedOver } = opened;
  if (handedOver) return 0;
  const loadAndWork = async (context: CommandContext): Promise<void> => {
    growHeap("fast");
    const { file, directory, value } = await loadConfig(found, {
      exports: program.exports,
      cacheDirectory: knownStoreDirectory(),
    });
    const plugins = await program.plugins();
    const config = await checkConfig(value, {
      plugins,
      directory,
      configFile: file,
      exports: program.exports,
      ...words,
    });
    growHeap("usual");
    for (const { name, near } of config.unreadArgs) {
      const mend =
        near === undefined ? "Leave it out, or read it: images: ({ args }) => …" : `Did you mean --arg ${near}=…?`;
      const message = `Nothing in the config asked for --arg ${name}`;
      context.reporter.event({ type: "warning", code: "W_ARG_UNREAD", message, hint: mend });
    }
    await work(context, { ...config, modules: modulesOf(found, program, words.args) });
  };
  return keepingStdout(() => runCommand(program, options, loadAndWork));
}

function modulesOf(
  { kind, file }: FoundConfig,
  { exports }: Program,
  args: ScriptModules["args"],
): ScriptModules | undefined {
  if (kind === "value") return undefined;
  return { entry: file, args, own: new Set(exports.urls.keys()), version: exports.version };
}

/** `--frozen-lock` is the default where `CI` is set and a lock exists, unless the lock is to be renewed. */
export function isLockFrozen(
  graph: BuildGraph,
  given: { readonly "frozen-lock": boolean | undefined; readonly "update-lock": string | undefined },
): boolean {
  if (given["frozen-lock"] !== undefined) return given["frozen-lock"];
  const { CI: ci } = environment();
  const inCi = ci !== undefined && ci !== "" && ci !== "false";
  return inCi && given["update-lock"] === undefined && existsSync(lockFileOf(graph));
}
