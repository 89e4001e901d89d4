/** A build from graph to outputs: the list of stages, in order. Nothing here knows Debian, fakeroot or archives. */
import { setMaxListeners } from "node:events";
import { imagesFor, selectTargets, type BuildGraph } from "../graph/build-graph.ts";
import { now, processors, ticks } from "../host.ts";
import { openLock, type LockFile } from "../lock/lock-file.ts";
import type { ClosureGraph } from "../closure/closure.ts";
import type { BuildEvent } from "../model/event.ts";
import { imagesOf, type BundleSpec, type ImageSpec, type LayerCompression } from "../model/image-spec.ts";
import type { LayerPlan } from "../model/plan.ts";
import type { Platform } from "../model/platform.ts";
import { isSource } from "../model/source.ts";
import { unpackLimits } from "../model/unpacking.ts";
import { openStore } from "../store/disk-store.ts";
import { storeDirectory } from "../store/location.ts";
import type { Store } from "../store/store.ts";
import { withoutRecords } from "../store/without-records.ts";
import type { Builder } from "../pipeline/plugin.ts";
import { Build } from "../pipeline/build.ts";
import type { BuildContext } from "../pipeline/context.ts";
import { outputJobs, type OutputJob } from "./destination.ts";
import { imageBuilds, type BuiltImage, type ImageBuilds, type ImageSettings } from "./build-image.ts";
import type { BuildResult } from "../pipeline/builder-hooks.ts";
import { lockFileOf } from "./lock-place.ts";
import { outputTexts } from "./output-texts.ts";
import { plannedLayerKeys } from "./stages/layers.ts";
import { writeOutputs, type FinishedBuild } from "./stages/outputs.ts";
import { scriptSettings, type ScriptModules } from "./script-settings.ts";
import { checkCompression, checkTag } from "./output-wishes.ts";
import { writtenPaths } from "./written-paths.ts";
import { taskPool } from "../tasks/task-pool.ts";
import type { TarThreads } from "../tasks/tar-threads.ts";
import { workerUrl } from "../tasks/worker-url.ts";

export interface BuildOptions {
  /** Empty: all of the config's. */
  readonly targets?: readonly string[];
  /** Raw `--output` texts. Without any: the config's `outputs`, else the images' own, else a docker archive for each target. */
  readonly outputs?: readonly string[];
  /** Besides those: to the registry's repository that each image is named after. */
  readonly push?: boolean;
  /** Besides those: into the daemon that is there. */
  readonly load?: boolean;
  /** `NAME:TAG` in place of the image's own. */
  readonly tag?: string;
  /** What layers are compressed with where an image is distributed, in place of the image's own `layerCompression`. */
  readonly compression?: LayerCompression;
  /** Default: processors. */
  readonly jobs?: number;
  readonly keepFailed?: boolean;
  /** Run each script twice, and fail where its second result is another one. */
  readonly check?: boolean;
  /** Fail where a step cannot run in a sandbox. */
  readonly requireSandbox?: boolean;
  /** Take no results of earlier builds. */
  readonly noCache?: boolean;
  /** Say of layers that have to be made anew what changed in them. */
  readonly explain?: boolean;
  readonly frozenLock?: boolean;
  readonly updateLock?: true | string;
  /** `HOST` or `HOST:PORT`: for these registries alone, plain http and unknown certificates are allowed. */
  readonly insecureHosts?: readonly string[];
  /** Everything but the outputs. */
  readonly dryRun?: boolean;
  /** Absolute; default as `IMAGE_DSL_CACHE` and XDG say. */
  readonly store?: string;
  /** Where the config's functions come from; without it those that are scripts run on every build. */
  readonly modules?: ScriptModules | undefined;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: BuildEvent) => void;
}

export interface PlannedImage {
  readonly target: string;
  readonly platform: Platform;
  readonly spec: ImageSpec;
  /** How many layers of the base lie below. */
  readonly base: number;
  readonly graph: ClosureGraph;
  readonly plan: LayerPlan;
  /** By the plan's groups, what their layers' bytes hang on: equal for equal layers. Undefined where that is not known yet. */
  readonly layerKeys: readonly (string | undefined)[];
}

/** Builds the targets, for every platform of the graph, and writes the outputs. */
export async function runBuild(
  builder: Builder,
  graph: BuildGraph,
  options: BuildOptions = {},
): Promise<BuildResult[]> {
  try {
    return await withSession(builder, graph, options, async (session) => {
      const started = ticks();
      checkTag(options.tag, session.builds);
      checkCompression(options.compression);
      const jobs = outputJobs(
        session.builds,
        (index) => outputTexts(session.builds[index]!.spec, graph, options),
        builder.outputs,
      );
      session.context.emit({ type: "build-started", targets: session.targets });
      const builds = imageBuilds(imageSettings(builder, session, options, options.dryRun ? [] : jobs));
      const finished: BuiltImage[] = [];
      for (const build of session.builds) finished.push(await builds.image(build));
      // What was pinned is worth keeping even where an output fails.
      const all = options.updateLock === true && !graph.narrowed && session.targets.length === graph.images.size;
      await session.lock.save(all);
      const results = await outputAll(jobs, finished, builds, session, options);
      await builder.hooks.done.promise(results);
      session.context.emit({ type: "build-done", milliseconds: Math.round(ticks() - started) });
      return results;
    });
  } catch (error) {
    await builder.hooks.failed.promise(error);
    throw error;
  }
}

