/** A build from graph to outputs: the list of stages, in order. Nothing here knows Debian, fakeroot or archives. */
import type { Codec } from "../compress/codec.ts";
import type { BuildGraph } from "../graph/build-graph.ts";
import { keepYoungHeapSmall, ticks } from "../host.ts";
import type { ClosureGraph } from "../closure/closure.ts";
import type { ImageSpec } from "../model/image-spec.ts";
import type { BuildEvent } from "../model/event.ts";
import type { LayerPlan } from "../model/plan.ts";
import type { Platform } from "../model/platform.ts";
import type { Build } from "../pipeline/build.ts";
import type { Destination } from "../pipeline/hooks.ts";
import type { Builder } from "../pipeline/plugin.ts";
import type { BuildOptions } from "./build-options.ts";
import { outputJobs, type OutputJob } from "./destination.ts";
import { gatherFailures, type Failures } from "./failures.ts";
import { imageBuilds, type BuiltImage, type ImageBuilds, type ImageSettings } from "./build-image.ts";
import { beginDeferral, endDeferral, type Deferral } from "../tree/deferred-archives.ts";
import { chosenPart } from "./chosen-part.ts";
import { deferring } from "./deferring.ts";
import { buildSideBySide } from "./side-by-side.ts";
import type { BuildResult } from "../pipeline/builder-hooks.ts";
import { refuseOverwriting } from "./kept-files.ts";
import { layersOfBuild } from "./layers-of-build.ts";
import { refuseSharedNames } from "./shared-names.ts";
import { outputTexts } from "./output-texts.ts";
import { newBuild, withSession, type Session } from "./session.ts";
import { plannedTars, type PlannedTar } from "./stages/layers.ts";
import { writeOutput, type FinishedBuild } from "./stages/outputs.ts";
import { refuseUnwritable } from "./unwritable-outputs.ts";
import { checkFormats } from "./manifest-format.ts";
import { checkCompression, checkTags, tagsOf } from "./output-wishes.ts";

/** What a target's layers would be on one platform, with nothing built. */
export interface PlannedImage {
  /** As the config calls it. */
  readonly target: string;
  /** For which it was planned; a target of several comes once for each. */
  readonly platform: Platform;
  /** The image as the config has it, with all defaults. */
  readonly spec: ImageSpec;
  /** How many layers of the base lie below. */
  readonly base: number;
  /** The closure that was planned, before scripts. */
  readonly graph: ClosureGraph;
  /** Groups of the closure's nodes, with reasons; the base's layers are not in it. */
  readonly plan: LayerPlan;
  /** The layers' tars by the plan's groups, undefined for one that the base has all of; none where scripts decide them. */
  readonly tars: readonly (PlannedTar | undefined)[] | undefined;
}

/** Builds the targets, for every platform of the graph, and writes the outputs. */
export async function runBuild(
  builder: Builder,
  graph: BuildGraph,
  options: BuildOptions = {},
): Promise<BuildResult[]> {
  const deferral = beginDeferral();
  try {
    return await buildOnce(builder, graph, options, deferral).catch((error: unknown) => {
      if (!deferral.hasMissed || options.signal?.aborted || options.overtaken?.signal.aborted) throw error;
      // It was planned without archives of which something is needed after all.
      return buildOnce(builder, graph, options, undefined);
    });
  } catch (error) {
    await builder.hooks.failed.promise(error);
    throw error;
  } finally {
    endDeferral(deferral);
  }
}

/** `deferral`: what other machines know of archives may stand for them; without it, the build is planned anew. */
async function buildOnce(
  builder: Builder,
  graph: BuildGraph,
  options: BuildOptions,
  deferral: Deferral | undefined,
): Promise<BuildResult[]> {
  return await withSession(builder, graph, options, async (session) => {
    const started = ticks();
    checkTags(options.tags ?? [], session.builds);
    checkCompression(options.compression);
    const jobs = outputJobs(
      session.builds,
      (index) => outputTexts(session.builds[index]!, graph, options),
      builder.outputs,
    );
    refuseOverwriting(
      jobs.map(({ destination }) => destination),
      graph,
      builder.outputs,
    );
    if (!options.dryRun) {
      refuseUnwritable(
        jobs.map(({ destination }) => destination),
        builder.outputs,
      );
      session.lock.expectSave();
    }
    if ((options.tags ?? []).length === 0) refuseSharedNames(jobs, session.builds, builder.outputs);
    checkFormats(options, jobs, session.builds, builder.outputs);
    const ours = await chosenPart(session, jobs, graph, options);
    // Planned anew, it is the same build still.
    if (deferral !== undefined) session.context.emit({ type: "build-started", targets: [...ours.targets] });
    const wanted = options.dryRun ? ours.jobs.filter(({ destination }) => previews(builder, destination)) : ours.jobs;
    // Compressing takes more memory than all else.
    if (wanted.some((job) => compresses(builder, session.builds, job))) keepYoungHeapSmall();
    const settings = imageSettings(builder, session, options, wanted);
    const defers =
      !settings.takesBytes && !options.noCache && session.context.shared !== undefined && !session.hasWorkers;
    const deferred = defers && deferral !== undefined ? deferring(session.context, deferral) : undefined;
    const builds = imageBuilds({ ...settings, context: deferred?.context ?? session.context });
    const failures = gatherFailures(options.keepGoing ?? false, session.context);
    // With `keepGoing` what goes elsewhere is made all the same.
    const reached = options.dryRun || options.keepGoing ? undefined : reachOutputs(wanted, builder, session);
    const finished = await buildSideBySide(builds, ({ target }) => ours.targets.has(target), failures, session);
    deferred?.check();
    session.context.shared?.planned();
    // What was pinned is worth keeping even where an output fails.
    const whole = !failures.any && !graph.narrowed && ours.targets.size === graph.images.size;
    // What failed may have been what the name is of.
    if (!failures.any) session.lock.refuseUnknownName();
    if (!options.dryRun) await session.lock.save(options.updateLock === true && whole);
    await reached;
    const results = await outputAll(wanted, finished, builds, session, options, failures);
    await session.context.shared?.settle();
    failures.throwIfAny(ours.targets.size, results);
    await builder.hooks.done.promise(results);
    session.context.emit({ type: "build-done", milliseconds: Math.round(ticks() - started) });
    return results;
  });
}

