/**
 * The hooks of one build, and what their taps are given and give. Every built-in capability taps these, so a user's
 * plugin can do all that ours can.
 *
 * Order inside a hook is by named stage (`STAGE`), never by another plugin's name. Every tap is wrapped when it is
 * registered, so that an error says which plugin threw it, in which hook.
 */
import type {
  AsyncSeriesBailHook,
  AsyncSeriesHook,
  AsyncSeriesWaterfallHook,
  HookMap,
  SyncBailHook,
  SyncHook,
  SyncWaterfallHook,
} from "tapable";
import type { Codec } from "../compress/codec.ts";
import type { ModuleGraph } from "../model/module-graph.ts";
import type { ClosureGraph, ClosureNode } from "../closure/closure.ts";
import type { Entry } from "../model/entry.ts";
import type { BuildEvent } from "../model/event.ts";
import type {
  Compressor,
  ImageAnnotations,
  ImageSpec,
  IndexSpec,
  LayerCompression,
  ManifestFormat,
  RunSpec,
} from "../model/image-spec.ts";
import type { LayerPlan, PlanLimits } from "../model/plan.ts";
import type { OwnName } from "../model/reference.ts";
import type { Platform } from "../model/platform.ts";
import type { Source } from "../model/source.ts";
import type { FileTree } from "../tree/file-tree.ts";
import type { KnownTree } from "../tree/known-tree.ts";
import type { BaseImage } from "../image/base-image.ts";
import type { Image } from "../image/image.ts";
import type { WrittenImage } from "../distribution/pack-targets.ts";
import type { Artifact, Attached } from "../distribution/artifact.ts";
import type { Descriptor } from "../distribution/descriptor.ts";
import type { Finding } from "./finding.ts";
import type { StoredImages } from "../distribution/stored-image.ts";
import type { BuildContext } from "./context.ts";

/** Where a tap stands among the taps of one hook: `tap({ name, stage: STAGE.after }, …)`. */
export const STAGE = Object.freeze({ before: -1000, normal: 0, after: 1000, report: 5000 });

/** Hooks of one `Build` (one image for one platform), in the order they run. */
export interface BuildHooks {
  /** By the source's kind: the image that this one is built on, where that is none of the config's. */
  readonly base: HookMap<AsyncSeriesBailHook<[Source, StageContext], BaseImage>>;
  /** By the source's kind: the images that are there, for whichever platform; their layers are not read for it. */
  readonly images: HookMap<AsyncSeriesBailHook<[Source, StageContext], StoredImages>>;
  /** By the source's kind: puts files beside the image that is there, as what refers to it. */
  readonly attach: HookMap<AsyncSeriesBailHook<[Source, Artifact, BuildContext], Attached>>;
  /** By the source's kind: what refers to the image that is there. */
  readonly referrers: HookMap<AsyncSeriesBailHook<[Source, BuildContext], readonly Descriptor[]>>;
  /** By the source's kind: pins what it asks for, as `context.lock` has it, and makes nothing else. Kinds that pin nothing tap none. */
  readonly pin: HookMap<AsyncSeriesHook<[Source, StageContext]>>;
  /**
   * By the source's kind: absolute paths of the host that it reads besides those that its options name, for `--affected`. Folders
   * stand for all that is in them. Nothing is fetched for it.
   */
  readonly inputs: HookMap<AsyncSeriesBailHook<[Source, StageContext], readonly string[]>>;
  /**
   * By the source's kind: text that is another one whenever its tree would be, where that can be said without making the tree. Then a
   * script that is given the tree as a directory finds that again, and `collect` is not called. Tell `reads` all that was read for it.
   */
  readonly identity: HookMap<AsyncSeriesBailHook<[Source, StageContext], string | undefined>>;
  /** By the source's kind: what it brings. The first tap that answers wins; runs in parallel per source. */
  readonly collect: HookMap<AsyncSeriesBailHook<[Source, CollectContext], Collected>>;
  /** The whole closure, once collected: prune, tag, add. */
  readonly closure: AsyncSeriesWaterfallHook<[ClosureGraph, StageContext]>;
  /**
   * What is named without being in the closure: gives the sources that bring it. Called once for the image's config, and
   * once for what scripts made, if they made anything; what they made then comes on top of the larger closure.
   */
  readonly references: AsyncSeriesWaterfallHook<[readonly Source[], ReferencesContext]>;
  /**
   * The merged tree, before planning: add what several nodes make together (users, caches, bundles). Entries that a
   * tap adds or replaces get the origin `image` and so end in the top layer; give `origin` to place them with a node.
   */
  readonly merge: AsyncSeriesWaterfallHook<[FileTree, MergeContext]>;
  /** By strategy name: which nodes share a layer. */
  readonly plan: HookMap<SyncBailHook<[ClosureGraph, PlanLimits], LayerPlan>>;
  /** The plan of the closure, less what the base brings. */
  readonly planned: AsyncSeriesWaterfallHook<[LayerPlan, PlannedContext]>;
  /** What runs over the merged tree, in order, before planning: the image's own scripts. A tap adds those that what the image holds needs run. */
  readonly scripts: AsyncSeriesWaterfallHook<[readonly RunSpec[], MergeContext]>;
  /** By runner name: runs one script over a tree and gives the tree afterwards. Serves both script stages. */
  readonly run: HookMap<AsyncSeriesBailHook<[RunSpec, FileTree, RunContext], FileTree>>;
  /** Each entry of each layer, last of all: owner, mode and time rules. Skipped when untapped. */
  readonly entry: SyncWaterfallHook<[Entry]>;
  /**
   * The finished image: `{ ...image, config }` gives it other labels, or anything else of its fields. Its bytes, digest
   * and reference are made from what the last tap returns, so a tap sees those of the image before any of them.
   */
  readonly image: AsyncSeriesWaterfallHook<[Image, StageContext]>;
  /** What is surely wrong with the finished image, though it can be made: add to the list. It is told, or an error where the image is strict. */
  readonly check: AsyncSeriesWaterfallHook<[readonly Finding[], CheckContext]>;
  /**
   * By the transport's name (`docker-archive`, `rootfs`, …). Several images come only to a transport that bundles
   * (`Plugin.outputs`), and then through the hooks of the first one's build.
   */
  readonly output: HookMap<AsyncSeriesBailHook<[readonly OutputImage[], Destination, BuildContext], OutputResult>>;
  /** Each event of the run, of its other targets too, before the reporter has it; a tap can only listen. */
  readonly event: SyncHook<[BuildEvent]>;
}

