/** `image-dsl plan`: the layers that would be built, why, their sizes. */
import type { CommandModule, InferredOptionTypes } from "yargs";
import type { BuildEvent } from "../model/event.ts";
import {
  configOptions,
  insecureOption,
  lockOptions,
  outputOptions,
  readBuildOptions,
  virtualMachineOptions,
  workOptions,
} from "./options.ts";
import type { Program } from "./program.ts";
import { readSharedCache, sharedCacheOptions } from "./shared-cache-options.ts";

const { jobs, "require-sandbox": requireSandbox } = workOptions;
const options = {
  jobs,
  "require-sandbox": requireSandbox,
  ...virtualMachineOptions,
  ...configOptions,
  ...lockOptions,
  ...sharedCacheOptions,
  insecure: insecureOption,
  ...outputOptions,
} as const;

type Arguments = InferredOptionTypes<typeof options> & { readonly targets: readonly string[] };

export function planCommand(
  program: Program,
  ended: (status: Promise<number>) => void,
): CommandModule<object, Arguments> {
  return {
    command: "plan [targets..]",
    describe: "Show the layers that would be built, why, and their sizes",
    builder: (yargs) =>
      yargs
        .positional("targets", { type: "string", array: true, default: [], describe: "The images; all without" })
        .options(options)
        .conflicts("frozen-lock", "update-lock"),
    handler: (given) => ended(plan(program, given)),
  };
}

async function plan(program: Program, given: Arguments): Promise<number> {
  const chosen = readBuildOptions({ ...given, "keep-failed": undefined, tag: undefined });
  const { isLockFrozen, runWithConfig } = await import("./open-config.ts");
  const verbose = given.verbose ?? false;
  // stdout carries one document; what happens meanwhile is told on stderr, in lines also with --json.
  return runWithConfig(program, { mode: "lines", eventsTo: "stderr", verbose }, given, async (context, config) => {
    const { planBuild } = await import("../engine/run-build.ts");
    const { planDocument, planText } = await import("./plan-text.ts");
    const { screenColumns } = await import("./table.ts");
    const { printJson, printLines } = await import("./stdout.ts");
    const remarks: BuildEvent[] = [];
    const planned = await planBuild(config.builder, config.graph, {
      ...chosen,
      sharedCache: readSharedCache(given),
      modules: config.modules,
      targets: given.targets,
      insecureHosts: given.insecure ?? [],
      frozenLock: isLockFrozen(config.graph, given),
      signal: context.signal,
      onEvent: (event) => {
        if (event.type === "note" || event.type === "warning") remarks.push(event);
        if (event.type !== "note" && !(given.json && event.type === "warning")) context.reporter.event(event);
      },
    });
    context.reporter.close();
    const document = planDocument(planned, remarks);
    await (given.json
      ? printJson(document)
      : printLines(planText(document, verbose, verbose ? undefined : screenColumns())));
  });
}
