/** Building images, stage by stage: each once, whoever asks for it, an output or another image that is built on it. */
import { codeIdentity } from "../code-identity.ts";
import { assembleImage, automaticTag, historyOf } from "../image/assemble.ts";
import { inheritConfig, type BaseImage } from "../image/base-image.ts";
import type { Image } from "../image/image.ts";
import { DOCKER_LAYERS, validateInPieces } from "../image/validate.ts";
import { digestOf, type Digest } from "../model/digest.ts";
import type { ImageConfig } from "../model/image-config.ts";
import type { ImageSpec } from "../model/image-spec.ts";
import { wholeReference } from "../model/reference.ts";
import { platformText, type Platform } from "../model/platform.ts";
import { buildHistory, type DatedLayer } from "./build-history.ts";
import type { Build } from "../pipeline/build.ts";
import type { BuildContext } from "../pipeline/context.ts";
import type { CheckContext, StageContext } from "../pipeline/hooks.ts";
import { createdTime } from "./created.ts";
import type { OutputJob } from "./destination.ts";
import { tellFindings } from "./findings.ts";
import { startThreads } from "../tasks/read-ahead.ts";
import type { TarThreads } from "../tasks/tar-threads.ts";
import { inTurns } from "../tree/turns.ts";
import { planImage, stage, stageContext, withNamed, type ImagePlan } from "./plan-image.ts";
import type { LayersOfBuild } from "./layers-of-build.ts";
import { findBase } from "./stages/base.ts";
import { finishTree, makeLayers } from "./stages/layers.ts";
import type { FinishedBuild } from "./stages/outputs.ts";
import { runScripts } from "./stages/scripts.ts";

export interface ImageSettings {
  readonly context: BuildContext;
  /** Threads that make layers; none with one job. */
  readonly threads: TarThreads | undefined;
  /** When the builds began, in milliseconds since 1970. */
  readonly started: number;
  /** Say of layers that are not known why. */
  readonly explain: boolean;
  /** Layers are going to be read, whatever is known of them. */
  readonly takesBytes: boolean;
  /** Images may be read for their digests. */
  readonly takesDigests: boolean;
  /** The builds of the targets. */
  readonly builds: readonly Build[];
  /** The images that others of the config are built on. */
  readonly bases: ReadonlySet<ImageSpec>;
  /** Nobody named the platforms. */
  readonly isHostsPlatform: boolean;
  /** Where the builds of the targets go, by their index. */
  readonly outputs: readonly OutputJob[];
  /** The layers of all images. */
  readonly ofBuild: LayersOfBuild;
  /**
   * These layers of this build will have to be made for its outputs. Gives how the digest of one is waited for that other machines
   * make, where they do.
   */
  prepareFor(build: Build, layers: readonly DatedLayer[]): ((key: string) => Promise<Digest | undefined>) | undefined;
  /** A build of an image that is no target. */
  newBuild(target: string, spec: ImageSpec, like: Build): Build;
}

export interface BuiltImage extends FinishedBuild {
  /** Writes down for the next build what this one came to know. */
  keepHistory(): Promise<void>;
}

export interface ImageBuilds {
  /** `planned` hears that nothing more is asked of the lock, unless scripts name what is not there. */
  image(build: Build, planned?: () => void): Promise<BuiltImage>;
  /** As far as which layers there would be; images that it is built on are built. */
  plan(build: Build): Promise<ImagePlan>;
  /** All images that were asked for so far, those that others are built on among them. */
  begun(): readonly Promise<BuiltImage>[];
}

export function imageBuilds(settings: ImageSettings): ImageBuilds {
  const begun = new Map<Build, Promise<BuiltImage>>();

  async function image(build: Build, planned = (): void => {}): Promise<BuiltImage> {
    const first = find(build.spec, build.platform) ?? build;
    const built = begun.get(first) ?? buildImage(first, settings, baseFor(first), planned);
    begun.set(first, built);
    return { ...(await built), build };
  }

  /** The same image for the same platform is one build, be it of a target, of several, or of none. */
  function find(spec: ImageSpec, platform: Platform): Build | undefined {
    const isSame = (each: Build): boolean => isBuildOf(each, spec, platform);
    return settings.builds.find(isSame) ?? [...begun.keys()].find(isSame);
  }

  function baseFor(build: Build): (spec: ImageSpec) => Promise<Image> {
    return async (spec) => {
      const known = find(spec, spec.platform ?? build.platform);
      return (await image(known ?? settings.newBuild(`${build.target}'s base`, spec, build))).image;
    };
  }

  return {
    image,
    plan: (build) => planImage(build, stageContext(build, settings.context), baseFor(build), () => {}),
    begun: () => [...begun.values()],
  };
}

