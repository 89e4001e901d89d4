/** A build from graph to outputs: the list of stages, in order. Nothing here knows Debian, fakeroot or archives. */
import { codeIdentity } from "../code-identity.ts";
import { ImageDslError } from "../error.ts";
import { imagesFor, selectTargets, type BuildGraph } from "../graph/build-graph.ts";
import { now, processors, ticks } from "../host.ts";
import { assembleImage, historyOf } from "../image/assemble.ts";
import { validateImage } from "../image/validate.ts";
import { openLock, type LockFile } from "../lock/lock-file.ts";
import type { ClosureGraph } from "../model/closure.ts";
import type { BuildEvent, Stage } from "../model/event.ts";
import type { LayerPlan } from "../model/plan.ts";
import type { Platform } from "../model/platform.ts";
import { isReference } from "../model/reference.ts";
import { openStore } from "../store/disk-store.ts";
import { storeDirectory } from "../store/location.ts";
import type { Store } from "../store/store.ts";
import { withoutRecords } from "../store/without-records.ts";
import type { Builder } from "./builder.ts";
import { Build } from "./build.ts";
import { buildHistory } from "./build-history.ts";
import type { BuildContext } from "./context.ts";
import { createdTime } from "./created.ts";
import { outputJobs, type OutputJob } from "./destination.ts";
import { startThreads } from "./read-ahead.ts";
import type { BuildResult, StageContext } from "./hooks.ts";
import { lockFileOf } from "./lock-place.ts";
import { collectClosure } from "./stages/collect.ts";
import { finishTree, makeLayers } from "./stages/layers.ts";
import { mergeClosure } from "./stages/merge.ts";
import { writeOutputs, type FinishedBuild } from "./stages/outputs.ts";
import { planLayers } from "./stages/plan.ts";
import { runScripts, type ScriptModules } from "./stages/scripts.ts";
import { taskPool } from "./task-pool.ts";
import { workerUrl } from "./worker-url.ts";

export interface BuildOptions {
  /** Empty: all of the config's. */
  readonly targets?: readonly string[];
  /** Raw `--output` texts. Without any: the config's `outputs`, else a docker archive for each target. */
  readonly outputs?: readonly string[];
  /** `NAME:TAG` in place of the image's own. */
  readonly tag?: string;
  /** Default: processors. */
  readonly jobs?: number;
  readonly keepFailed?: boolean;
  /** Run each script twice, and fail where its second result is another one. */
  readonly check?: boolean;
  /** Take no results of earlier builds. */
  readonly noCache?: boolean;
  /** Say of layers that have to be made anew what changed in them. */
  readonly explain?: boolean;
  readonly frozenLock?: boolean;
  readonly updateLock?: true | string;
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
  readonly graph: ClosureGraph;
  readonly plan: LayerPlan;
}

const DEFAULT_OUTPUT = "docker-archive:{target}.docker.tar";