/** Ends the build as soon as one of them cannot be written. */
async function reachOutputs(
  jobs: readonly OutputJob[],
  { outputs }: Builder,
  { context, fail }: Session,
): Promise<void> {
  const all = jobs.map(({ destination }) => destination);
  for (const transport of new Set(all.map((each) => each.transport))) {
    const ours = all.filter((each) => each.transport === transport);
    await outputs.get(transport)?.reach?.(ours, context).catch(fail);
  }
}

function previews({ outputs }: Builder, { transport }: Destination): boolean {
  return outputs.get(transport)?.previews ?? false;
}

/** `finished`: undefined for what failed. */
async function outputAll(
  jobs: readonly OutputJob[],
  finished: readonly (BuiltImage | undefined)[],
  builds: ImageBuilds,
  { context }: Session,
  options: BuildOptions,
  failures: Failures,
): Promise<BuildResult[]> {
  try {
    // One after the other: a second destination then profits from what the first one's pass found out.
    for (const { destination, images } of jobs) {
      context.signal.throwIfAborted();
      const [made, missing] = parted(images.map((index) => finished[index]));
      if (missing === 0) {
        await failures.attempt(made[0]!.build.target, () => writeOutput(destination, made, options, context));
      } else if (made.length > 0) context.emit(leftOut(destination, images.length, missing));
    }
    const known = parted(finished)[0].map((each) =>
      resultOf(each, options.tags).catch((error: unknown) => {
        // What its output could not read has no digest either, and that was told.
        if (!failures.any) throw error;
      }),
    );
    return (await Promise.all(known)).filter((result) => result !== undefined);
  } finally {
    // Also where an output failed: the next build need not find out again what this one knows by now.
    const [begun] = parted(await Promise.all(builds.begun().map((each) => each.catch(() => undefined))));
    for (const { keepHistory } of begun) await keepHistory();
  }
}

/** Those that are there, and how many are not. */
function parted<Item>(items: readonly (Item | undefined)[]): readonly [readonly Item[], number] {
  const made = items.filter((item) => item !== undefined);
  return [made, items.length - made.length];
}

function leftOut({ text }: Destination, count: number, missing: number): BuildEvent {
  const message = `Nothing is written to ${text}: ${missing} of the ${count} images for it could not be made`;
  return { type: "warning", code: "W_OUTPUT_LEFT_OUT", message };
}

/** Collects, merges and plans the targets; writes nothing but the cache. */
export async function planBuild(
  builder: Builder,
  graph: BuildGraph,
  options: BuildOptions = {},
): Promise<PlannedImage[]> {
  // Nothing is made that others could make.
  return withSession(builder, graph, { ...options, remote: "none" }, async (session) => {
    const planned: PlannedImage[] = [];
    const builds = imageBuilds(imageSettings(builder, session, options, []));
    for (const build of session.builds) {
      const { base, graph: closure, plan, tree, runs } = await builds.plan(build);
      const scripts = { tree, changes: { changed: [], removed: [] } };
      planned.push({
        target: build.target,
        platform: build.platform,
        spec: build.spec,
        base: base?.layers.length ?? 0,
        graph: closure,
        plan,
        tars: await plannedTars(build, session.context, { base, tree, scripts, graph: closure, plan, runs }),
      });
    }
    session.lock.refuseUnknownName();
    return planned;
  });
}

function imageSettings(
  builder: Builder,
  { context, builds, bases, isHostsPlatform, threads, started, layers: places }: Session,
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
    // Compressing takes all processors, and more memory than all else: threads for tars would only add to that.
    threads: outputs.some((job) => compresses(builder, builds, job)) ? undefined : threads,
    started,
    ofBuild: layersOfBuild(),
    explain,
    takesBytes:
      !options.dryRun && outputs.some(({ destination }) => !builder.outputs.get(destination.transport)?.sparse),
    takesDigests: !options.dryRun || outputs.length > 0,
    prepareFor(build, layers) {
      const codecs = new Set(outputs.flatMap((job) => codecOf(builder, build, job) ?? []));
      for (const codec of codecs) places.begin(layers, codec, builds.indexOf(build));
      const [codec] = codecs;
      return codec && (async (key) => (await places.make(key, codec)).known?.diffID);
    },
    newBuild: (target, spec, like) => newBuild(builder, target, spec, spec.platform ?? like.platform),
  };
}

function compresses(builder: Builder, builds: readonly Build[], job: OutputJob): boolean {
  return job.images.some((index) => codecOf(builder, builds[index]!, job) !== undefined);
}

function codecOf({ outputs }: Builder, { spec }: Build, { destination }: OutputJob): Codec["name"] | undefined {
  return outputs.get(destination.transport)?.compresses?.(spec);
}

async function resultOf({ build, image }: FinishedBuild, tags: readonly string[] = []): Promise<BuildResult> {
  const [tag] = tagsOf(tags, build);
  return {
    target: build.target,
    platform: build.platform,
    image,
    configDigest: await image.configDigest(),
    reference: tag ?? (await image.reference()) ?? (await image.configDigest()),
  };
}