/** What taps of one image's stages are given. */
export interface StageContext extends BuildContext {
  /** As the config calls it, for events and messages. */
  readonly target: string;
  /** The image as the config has it, with all defaults. */
  readonly spec: ImageSpec;
  /** What it is built for; what a source brings has to run there. */
  readonly platform: Platform;
}

/** What taps of `collect` are given: a source may be made of others. */
export interface CollectContext extends StageContext {
  /** Collects another source, of any kind: how a plugin uses another one. `platform`: whose is wanted, where not the image's. */
  collect(source: Source, platform?: Platform): Promise<Collected>;
  /** The tree of another source, of any kind, with all that it needs. */
  treeOf(source: Source): Promise<FileTree>;
  /** The same, made where its entries are wanted. */
  knownTreeOf(source: Source): Promise<KnownTree>;
}

/** What a source brings. */
export interface Collected {
  /** Each with its tree; what they need may also be nodes that another source brings. */
  readonly nodes: readonly ClosureNode[];
  /** Ids among `nodes`: what was asked for. */
  readonly roots: readonly string[];
  /** What belongs to no node (a skeleton's links and directories). It is merged first, so that links are respected. */
  readonly image?: FileTree;
}

/** What taps of `merge` and `scripts` are given. */
export interface MergeContext extends StageContext {
  /** All nodes that were merged; entries' origins are their ids. */
  readonly closure: ClosureGraph;
  /** The tree of the image that this one is built on. */
  readonly base?: FileTree;
}

/** What taps of `planned` are given. */
export interface PlannedContext extends StageContext {
  /** What was planned: of each node, what the base does not bring already. */
  readonly closure: ClosureGraph;
}

/** What taps of `references` are given. */
export interface ReferencesContext extends StageContext {
  /** What is there already, and need not be brought. */
  readonly closure: ClosureGraph;
  /** What scripts made; none yet when it is for the config. Bytes and links that were there before are not among it. */
  readonly entries: readonly Entry[];
  /** The merged tree, before scripts; undefined when it is for the config. */
  readonly before: FileTree | undefined;
}

/** What a runner is given besides the script and the tree. */
export interface RunContext extends StageContext {
  /** The tree of any source, laid out read-only, for `path(source)`. `platform`: whose programs are wanted, where not the image's. */
  treeOf(source: Source, platform?: Platform): Promise<FileTree>;
  /** The same, made where its entries are wanted. */
  knownTreeOf(source: Source): Promise<KnownTree>;
  /** Keep the work directory of a script that fails. */
  readonly keepFailed: boolean;
  /** Run each script twice, and fail where its second result is another one. */
  readonly check: boolean;
  /** What stands for the code of the config's functions; without it they are not cached. */
  readonly moduleGraph?: ModuleGraph;
  /** Called when the first program of a script runs. */
  readonly onStart?: () => void;
}

