/** What a build works with from its start to its end: the builds of the targets, the store, the lock, the threads. */
import { setMaxListeners } from "node:events";
import { imagesFor, platformsOf, selectTargets, type BuildGraph } from "../graph/build-graph.ts";
import { now, processors } from "../host.ts";
import { keepingFound } from "../lock/found-pins.ts";
import { openLock, type LockFile } from "../lock/lock-file.ts";
import type { BuildEvent } from "../model/event.ts";
import { UNHEARD_READS } from "../model/host-reads.ts";
import { imagesOf, type BundleSpec, type ImageSpec, type TargetSpec } from "../model/image-spec.ts";
import type { Platform } from "../model/platform.ts";
import { isSource } from "../model/source.ts";
import { openHeldMemory } from "../limits/held-memory.ts";
import { raiseLimits } from "../limits/limits.ts";
import { Build } from "../pipeline/build.ts";
import type { BuildContext } from "../pipeline/context.ts";
import type { Builder } from "../pipeline/plugin.ts";
import { openStore } from "../store/disk-store.ts";
import { storeDirectory } from "../store/location.ts";
import type { Store } from "../store/store.ts";
import { withoutRecords } from "../store/without-records.ts";
import { taskPool } from "../tasks/task-pool.ts";
import { layersHere, type LayersOfSession } from "../tasks/layers-of-session.ts";
import type { TarThreads } from "../tasks/tar-threads.ts";
import { workerUrl } from "../tasks/worker-url.ts";
import type { BuildOptions } from "./build-options.ts";
import { checkInsecureHosts } from "./insecure-hosts.ts";
import { lockFileOf } from "./lock-place.ts";
import { tellNamed } from "./named-files.ts";
import { openRemoteLayers } from "./open-remote-layers.ts";
import { openSharedCache } from "./open-shared-cache.ts";
import { scriptSettings } from "./script-settings.ts";
import { writtenPaths } from "./written-paths.ts";

export interface Session {
  readonly targets: readonly string[];
  readonly builds: readonly Build[];
  readonly bases: ReadonlySet<ImageSpec>;
  readonly isHostsPlatform: boolean;
  readonly context: BuildContext;
  readonly lock: LockFile;
  readonly threads: TarThreads | undefined;
  /** Where they are made. */
  readonly layers: LayersOfSession;
  /** Other machines may make some of them. */
  readonly hasWorkers: boolean;
  /** Milliseconds since 1970. */
  readonly started: number;
  /** Ends all work that is under way; what waits for it throws this error. */
  fail(error: unknown): void;
}

