/** Makes the long-lived half: the plugins, what they bring, and the hooks that last from the config to the last output. */
import { AsyncParallelHook, AsyncSeriesHook, AsyncSeriesWaterfallHook, SyncHook } from "tapable";
import { ImageDslError } from "../error.ts";
import type { BuildGraph } from "../graph/build-graph.ts";
import type { Build } from "./build.ts";
import type { BuildResult, BuilderHooks, DoctorReport } from "./builder-hooks.ts";
import type { Builder, Plugin } from "./plugin.ts";
import { blame, named } from "./wrap-taps.ts";

/** Applies the plugins in their order. Throws `E_PLUGIN_INVALID` where two bring the same thing or one lacks another. */
export function createBuilder(plugins: readonly Plugin[]): Builder {
  const builder: Builder = Object.freeze({
    hooks: builderHooks(),
    plugins: [...plugins],
    sources: collectNamed(plugins, "kind of source", (plugin) =>
      (plugin.sources ?? []).map(({ kind, schema }) => [kind, schema]),
    ),
    presets: collectNamed(plugins, "image function", (plugin) =>
      (plugin.presets ?? []).map((preset) => [preset.name, preset]),
    ),
    outputs: collectNamed(plugins, "output", (plugin) =>
      (plugin.outputs ?? []).map((output) => [output.transport, output]),
    ),
    inputs: collectNamed(plugins, "input", (plugin) => (plugin.inputs ?? []).map((input) => [input.transport, input])),
    caches: collectNamed(plugins, "shared cache", (plugin) =>
      (plugin.caches ?? []).map((cache) => [cache.transport, cache]),
    ),
    remotes: collectNamed(plugins, "kind of workers", (plugin) =>
      (plugin.remotes ?? []).map((remote) => [remote.transport, remote]),
    ),
  });
  checkRequired(builder);
  for (const plugin of plugins) applyPlugin(plugin, builder);
  return builder;
}

function builderHooks(): BuilderHooks {
  return Object.freeze({
    graph: named("graph", new AsyncSeriesWaterfallHook<[BuildGraph]>(["graph"])),
    build: named("build", new SyncHook<[Build]>(["build"])),
    done: named("done", new AsyncSeriesHook<[readonly BuildResult[]]>(["results"])),
    failed: named("failed", new AsyncSeriesHook<[unknown]>(["error"])),
    doctor: named("doctor", new AsyncParallelHook<[DoctorReport]>(["report"])),
  });
}

function checkRequired({ plugins, sources }: Builder): void {
  for (const plugin of plugins) {
    for (const kind of plugin.requires ?? []) {
      if (sources.has(kind)) continue;
      throw new ImageDslError(
        "E_PLUGIN_INVALID",
        `The plugin "${plugin.name}" needs sources of the kind "${kind}", which no plugin brings`,
      );
    }
  }
}

function collectNamed<Value>(
  plugins: readonly Plugin[],
  what: string,
  of: (plugin: Plugin) => readonly (readonly [string, Value])[],
): ReadonlyMap<string, Value> {
  const result = new Map<string, Value>();
  const owners = new Map<string, string>();
  for (const plugin of plugins) {
    for (const [name, value] of of(plugin)) {
      if (owners.has(name)) {
        throw new ImageDslError(
          "E_PLUGIN_INVALID",
          `The plugins "${owners.get(name)}" and "${plugin.name}" both bring the ${what} "${name}"`,
        );
      }
      owners.set(name, plugin.name);
      result.set(name, value);
    }
  }
  return result;
}

/** Runs a plugin's own `apply`, with the same blame. */
function applyPlugin(plugin: Plugin, builder: Builder): void {
  try {
    plugin.apply(builder);
  } catch (error) {
    throw blame("apply", plugin.name, error);
  }
}
