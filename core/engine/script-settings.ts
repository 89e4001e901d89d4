/** How a build runs scripts and steps, and what stands for the code of the config's functions in their keys. */
import { moduleGraphDigest, type ModuleGraphOptions } from "../config/module-graph.ts";
import { digestOf } from "../model/digest.ts";
import { canonicalJson } from "../model/json.ts";
import type { ModuleGraph } from "../model/module-graph.ts";
import type { ScriptSettings } from "../pipeline/context.ts";

/** Where the code of functions comes from. */
export interface ScriptModules extends ModuleGraphOptions {
  /** The config, or the program that builds. Absolute. */
  readonly entry: string;
  /** What the config's `images` function was given. */
  readonly args: Readonly<Record<string, string>>;
}

export function scriptSettings(options: {
  readonly keepFailed?: boolean;
  readonly check?: boolean;
  readonly requireSandbox?: boolean;
  readonly modules?: ScriptModules | undefined;
}): ScriptSettings {
  const { keepFailed = false, check = false, requireSandbox = false, modules } = options;
  let graph: Promise<ModuleGraph | undefined> | undefined;
  return { keepFailed, check, requireSandbox, moduleGraph: () => (graph ??= graphOf(modules)) };
}

/** Code and arguments together: the same function may be made with other ones. */
async function graphOf(modules: ScriptModules | undefined): Promise<ModuleGraph | undefined> {
  if (modules === undefined) return undefined;
  const graph = await moduleGraphDigest(modules.entry, modules);
  return "digest" in graph ? { digest: digestOf(canonicalJson({ code: graph.digest, args: modules.args })) } : graph;
}
