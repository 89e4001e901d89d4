/** The workers that a build is given. Without any, nothing of what has to do with them is loaded. */
import { processors } from "../host.ts";
import type { BuildContext } from "../pipeline/context.ts";
import type { RemoteLayers } from "../tasks/remote/remote-layers.ts";
import { workerUrl } from "../tasks/worker-url.ts";
import type { BuildOptions } from "./build-options.ts";

/** Undefined also where image-dsl runs from its sources, which cannot travel. */
export async function openRemoteLayers(
  { remoteWorkers, jobs = processors(), explain = false, dryRun = false }: BuildOptions,
  { store, emit, signal }: Pick<BuildContext, "store" | "emit" | "signal">,
): Promise<RemoteLayers | undefined> {
  if (remoteWorkers === undefined || dryRun) return undefined;
  const { runnerTool } = await import("../tasks/remote/runner-tool.ts");
  const tool = await runnerTool(workerUrl());
  if (tool === undefined) return undefined;
  const { remoteLayers } = await import("../tasks/remote/remote-layers.ts");
  const { workers, rates } = remoteWorkers;
  return remoteLayers({ workers, rates, tool, jobs, store, emit, signal, explain });
}
