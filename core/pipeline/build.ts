/** One run for one image and one platform: its hooks. The stages beside this file call them in order. */
import {
  AsyncSeriesBailHook,
  AsyncSeriesHook,
  AsyncSeriesWaterfallHook,
  HookMap,
  SyncBailHook,
  SyncHook,
  SyncWaterfallHook,
} from "tapable";
import type { Artifact, Attached } from "../distribution/artifact.ts";
import type { Descriptor } from "../distribution/descriptor.ts";
import type { StoredImages } from "../distribution/stored-image.ts";
import type { BaseImage } from "../image/base-image.ts";
import type { Image } from "../image/image.ts";
import type { ClosureGraph } from "../closure/closure.ts";
import type { Entry } from "../model/entry.ts";
import type { BuildEvent } from "../model/event.ts";
import type { BundleSpec, ImageSpec, RunSpec } from "../model/image-spec.ts";
import type { LayerPlan } from "../model/plan.ts";
import type { Platform } from "../model/platform.ts";
import type { Source } from "../model/source.ts";
import type { FileTree } from "../tree/file-tree.ts";
import type { BuildContext } from "./context.ts";
import type { Finding } from "./finding.ts";
import type {
  BuildHooks,
  CheckContext,
  CollectContext,
  Collected,
  Destination,
  MergeContext,
  OutputImage,
  OutputResult,
  PlannedContext,
  ReferencesContext,
  RunContext,
  StageContext,
} from "./hooks.ts";
import type { PlanLimits } from "../model/plan.ts";
import { named, namedMap } from "./wrap-taps.ts";

/** What a tap of `builder.hooks.build` is given, once for each image and platform; it taps `hooks` there. */
export class Build {
  /** In the order in which they are called. */
  readonly hooks: BuildHooks = Object.freeze({
    base: namedMap(
      "base",
      new HookMap(() => new AsyncSeriesBailHook<[Source, StageContext], BaseImage>(["source", "context"])),
    ),
    images: namedMap(
      "images",
      new HookMap(() => new AsyncSeriesBailHook<[Source, StageContext], StoredImages>(["source", "context"])),
    ),
    attach: namedMap(
      "attach",
      new HookMap(
        () => new AsyncSeriesBailHook<[Source, Artifact, BuildContext], Attached>(["source", "artifact", "context"]),
      ),
    ),
    referrers: namedMap(
      "referrers",
      new HookMap(() => new AsyncSeriesBailHook<[Source, BuildContext], readonly Descriptor[]>(["source", "context"])),
    ),
    pin: namedMap("pin", new HookMap(() => new AsyncSeriesHook<[Source, StageContext]>(["source", "context"]))),
    inputs: namedMap(
      "inputs",
      new HookMap(() => new AsyncSeriesBailHook<[Source, StageContext], readonly string[]>(["source", "context"])),
    ),
    identity: namedMap(
      "identity",
      new HookMap(() => new AsyncSeriesBailHook<[Source, StageContext], string | undefined>(["source", "context"])),
    ),
    collect: namedMap(
      "collect",
      new HookMap(() => new AsyncSeriesBailHook<[Source, CollectContext], Collected>(["source", "context"])),
    ),
    closure: named("closure", new AsyncSeriesWaterfallHook<[ClosureGraph, StageContext]>(["graph", "context"])),
    references: named(
      "references",
      new AsyncSeriesWaterfallHook<[readonly Source[], ReferencesContext]>(["sources", "context"]),
    ),
    merge: named("merge", new AsyncSeriesWaterfallHook<[FileTree, MergeContext]>(["tree", "context"])),
    plan: namedMap(
      "plan",
      new HookMap(() => new SyncBailHook<[ClosureGraph, PlanLimits], LayerPlan>(["graph", "limits"])),
    ),
    planned: named("planned", new AsyncSeriesWaterfallHook<[LayerPlan, PlannedContext]>(["plan", "context"])),
    scripts: named("scripts", new AsyncSeriesWaterfallHook<[readonly RunSpec[], MergeContext]>(["runs", "context"])),
    run: namedMap(
      "run",
      new HookMap(() => new AsyncSeriesBailHook<[RunSpec, FileTree, RunContext], FileTree>(["run", "tree", "context"])),
    ),
    entry: named("entry", new SyncWaterfallHook<[Entry]>(["entry"])),
    image: named("image", new AsyncSeriesWaterfallHook<[Image, StageContext]>(["image", "context"])),
    check: named("check", new AsyncSeriesWaterfallHook<[readonly Finding[], CheckContext]>(["findings", "context"])),
    output: namedMap(
      "output",
      new HookMap(
        () =>
          new AsyncSeriesBailHook<[readonly OutputImage[], Destination, BuildContext], OutputResult>([
            "images",
            "destination",
            "context",
          ]),
      ),
    ),
    event: named("event", new SyncHook<[BuildEvent]>(["event"])),
  });

  /** As the config calls it. */
  readonly target: string;
  /** What the config asks for, with all defaults; of a bundle, the image that this build makes. */
  readonly spec: ImageSpec;
  /** What it is built for. */
  readonly platform: Platform;
  /** What the target is, where that is several images. */
  readonly bundle: BundleSpec | undefined;

  constructor(target: string, spec: ImageSpec, platform: Platform, bundle?: BundleSpec) {
    this.target = target;
    this.spec = spec;
    this.platform = platform;
    this.bundle = bundle;
  }
}