/** Builds the targets, for every platform of the graph, and writes the outputs. */
export async function runBuild(
  builder: Builder,
  graph: BuildGraph,
  options: BuildOptions = {},
): Promise<BuildResult[]> {
  try {
    return await withSession(builder, graph, options, async (session) => {
      const started = ticks();
      checkTag(options.tag, session.targets);
      const jobs = outputJobs(outputTexts(graph, options), session.builds, builder.outputs);
      session.context.emit({ type: "build-started", targets: session.targets });
      const finished: DatedBuild[] = [];
      // A destination without a place (`digest`) takes no bytes.
      const takesBytes = !options.dryRun && jobs.some(({ destination }) => destination.rest !== "");
      for (const build of session.builds) finished.push(await buildImage(build, session, options, takesBytes));
      // What was pinned is worth keeping even where an output fails.
      const all = options.updateLock === true && !graph.narrowed && session.targets.length === graph.images.size;
      await session.lock.save(all);
      const results = await outputAll(jobs, finished, session, options);
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
  finished: readonly DatedBuild[],
  { context }: Session,
  options: BuildOptions,
): Promise<BuildResult[]> {
  try {
    if (!options.dryRun) await writeOutputs(jobs, finished, options.tag, context);
    return await Promise.all(finished.map((each) => resultOf(each, options.tag)));
  } finally {
    // Also where an output failed: the next build need not find out again what this one knows by now.
    await Promise.all(finished.map(({ keepHistory }) => keepHistory()));
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
    for (const build of session.builds) {
      const context = stageContext(build, session.context);
      const closure = await collectClosure(build, context);
      await mergeClosure(build, context, closure);
      const plan = await planLayers(build, context, closure.graph);
      planned.push({ target: build.target, platform: build.platform, graph: closure.graph, plan });
    }
    await session.lock.save(false);
    return planned;
  });
}

interface DatedBuild extends FinishedBuild {
  keepHistory(): Promise<void>;
}

interface Session {
  readonly targets: readonly string[];
  readonly builds: readonly Build[];
  readonly context: BuildContext;
  readonly lock: LockFile;
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
      context: { signal, emit, store: known, lock, tasks, directory: graph.directory },
      lock,
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

function makeBuilds(builder: Builder, graph: BuildGraph, targets: readonly string[]): Build[] {
  return targets.flatMap((target) =>
    graph.platforms.map((platform) => {
      const spec = imagesFor(graph, platform).get(target)!;
      const build = new Build(target, spec, spec.platform ?? platform);
      builder.hooks.build.call(build);
      return build;
    }),
  );
}

async function buildImage(
  build: Build,
  session: Session,
  options: BuildOptions,
  takesBytes: boolean,
): Promise<DatedBuild> {
  const context = stageContext(build, session.context);
  const history = buildHistory(context);
  const closure = await stage(context, "collect", () => collectClosure(build, context));
  // They start while this thread merges, if layers are going to be read: those of an earlier build are mostly known.
  const mayRead = takesBytes || !(options.dryRun || (await history.exists()));
  if (mayRead) startThreads(closure.graph, context.tasks.tar);
  const tree = await stage(context, "merge", () => mergeClosure(build, context, closure));
  const plan = await stage(context, "plan", () => planLayers(build, context, closure.graph));
  const scripts = await stage(context, "command", () =>
    runScripts(build, context, tree, {
      keepFailed: options.keepFailed ?? false,
      check: options.check ?? false,
      modules: options.modules,
    }),
  );
  const { layers, comments, keepHistory } = await stage(context, "layer", () =>
    makeLayers(
      build,
      context,
      { tree, changes: scripts.changes, graph: closure.graph, plan },
      { history, code: codeIdentity, started: session.started, explain: options.explain ?? false },
    ),
  );
  const image = await stage(context, "image", async () => {
    const { name, tag, config } = build.spec;
    const created = createdTime(build.spec.created);
    const assembled = assembleImage({
      name,
      tag,
      platform: build.platform,
      config,
      created,
      layers,
      history: comments.map((comment) => historyOf(created, comment)),
      tree: finishTree(build, scripts.tree),
    });
    // What the taps put into its fields goes into its bytes.
    return assembleImage(await build.hooks.image.promise(assembled, context));
  });
  validateImage(image);
  return { build, image, keepHistory };
}

async function stage<Result>(context: StageContext, name: Stage, work: () => Promise<Result>): Promise<Result> {
  context.signal.throwIfAborted();
  context.emit({ type: "stage", target: context.target, stage: name, state: "started" });
  const result = await work();
  context.emit({ type: "stage", target: context.target, stage: name, state: "done" });
  return result;
}

function stageContext(build: Build, context: BuildContext): StageContext {
  return { ...context, target: build.target, spec: build.spec, platform: build.platform };
}

/** Throws `E_USAGE`. */
function checkTag(tag: string | undefined, targets: readonly string[]): void {
  if (tag === undefined) return;
  if (!isReference(tag)) {
    throw new ImageDslError("E_USAGE", `"${tag}" is no NAME:TAG`, {
      hint: "Write it as in team/redis:7, in small letters",
    });
  }
  if (targets.length > 1) {
    throw new ImageDslError("E_USAGE", `One tag cannot name ${targets.length} images (${targets.join(", ")})`, {
      hint: "Name one target",
    });
  }
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

function outputTexts(graph: BuildGraph, { outputs }: BuildOptions): readonly string[] {
  if (outputs !== undefined && outputs.length > 0) return outputs;
  return graph.outputs.length > 0 ? graph.outputs : [DEFAULT_OUTPUT];
}
