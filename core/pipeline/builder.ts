/** The long-lived half: plugins, and the hooks that last from the config to the last output. */
import { AsyncParallelHook, AsyncSeriesHook, AsyncSeriesWaterfallHook, SyncHook } from "tapable";
import { ImageDslError } from "../error.ts";
import type { BuildGraph } from "../graph/build-graph.ts";
import type { ImagePreset } from "../graph/preset.ts";
import type { StandardSchema } from "../model/schema.ts";
import type { Build } from "./build.ts";
import type { BuildResult, BuilderHooks, DoctorReport, OutputDefinition } from "./hooks.ts";
import type { Plugin } from "./plugin.ts";
import { applyPlugin, named } from "./wrap-taps.ts";

export class Builder {
  readonly hooks: BuilderHooks = Object.freeze({
    graph: named("graph", new AsyncSeriesWaterfallHook<[BuildGraph]>(["graph"])),
    build: named("build", new SyncHook<[Build]>(["build"])),
    done: named("done", new AsyncSeriesHook<[readonly BuildResult[]]>(["results"])),
    failed: named("failed", new AsyncSeriesHook<[unknown]>(["error"])),
    doctor: named("doctor", new AsyncParallelHook<[DoctorReport]>(["report"])),
  });

  readonly plugins: readonly Plugin[];
  /** Schemas of the kinds of source that the plugins bring, by kind. */
  readonly sources: ReadonlyMap<string, StandardSchema>;
  /** The functions that make images, by name. */
  readonly presets: ReadonlyMap<string, ImagePreset>;

  /** The transports that the plugins write to, by name. */
  readonly outputs: ReadonlyMap<string, OutputDefinition>;

  /** Applies the plugins in their order. Throws `E_PLUGIN_INVALID` where two bring the same thing or one lacks another. */
  constructor(plugins: readonly Plugin[]) {
    this.plugins = [...plugins];
    this.sources = collectNamed(plugins, "kind of source", (plugin) =>
      (plugin.sources ?? []).map(({ kind, schema }) => [kind, schema]),
    );
    this.presets = collectNamed(plugins, "image function", (plugin) =>
      (plugin.presets ?? []).map((preset) => [preset.name, preset]),
    );
    this.outputs = collectNamed(plugins, "output", (plugin) =>
      (plugin.outputs ?? []).map((output) => [output.transport, output]),
    );
    for (const plugin of plugins) {
      for (const kind of plugin.requires ?? []) {
        if (!this.sources.has(kind)) {
          throw new ImageDslError(
            "E_PLUGIN_INVALID",
            `The plugin "${plugin.name}" needs sources of the kind "${kind}", which no plugin brings`,
          );
        }
      }
    }
    for (const plugin of plugins) applyPlugin(plugin, this);
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
