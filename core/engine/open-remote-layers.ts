/** Where a build has its layers made: without workers, nothing of what has to do with them is loaded. */
import { processors } from "../host.ts";
import type { BuildGraph } from "../graph/build-graph.ts";
import type { BuildContext } from "../pipeline/context.ts";
import type { Builder } from "../pipeline/plugin.ts";
import type { LayersOfSession } from "../tasks/layers-of-session.ts";
import { workerUrl } from "../tasks/worker-url.ts";
import type { BuildOptions } from "./build-options.ts";
import { openRemoteWorkers } from "./open-remote-workers.ts";

/** `here` itself also where image-dsl runs from its sources, which cannot travel. Throws as `openRemoteWorkers` does. */
export async function openRemoteLayers(
  builder: Builder,
  graph: BuildGraph,
  options: BuildOptions,
  context: Pick<BuildContext, "store" | "emit" | "signal" | "insecureHosts">,
  here: LayersOfSession,
): Promise<LayersOfSession> {
  const { remoteWorkers, jobs = processors(), explain = false, dryRun = false } = options;
  if (dryRun) return here;
  const { directory } = graph;
  const workers =
    remoteWorkers?.workers ?? (await openRemoteWorkers(builder, graph, options, { ...context, directory }));
  if (workers === undefined) return here;
  const { runnerTool } = await import("../tasks/remote/runner-tool.ts");
  const tool = await runnerTool(workerUrl());
  if (tool === undefined) {
    await workers.close();
    return here;
  }
  const [{ threadsPlace }, { workersPlace }, { workPlaces }, { remoteLayers }] = await Promise.all([
    import("../tasks/places/threads.ts"),
    import("../tasks/places/workers.ts"),
    import("../tasks/places/work-places.ts"),
    import("../tasks/remote/remote-layers.ts"),
  ]);
  const { store, emit, signal } = context;
  const rates = remoteWorkers?.rates;
  const [threads, elsewhere] = [threadsPlace(jobs), workersPlace(workers)];
  const places = workPlaces({ here: threads, elsewhere, rates, emit, signal, explain });
  return remoteLayers({ places, tool, store, signal, here });
}
