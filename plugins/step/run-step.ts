/** One step: found by all that it may depend on, or run. */
import {
  FileTree,
  allUnlessInterrupted,
  functionIdentity,
  namedInput,
  onceInBuild,
  runScript,
  stepRunner,
  systemTools,
  type CollectContext,
  type Json,
  type KnownTree,
  type RunContext,
  type RunSpec,
  type Script,
  type ScriptIdentity,
  type ToolVersions,
  type TravellingScript,
} from "../../core/index.ts";
import { placeOf } from "./place.ts";
import type { StepOptions } from "./source.ts";

/** What it makes. Throws as `runScript` does. */
export async function runStep(options: StepOptions, context: CollectContext, sandbox: boolean): Promise<FileTree> {
  const { env = {}, run } = options;
  const inputs = await inputTrees(options, context);
  const names = [...inputs.keys()];
  const name = options.name === undefined ? "step" : `step ${options.name}`;
  const spec: RunSpec = { stage: "command", runner: "step", name, script: scriptOf(run, names), env, sandbox };
  const { keepFailed, check } = context.scripts;
  const tools = options.tools && (await versionsOf(["bash", ...options.tools], context));
  const moduleGraph = typeof run === "function" ? await context.scripts.moduleGraph() : undefined;
  const runContext: RunContext = {
    ...context,
    keepFailed,
    check,
    ...(moduleGraph && { moduleGraph }),
    knownTreeOf: ({ options: input }) => Promise.resolve(inputs.get(input as string)!),
  };
  const identity: ScriptIdentity = async (_run, _context, digest) => {
    const body = typeof run === "string" ? { text: run } : functionOf(options, name, runContext);
    const digests: [string, Json][] = [];
    for (const [each, tree] of inputs) digests.push([each, await digest(tree)]);
    return body && { step: body, inputs: Object.fromEntries(digests), ...(tools && { tools }) };
  };
  // A function of the config's runs outside, and could change its inputs.
  const isInside = sandbox && typeof run === "string";
  const travelling = elsewhere(options, isInside, inputs, tools);
  const runner = { ...stepRunner(names, sandbox, isInside), elsewhere: travelling };
  if (context.scriptPlaces !== undefined && typeof travelling !== "string") {
    // Where it runs is not known yet: only here it takes a processor.
    return runScript(spec, FileTree.empty, runContext, { ...runner, takesProcessor: true }, identity);
  }
  const work = async (): Promise<FileTree> => {
    // What is not known yet takes longest: it is begun before all else, which then goes on beside it.
    const release = context.tasks.hold();
    try {
      return await runScript(spec, FileTree.empty, { ...runContext, onStart: release }, runner, identity);
    } finally {
      release();
    }
  };
  // One at a time for each processor, the same as other heavy work.
  const [tree] = await context.tasks.map("cpu", [spec], work);
  return tree!;
}

/** Hundreds of steps mostly name the same ones. */
function versionsOf(tools: readonly string[], context: CollectContext): Promise<ToolVersions> {
  return versionsOnce(context, tools.join(" "), () => systemTools(tools, context.signal));
}

const versionsOnce = onceInBuild<ToolVersions>();

/** What it takes to run it on another machine, or why it runs here. */
function elsewhere(
  { run }: StepOptions,
  isInside: boolean,
  inputs: TravellingScript["inputs"],
  tools: ToolVersions | undefined,
): TravellingScript | string {
  if (tools === undefined) return "it does not say which tools it needs";
  if (typeof run === "function") return "it is a function of the config";
  return isInside ? { inputs, tools } : "there is no sandbox here, whose results it could give";
}

/** By name, in the names' order. */
async function inputTrees(
  { inputs = {} }: StepOptions,
  context: CollectContext,
): Promise<ReadonlyMap<string, KnownTree>> {
  const sorted = Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1));
  const work = sorted.map(async ([name, source]) => [name, await context.knownTreeOf(source)] as const);
  return new Map(await allUnlessInterrupted(work, context.signal));
}

function functionOf(options: StepOptions, name: string, context: RunContext): Json | undefined {
  const place = placeOf(options, context.spec.contents);
  if (place !== undefined) return functionIdentity(name, place, context);
  context.emit({
    type: "warning",
    code: "W_SCRIPT_UNCACHED",
    message: `${name} of "${context.target}" runs on every build: it is not among the image's contents, so which function it is cannot be known`,
    hint: "Put it into contents, or write it as bash text",
  });
  return undefined;
}

/** The step as a script over an empty tree. */
function scriptOf(run: StepOptions["run"], names: readonly string[]): Script {
  if (typeof run === "string") return `set -euo pipefail; ${run}`;
  return async ({ $, root, path, signal }) => {
    const inputs: [string, string][] = [];
    for (const name of names) inputs.push([name, await path(namedInput(name))]);
    return run({ $, out: root, inputs: Object.fromEntries(inputs), signal });
  };
}
