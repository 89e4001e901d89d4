/** Where a build has its layers made: without workers, nothing of what has to do with them is loaded. */
import { processors } from "../host.ts";
import type { BuildGraph } from "../graph/build-graph.ts";
import type { BuildContext } from "../pipeline/context.ts";
import type { Builder } from "../pipeline/plugin.ts";
import type { LayersOfSession } from "../tasks/layers-of-session.ts";
import type { BuildOptions } from "./build-options.ts";
import { openRemoteWorkers } from "./open-remote-workers.ts";
import type { RemoteSession } from "./remote-session.ts";

/** `here` alone without workers. Throws as `openRemoteWorkers` does. */
export async function openRemoteLayers(
  builder: Builder,
  graph: BuildGraph,
  options: BuildOptions,
  context: Pick<BuildContext, "store" | "emit" | "signal" | "insecureHosts">,
  here: LayersOfSession,
): Promise<RemoteSession> {
  const { remoteWorkers, jobs = processors(), explain = false, dryRun = false } = options;
  if (dryRun) return { layers: here };
  const { directory } = graph;
  const workers =
    remoteWorkers?.workers ?? (await openRemoteWorkers(builder, graph, options, { ...context, directory }));
  if (workers === undefined) return { layers: here };
  const { remoteSession } = await import("./remote-session.ts");
  return remoteSession(workers, { jobs, explain, rates: remoteWorkers?.rates }, context, here);
}