async function buildImage(
  build: Build,
  settings: ImageSettings,
  imageOf: (spec: ImageSpec) => Promise<Image>,
  planned: () => void,
): Promise<BuiltImage> {
  const context = stageContext(build, settings.context);
  if (build.spec.asIs) return handOn(build, await findBase(build, context, imageOf));
  const history = buildHistory(context);
  // Threads start while this one merges, if layers are going to be read: those of an earlier build are mostly known.
  const mayRead = settings.takesBytes || (settings.takesDigests && !(await history.exists()));
  const first = await planImage(build, context, imageOf, (closure) => {
    if (mayRead) startThreads(closure, settings.threads);
  });
  planned();
  const ran = await stage(context, "command", () => runScripts(build, context, first.tree, first.runs));
  const { planned: whole, scripts } = await withNamed(build, context, first, ran);
  const { base, graph, tree, plan, runs } = whole;
  if (base !== undefined && build.spec.base?.isDefault) tellDropped(base.config, build.spec.config, context);
  const { ofBuild, started, explain, threads, prepareFor } = settings;
  const { layers, comments, keepHistory } = await stage(context, "layer", () =>
    makeLayers(
      build,
      context,
      { base, tree, scripts, graph, plan, runs },
      {
        history,
        ofBuild,
        code: codeIdentity,
        started,
        explain,
        threads,
        onUnknown: (layers) => prepareFor(build, layers),
      },
    ),
  );
  const image = await stage(context, "image", async () => {
    const { name, tag, config } = build.spec;
    const created = createdTime(build.spec.created);
    const own = comments.map((comment) => historyOf(created, comment));
    const assembled = assembleImage({
      name,
      tag,
      platform: build.platform,
      config: base === undefined ? config : inheritConfig(base.config, config, build.spec.base!.inherit),
      created,
      layers: [...(base?.layers ?? []), ...layers],
      history: [...(base?.history ?? []), ...own],
      tree: finishTree(build, scripts.tree, { plan, runs }),
    });
    // What the taps put into its fields goes into its bytes.
    return assembleImage(await build.hooks.image.promise(assembled, context));
  });
  await inTurns(validateInPieces(image), context.signal);
  tellFindings(await build.hooks.check.promise([], { ...context, image, ...aroundImage(build, settings) }), context);
  if (image.layers.length > DOCKER_LAYERS) {
    context.emit({
      type: "warning",
      code: "W_LAYERS",
      message: `${context.target} has ${image.layers.length} layers, and Docker loads ${DOCKER_LAYERS} at most`,
      hint: `podman and registries take it; for Docker set maxLayers to ${DOCKER_LAYERS}`,
    });
  }
  return { build, image, keepHistory };
}

/** Of a base's config, how a container is run, which nobody said is not wanted. */
function tellDropped(base: ImageConfig, own: ImageConfig, { emit, target }: StageContext): void {
  const fields = (["User", "Entrypoint", "Cmd", "WorkingDir"] as const).filter(
    (field) => own[field] === undefined && (base[field]?.length ?? 0) > 0,
  );
  if (fields.length === 0) return;
  emit({
    type: "warning",
    code: "W_BASE_CONFIG",
    message: `${target}: of the base's config ${fields.map((field) => `${field} (${JSON.stringify(base[field])})`).join(", ")} is dropped`,
    hint: 'Only Env is kept, as in dockerTools; write inherit: "all" to keep what a Dockerfile\'s FROM keeps, or inherit: "env" to mean this',
  });
}

/** What the checks are told besides the image. One that is several targets goes where each of them goes. */
function aroundImage(
  { spec, platform }: Build,
  { bases, builds, outputs, isHostsPlatform }: ImageSettings,
): Pick<CheckContext, "isBase" | "destinations" | "isHostsPlatform"> {
  const jobs = outputs.filter(({ images }) => images.some((index) => isBuildOf(builds[index]!, spec, platform)));
  return {
    isBase: bases.has(spec),
    destinations: jobs.map(({ destination }) => destination),
    isHostsPlatform: isHostsPlatform && spec.platform === undefined && spec.platforms === undefined,
  };
}

function isBuildOf(build: Build, spec: ImageSpec, platform: Platform): boolean {
  return build.spec === spec && platformText(build.platform) === platformText(platform);
}

/** The base itself, under another name or under its own. */
function handOn(build: Build, base: BaseImage | undefined): BuiltImage {
  if (base === undefined) throw new Error("A spec that adds nothing says what it is");
  const { name, tag } = build.spec;
  const { listedIn, called, ...alone } = base;
  const { configBytes } = base;
  const configDigest = async (): Promise<Digest> => digestOf(await configBytes());
  const isOwn = tag === null && called !== undefined;
  const reference = async (): Promise<string | undefined> =>
    isOwn ? wholeReference(called) : `${name}:${tag ?? (await automaticTag(configDigest))}`;
  const index = build.spec.isWhole && listedIn ? { listedIn } : {};
  const image: Image = {
    ...alone,
    ...index,
    ...(isOwn && { called }),
    name,
    tag,
    created: createdTime(build.spec.created),
    configDigest,
    reference,
  };
  return { build, image, keepHistory: () => Promise.resolve() };
}