async function outputAll(
  jobs: readonly OutputJob[],
  finished: readonly BuiltImage[],
  builds: ImageBuilds,
  { context }: Session,
  options: BuildOptions,
): Promise<BuildResult[]> {
  try {
    if (!options.dryRun) await writeOutputs(jobs, finished, options, context);
    return await Promise.all(finished.map((each) => resultOf(each, options.tag)));
  } finally {
    // Also where an output failed: the next build need not find out again what this one knows by now.
    for (const { keepHistory } of await Promise.all(builds.begun())) await keepHistory();
  }
}

/** Collects, merges and plans the targets; writes nothing but the lock. */
export async function planBuild(
  builder: Builder,
  graph: BuildGraph,
  options: BuildOptions = {},
): Promise<PlannedImage[]> {
  return withSession(builder, graph, options, async (session) => {
    const planned: PlannedImage[] = [];
    const builds = imageBuilds(imageSettings(builder, session, options, []));
    for (const build of session.builds) {
      const { base, graph: closure, plan, tree } = await builds.plan(build);
      const scripts = { tree, changes: { changed: [], removed: [] } };
      planned.push({
        target: build.target,
        platform: build.platform,
        spec: build.spec,
        base: base?.layers.length ?? 0,
        graph: closure,
        plan,
        layerKeys: await plannedLayerKeys(build, session.context, { base, tree, scripts, graph: closure, plan }),
      });
    }
    await session.lock.save(false);
    return planned;
  });
}

interface Session {
  readonly targets: readonly string[];
  readonly builds: readonly Build[];
  readonly bases: ReadonlySet<ImageSpec>;
  readonly isHostsPlatform: boolean;
  readonly context: BuildContext;
  readonly lock: LockFile;
  readonly threads: TarThreads | undefined;
  /** Milliseconds since 1970. */
  readonly started: number;
}

async function withSession<Result>(
  builder: Builder,
  given: BuildGraph,
  options: BuildOptions,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  // What goes wrong in one place ends the work in all others.
  const failure = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal;
  // Each request and each script under way listens to it.
  setMaxListeners(0, signal);
  const graph = await builder.hooks.graph.promise(given);
  const targets = selectTargets(graph, options.targets ?? []);
  const tasks = taskPool({ jobs: options.jobs ?? processors(), signal, worker: workerUrl() });
  const started = now();
  let store: Store | undefined;
  try {
    const lock = await openLock({
      file: lockFileOf(graph),
      frozen: options.frozenLock ?? false,
      update: options.updateLock,
    });
    const builds = makeBuilds(builder, graph, targets);
    const emit = (event: BuildEvent): void => {
      for (const build of builds) build.hooks.event.call(event);
      options.onEvent?.(event);
    };
    store = await openStore(options.store ?? storeDirectory(), { emit, readAll: options.noCache ?? false });
    const known = options.noCache ? withoutRecords(store) : store;
    return await work({
      targets,
      builds,
      bases: basesIn(graph),
      isHostsPlatform: graph.isHostsPlatform,
      context: {
        signal,
        emit,
        store: known,
        lock,
        tasks,
        scripts: scriptSettings(options),
        directory: graph.directory,
        unpacking: unpackLimits(graph.unpacking),
        insecureHosts: options.insecureHosts ?? [],
        written: writtenPaths(graph, {
          outputs: options.outputs ?? [],
          known: builder.outputs,
          store: store.directory,
        }),
        ...(graph.configFile !== undefined && { config: { file: graph.configFile, args: graph.args ?? {} } }),
      },
      lock,
      threads: tasks.tar,
      started,
    });
  } catch (error) {
    failure.abort(error);
    throw error;
  } finally {
    await tasks.close();
    store?.close();
  }
}

function imageSettings(
  builder: Builder,
  { context, builds, bases, isHostsPlatform, threads, started }: Session,
  options: BuildOptions,
  outputs: readonly OutputJob[],
): ImageSettings {
  const { explain = false } = options;
  return {
    context,
    builds,
    bases,
    isHostsPlatform,
    outputs,
    threads,
    started,
    explain,
    // A destination without a place (`digest`) takes no bytes.
    takesBytes: outputs.some(({ destination }) => destination.rest !== ""),
    takesDigests: !options.dryRun,
    newBuild: (target, spec, like) => newBuild(builder, target, spec, spec.platform ?? like.platform),
  };
}

function newBuild(builder: Builder, target: string, spec: ImageSpec, platform: Platform, bundle?: BundleSpec): Build {
  const build = new Build(target, spec, platform, bundle);
  builder.hooks.build.call(build);
  return build;
}

function makeBuilds(builder: Builder, graph: BuildGraph, targets: readonly string[]): Build[] {
  return targets.flatMap((target) =>
    graph.platforms.flatMap((platform) => {
      const whole = imagesFor(graph, platform).get(target)!;
      const bundle = whole.kind === "bundle" ? whole : undefined;
      return imagesOf(whole).map((spec) => newBuild(builder, target, spec, spec.platform ?? platform, bundle));
    }),
  );
}

/** Of all images of the config, whichever are wanted. */
function basesIn({ images, byPlatform }: BuildGraph): ReadonlySet<ImageSpec> {
  const specs = [images, ...byPlatform.values()].flatMap((each) => [...each.values()].flatMap(imagesOf));
  return new Set(specs.flatMap(basesOf));
}

function basesOf({ base }: ImageSpec): readonly ImageSpec[] {
  return base === undefined || isSource(base.image) ? [] : [base.image, ...basesOf(base.image)];
}

async function resultOf({ build, image }: FinishedBuild, tag: string | undefined): Promise<BuildResult> {
  return {
    target: build.target,
    platform: build.platform,
    image,
    configDigest: await image.configDigest(),
    reference: tag ?? (await image.reference()),
  };
}
