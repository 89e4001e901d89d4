/** `build`, `plan` and `loadConfig` for programs: core's, with the standard plugins bound. They give what the CLI gives. */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  checkConfig,
  findAndLoadConfig,
  planBuild,
  runBuild,
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

export interface ProgramOptions extends Omit<BuildOptions, "modules"> {
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
  const { builder, graph } = await check(config, options);
  return runBuild(builder, graph, { ...options, modules: modulesOf(options) });
}

/** The layers that `build` would make, and why. */
export async function plan(config: Config, options: ProgramOptions = {}): Promise<PlannedImage[]> {
  const { builder, graph } = await check(config, options);
  return planBuild(builder, graph, { ...options, modules: modulesOf(options) });
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
