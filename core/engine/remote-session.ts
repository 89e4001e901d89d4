/** What a build with workers has besides: all that is only loaded where there are some. */
import type { RemoteWorkers } from "../model/remote-work.ts";
import type { BuildContext } from "../pipeline/context.ts";
import type { ScriptPlaces } from "../pipeline/script-places.ts";
import { stepWork } from "../run/remote/step-work.ts";
import type { LayersOfSession } from "../tasks/layers-of-session.ts";
import { threadsPlace } from "../tasks/places/threads.ts";
import { workersPlace } from "../tasks/places/workers.ts";
import { workPlaces, type WorkPlacesOptions } from "../tasks/places/work-places.ts";
import { remoteLayers } from "../tasks/remote/remote-layers.ts";
import { runnerTool } from "../tasks/remote/runner-tool.ts";
import { workerUrl } from "../tasks/worker-url.ts";

/** Where layers are made, and where steps run, if other machines may run some. */
export interface RemoteSession {
  readonly layers: LayersOfSession;
  readonly scriptPlaces?: ScriptPlaces;
}

interface RemoteSessionOptions extends Pick<WorkPlacesOptions, "rates" | "explain"> {
  readonly jobs: number;
}

/** `here` alone where image-dsl runs from its sources, which cannot travel. */
export async function remoteSession(
  workers: RemoteWorkers,
  { jobs, rates, explain }: RemoteSessionOptions,
  { store, emit, signal }: Pick<BuildContext, "store" | "emit" | "signal">,
  here: LayersOfSession,
): Promise<RemoteSession> {
  const tool = await runnerTool(workerUrl());
  if (tool === undefined) {
    await workers.close();
    return { layers: here };
  }
  const [threads, elsewhere] = [threadsPlace(jobs), workersPlace(workers)];
  const places = workPlaces({ here: threads, elsewhere, rates, emit, signal, explain });
  const layers = await remoteLayers({ places, tool, store, signal, here });
  const stepPlaces = { tool, tools: workers.tools ?? {} };
  return {
    layers,
    scriptPlaces: {
      run: (script, travelling, home, about) => places.run(stepWork(script, travelling, home, stepPlaces, about)),
    },
  };
}