/** Opens what a build works with, and closes it whatever happens. */
export async function withSession<Result>(
  builder: Builder,
  given: BuildGraph,
  options: BuildOptions,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  checkInsecureHosts(options.insecureHosts ?? []);
  // What goes wrong in one place ends the work in all others.
  const failure = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal;
  // Each request and each script under way listens to it.
  setMaxListeners(0, signal);
  const { reads = UNHEARD_READS } = options;
  if (reads !== UNHEARD_READS) tellNamed(given, reads);
  const graph = await builder.hooks.graph.promise(given);
  const targets = selectTargets(graph, options.targets ?? []);
  const lowerLimits = raiseLimits(graph.limits ?? {});
  const closeMemory = openHeldMemory();
  const tasks = taskPool({ jobs: options.jobs ?? processors(), signal, worker: workerUrl() });
  const started = now();
  let store: Store | undefined;
  const here = layersHere(tasks.startEncoder);
  let layers = here;
  try {
    const lock = await openPins(graph, options, (error) => failure.abort(error));
    const builds = makeBuilds(builder, graph, targets);
    const emit = (event: BuildEvent): void => {
      for (const build of builds) build.hooks.event.call(event);
      options.onEvent?.(event);
    };
    store = await openStore(options.store ?? storeDirectory(), { emit, readAll: options.noCache ?? false });
    const known = options.noCache ? withoutRecords(store) : store;
    const insecureHosts = options.insecureHosts ?? [];
    const shared = await openSharedCache(builder, graph, options, { store, emit, signal, insecureHosts });
    const places = { store, emit, signal, insecureHosts };
    const remote = await openRemoteLayers(builder, graph, options, places, here);
    const { scriptPlaces } = remote;
    layers = remote.layers;
    return await work({
      targets,
      builds,
      bases: basesIn(graph),
      isHostsPlatform: graph.isHostsPlatform,
      context: {
        signal,
        emit,
        reads,
        store: known,
        lock,
        tasks,
        scripts: scriptSettings(options),
        virtualMachine: { ...graph.virtualMachine, ...options.virtualMachine },
        directory: graph.directory,
        dryRun: options.dryRun ?? false,
        insecureHosts,
        ...(shared && { shared }),
        layerPlaces: layers,
        ...(scriptPlaces && { scriptPlaces }),
        ...writtenPaths(graph, {
          outputs: options.outputs ?? [],
          known: builder.outputs,
          store: store.directory,
        }),
        ...(graph.configFile !== undefined && { config: { file: graph.configFile, args: graph.args ?? {} } }),
      },
      lock,
      threads: tasks.tar,
      layers,
      hasWorkers: layers !== here,
      started,
      fail: (error) => failure.abort(error),
    });
  } catch (error) {
    failure.abort(error);
    // What failed first is why the others did.
    throw failure.signal.reason;
  } finally {
    await layers.close();
    await tasks.close();
    store?.close();
    closeMemory();
    lowerLimits();
  }
}

/** `end` is told once a change has overtaken the build, and nothing is sought that the next one could use. */
async function openPins(graph: BuildGraph, options: BuildOptions, end: (reason: unknown) => void): Promise<LockFile> {
  const { pins, frozenLock = false, updateLock, overtaken } = options;
  const lock = pins ?? (await openLock({ file: lockFileOf(graph), frozen: frozenLock, update: updateLock }));
  if (overtaken === undefined) return lock;
  const keeping = keepingFound(lock, overtaken.found);
  const { signal } = overtaken;
  const onOvertaken = (): void => void keeping.pinned().then(() => end(signal.reason));
  if (signal.aborted) onOvertaken();
  else signal.addEventListener("abort", onOvertaken, { once: true });
  return keeping;
}

function makeBuilds(builder: Builder, graph: BuildGraph, targets: readonly string[]): Build[] {
  return targets.flatMap((target) => {
    const platforms = platformsOf(graph, target);
    const wholes = platforms.map((platform) => ({ platform, whole: imagesFor(graph, platform).get(target)! }));
    // The images of an index say themselves what they are for, whatever else is built.
    const wanted = isIndex(wholes[0]!.whole) ? wholes.slice(0, 1) : wholes;
    return wanted.flatMap(({ platform, whole }) => {
      const bundle = whole.kind === "bundle" ? whole : undefined;
      return imagesOf(whole).map((spec) => newBuild(builder, target, spec, spec.platform ?? platform, bundle));
    });
  });
}

function isIndex(spec: TargetSpec): boolean {
  return spec.kind === "bundle" && spec.index !== undefined;
}

/** Of all images of the config, whichever are wanted. */
function basesIn({ images, byPlatform }: BuildGraph): ReadonlySet<ImageSpec> {
  const specs = [images, ...byPlatform.values()].flatMap((each) => [...each.values()].flatMap(imagesOf));
  return new Set(specs.flatMap(basesOf));
}

function basesOf({ base }: ImageSpec): readonly ImageSpec[] {
  return base === undefined || isSource(base.image) ? [] : [base.image, ...basesOf(base.image)];
}

export function newBuild(
  builder: Builder,
  target: string,
  spec: ImageSpec,
  platform: Platform,
  bundle?: BundleSpec,
): Build {
  const build = new Build(target, spec, platform, bundle);
  builder.hooks.build.call(build);
  return build;
}
