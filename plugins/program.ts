/** `build`, `plan` and `loadConfig` for programs: core's, with the standard plugins bound. They give what the CLI gives. */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  ImageDslError,
  checkConfig,
  findAndLoadConfig,
  planBuild,
  runBuild,
  unknownKeyMessage,
  knownStoreDirectory,
  type BuildOptions,
  type BuildResult,
  type CheckedConfig,
  type Config,
  type Platform,
  type PlannedImage,
} from "../core/index.ts";
import { ownExports } from "./own-exports.ts";
import { standardPlugins } from "./standard.ts";

/** Options of `build` and `plan` in programs. */
export interface ProgramOptions extends Omit<BuildOptions, "modules" | "reads" | "overtaken"> {
  /** The calling module's `import.meta.url`: relative paths start there, and scripts that are functions can be cached. */
  readonly from?: string;
  /** Where relative paths start; default `from`'s folder, else the working directory. */
  readonly directory?: string;
  /** What the config's `images` function gets as `args`. */
  readonly args?: Readonly<Record<string, string>>;
  /** Outranks the config's `platforms`. */
  readonly platforms?: readonly Platform[];
}

/**
 * Builds a config's images and writes their outputs. Events go to `onEvent`; nothing is printed.
 *
 * @example
 * const [result] = await build(buildLayeredImage({ name: "site", contents: [files("dist")] }), { outputs: ["digest"] });
 */
export async function build(config: Config, options: ProgramOptions = {}): Promise<BuildResult[]> {
  requireKnown("build", options);
  return unlessAborted(options.signal, async () => {
    const { builder, graph } = await check(config, options);
    return runBuild(builder, graph, { ...options, modules: modulesOf(options) });
  });
}

/** The layers that `build` would make, and why. */
export async function plan(config: Config, options: ProgramOptions = {}): Promise<PlannedImage[]> {
  requireKnown("plan", options);
  return unlessAborted(options.signal, async () => {
    const { builder, graph } = await check(config, options);
    return planBuild(builder, graph, { ...options, modules: modulesOf(options) });
  });
}

/** Loads a config file as the CLI does: the given one, or the nearest from `directory` upwards. */
export async function loadConfig(file?: string, directory: string = resolve()): Promise<Config> {
  const loaded = await findAndLoadConfig(directory, file, {
    exports: ownExports(),
    cacheDirectory: knownStoreDirectory(),
  });
  // What it says is checked when it is built.
  return loaded.value as Config;
}

/** Complete, as the compiler sees to: a name that is not here would be without effect. */
const OPTIONS: Readonly<Record<keyof ProgramOptions, true>> = {
  from: true,
  directory: true,
  args: true,
  platforms: true,
  targets: true,
  shard: true,
  changes: true,
  outputs: true,
  push: true,
  load: true,
  tags: true,
  compression: true,
  format: true,
  jobs: true,
  keepFailed: true,
  keepGoing: true,
  sharedCache: true,
  remote: true,
  remoteWorkers: true,
  check: true,
  requireSandbox: true,
  virtualMachine: true,
  noCache: true,
  explain: true,
  pins: true,
  frozenLock: true,
  updateLock: true,
  insecureHosts: true,
  dryRun: true,
  store: true,
  signal: true,
  onEvent: true,
};

/** Throws `E_USAGE`: what is misspelt must not be as if it were not there. */
function requireKnown(of: string, options: ProgramOptions): void {
  const known = Object.keys(OPTIONS);
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new ImageDslError("E_USAGE", `${of}(): option "${unknown}" ${unknownKeyMessage(unknown, known)}`);
}

/** What breaks off because the caller's signal says so is told as that. */
async function unlessAborted<Result>(signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> {
  try {
    signal?.throwIfAborted();
    return await work();
  } catch (cause) {
    if (signal?.aborted !== true || (cause instanceof ImageDslError && cause.code === "E_ABORTED")) throw cause;
    throw new ImageDslError("E_ABORTED", "The build was interrupted", { cause });
  }
}

function modulesOf({ from, args = {} }: ProgramOptions): BuildOptions["modules"] {
  if (from === undefined) return undefined;
  const { urls, version } = ownExports();
  return { entry: fileURLToPath(from), args, own: new Set(urls.keys()), version };
}

function check(config: Config, { from, directory, args, platforms }: ProgramOptions): Promise<CheckedConfig> {
  return checkConfig(config, {
    plugins: standardPlugins,
    directory: resolve(directory ?? (from === undefined ? "" : dirname(fileURLToPath(from)))),
    args,
    platforms,
  });
}