/** What taps of `check` are given. */
export interface CheckContext extends StageContext {
  /** As it will be written, after all taps of `image`. */
  readonly image: Image;
  /** Another image of the config is built on this one. */
  readonly isBase: boolean;
  /** Where it goes. */
  readonly destinations: readonly Destination[];
  /** Nobody said for which platform it is to be: it is for this machine's. */
  readonly isHostsPlatform: boolean;
}

/** A parsed `--output`. */
export interface Destination {
  /** What stands before the colon: the key of the hook `output`. */
  readonly transport: string;
  /** What stands behind the colon; empty for `digest`. */
  readonly rest: string;
  /** As the user wrote it, placeholders replaced. */
  readonly text: string;
}

/** One image as a transport gets it: finished, its layers not yet made. */
export interface OutputImage {
  /** As the config calls it, for events and messages. */
  readonly target: string;
  /** Its layers' bytes are made while they are read, each time anew. */
  readonly image: Image;
  /**
   * `name:tag`, as `--tag` says, else the image's own. Needs the layers read when the tag is automatic. Undefined of an
   * image from elsewhere that has no such name.
   */
  reference(): Promise<string | undefined>;
  /** What an image from elsewhere is called there, where nobody calls it otherwise. */
  readonly called?: OwnName;
  /** Further names of it, where the destination does not say one. */
  readonly aliases?: readonly string[];
  /** What the image's spec says. */
  readonly compressor?: Compressor;
  /** A docker archive gets the entries that Docker before 1.10 reads. */
  readonly legacyArchive?: true;
  /** For transports that distribute layers; undefined: `gzip`. */
  readonly layerCompression?: LayerCompression;
  /** For transports that have the choice; undefined: `oci`, or what an image from elsewhere has. */
  readonly manifestFormat?: ManifestFormat;
  /** For transports that write manifests. */
  readonly annotations?: ImageAnnotations;
  /** The index that it is one of the images of. */
  readonly index?: IndexSpec;
}

/** A transport that a plugin brings, as far as the command line has to know it before anything is built. */
export interface OutputDefinition {
  /** The key of the hook `output`, and what users write before the colon; unique among the plugins of a build. */
  readonly transport: string;
  /** How its destination is written, for messages: `docker-archive:PATH[:NAME:TAG]`. */
  readonly usage: string;
  /** Takes several images into one destination. */
  readonly bundles: boolean;
  /** Takes an image for several platforms into one destination, as an index of them. */
  readonly indexes?: true;
  /** Whatever comes to one such destination, in however many outputs, is kept under its own name there. */
  readonly keepsNames?: true;
  /** Who takes an image from there knows it by its manifest's digest, not by its id: `build --quiet` prints that. */
  readonly knowsManifests?: true;
  /** Takes few of an image's bytes, or none: layers that were seen before are mostly not read. */
  readonly sparse?: true;
  /** How it takes manifests, where it takes any; of several formats, the image has the choice. */
  readonly formats?: readonly ManifestFormat[];
  /** What it compresses the layers of such an image with. */
  compresses?(spec: ImageSpec): Codec["name"] | undefined;
  /** With `--dry-run` its tap is called as well, and says what it would do (`context.dryRun`). */
  readonly previews?: true;
  /** It adds to what is there, so that several destinations may have one path. */
  readonly adds?: true;
  /** The path in what stands behind the colon, where that is not all of it. */
  pathOf?(rest: string): string;
  /** Whether a file that is there may be what an earlier build wrote: no other is replaced where a source takes it. Without it, all are. */
  mayReplace?(file: string): boolean;
  /**
   * Throws before any image is built: `E_OUTPUT_INVALID` for a destination that cannot take that many, `E_OUTPUT` where it can
   * take none. The same image for several platforms counts once.
   */
  check?(destination: Destination, images: number): void;
  /** Called while images are planned: throws where writing there would fail for want of an answer or of rights. */
  reach?(destinations: readonly Destination[], context: BuildContext): Promise<void>;
}

/** A transport that a plugin reads images from: `inspect`, `copy` and `diff` take it. */
export interface InputDefinition {
  /** What users write before the colon; unique among the plugins of a build. */
  readonly transport: string;
  /** How it is written, for messages: `docker-archive:PATH[:NAME:TAG]`. */
  readonly usage: string;
  /** Whether a text without a transport is one of its places. */
  takesPath?(text: string): boolean;
  /** The image as a source, whose kind has the hooks `base` and `images`. Throws `E_USAGE`. */
  sourceOf(rest: string, text: string): Source;
}

/** What a transport has made, for people and for `--json`. */
export interface OutputResult {
  /** What was made and how to use it, in one line. */
  readonly message: string;
  /** What to type to run it, once it is where that program finds it. */
  readonly run?: string | undefined;
  /** What was written, where an image for several platforms is one. Otherwise each image was. */
  readonly written?: readonly WrittenImage[];
  /** Of an image's further names, those that it has there now. */
  readonly aliases?: readonly string[];
}
