/** From the command line's words to a builder and a graph: find the config, hand over, load, check; then the command's work. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { ImageDslError } from "../error.ts";
import { lockFileOf } from "../engine/lock-place.ts";
import type { ScriptModules } from "../engine/script-settings.ts";
import { checkConfig, type CheckedConfig } from "../config/check.ts";
import { findConfig, type FoundConfig } from "../config/find.ts";
import { loadConfig } from "../config/load.ts";
import type { BuildGraph } from "../graph/build-graph.ts";
import { environment, growHeap } from "../host.ts";
import type { HostReads } from "../model/host-reads.ts";
import type { Platform } from "../model/platform.ts";
import { knownStoreDirectory } from "../store/location.ts";
import { hostPath } from "../tree/host.ts";
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
export function runWithConfig(
  program: Program,
  options: ReporterOptions,
  given: ConfigArguments,
  work: (context: CommandContext, config: OpenedConfig) => Promise<void>,
): Promise<number> {
  return runWithConfigs(program, options, given, async (context, open) => work(context, await open()));
}

/** Opens the config as it is now; whoever opens it again says whom to tell what it is read from. */
export type OpenConfig = (reads?: HostReads) => Promise<OpenedConfig>;

/** As `runWithConfig`, for work that opens the config itself. */
export async function runWithConfigs(
  program: Program,
  options: ReporterOptions,
  given: ConfigArguments,
  work: (context: CommandContext, open: OpenConfig) => Promise<void>,
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
  const openIn =
    (context: CommandContext): OpenConfig =>
    async (reads) => {
      // JSON was read when it was found.
      const now = reads === undefined ? found : await findAgain(found, reads);
      return openFound(now, words, { program, context, reads });
    };
  return keepingStdout(() => runCommand(program, options, (context) => work(context, openIn(context))));
}

/** Undefined where there is no config, and none is named. Throws what finding, loading and checking it throws. */
export async function openConfigIfAny(
  program: Program,
  context: CommandContext,
  given: Pick<ConfigArguments, "config" | "arg">,
): Promise<OpenedConfig | undefined> {
  const found = await findConfig(process.cwd(), given.config).catch((error: unknown) => {
    const isNone = error instanceof ImageDslError && error.code === "E_CONFIG_NOT_FOUND" && given.config === undefined;
    if (isNone) return undefined;
    throw error;
  });
  return (
    found && openFound(found, { args: readArgs(given.arg), platforms: [] }, { program, context, reads: undefined })
  );
}

function findAgain({ file }: FoundConfig, reads: HostReads): Promise<FoundConfig> {
  reads.path(hostPath(file));
  return findConfig(process.cwd(), file);
}

interface ConfigWords {
  readonly args: Readonly<Record<string, string>>;
  readonly platforms: readonly Platform[];
}

interface Opening {
  readonly program: Program;
  readonly context: CommandContext;
  readonly reads: HostReads | undefined;
}

async function openFound(
  found: FoundConfig,
  words: ConfigWords,
  { program, context, reads }: Opening,
): Promise<OpenedConfig> {
  growHeap("fast");
  const { file, directory, value } = await loadConfig(found, {
    exports: program.exports,
    cacheDirectory: knownStoreDirectory(),
    ...(reads !== undefined && { reads }),
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
  return { ...config, modules: modulesOf(found, program, words.args) };
}

function modulesOf(
  { kind, file }: FoundConfig,
  { exports }: Program,
  args: ScriptModules["args"],
): ScriptModules | undefined {
  if (kind === "value") return undefined;
  return { entry: file, args, own: new Set(exports.urls.keys()), version: exports.version };
}

/**
 * `--frozen-lock` is the default where `CI` is set and a lock exists, unless the lock is to be renewed; and of shards, which
 * would each pin something else.
 */
export function isLockFrozen(
  graph: BuildGraph,
  given: {
    readonly "frozen-lock": boolean | undefined;
    readonly "update-lock": string | undefined;
    readonly shard?: string | undefined;
  },
): boolean {
  if (given["frozen-lock"] !== undefined) return given["frozen-lock"];
  if (given.shard !== undefined) return true;
  const { CI: ci } = environment();
  const inCi = ci !== undefined && ci !== "" && ci !== "false";
  return inCi && given["update-lock"] === undefined && existsSync(lockFileOf(graph));
}
