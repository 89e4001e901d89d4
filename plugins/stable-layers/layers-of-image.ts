/**
 * What an image from elsewhere says of an image's layers: which of its own this one has whole. It is read out of the layers, so that any image
 * will do that an earlier build made, by whatever strategy.
 */
import {
  ImageDslError,
  inTurns,
  memoryOfLayers,
  nodeKeys,
  platformText,
  withDetails,
  type BaseImage,
  type BuildHooks,
  type FileTree,
  type MergeContext,
  type PlanMemory,
  type Source,
  type StageContext,
} from "../../core/index.ts";
import { shownName } from "./named-image.ts";
import { wholeLayers } from "./whole-layers.ts";

/** Throws what reading it throws, and `E_BASE_IMAGE` where it is for another platform. */
export function readNamed(named: Source, context: StageContext, hooks: BuildHooks): Promise<Pick<BaseImage, "layers">> {
  const { platform } = context;
  return ofOption(context, async () => {
    const image = await hooks.base.for(named.kind).promise(named, context);
    if (image === undefined) {
      throw new ImageDslError("E_CONFIG_INVALID", `The source "${named.kind}" has no layers: it is no image`);
    }
    const { os, architecture } = image.platform;
    if (os === platform.os && architecture === platform.architecture) return image;
    throw new ImageDslError(
      "E_BASE_IMAGE",
      `${shownName(named)} is for ${platformText(image.platform)}, and says nothing of an image for ${platformText(platform)}`,
      { hint: "Name an image that was built for several platforms, or leave out layers.from" },
    );
  });
}

/** Throws `E_BASE_IMAGE` for an image of something else. */
export async function layersOfImage(
  named: Source,
  { layers }: Pick<BaseImage, "layers">,
  tree: FileTree,
  context: MergeContext,
): Promise<PlanMemory> {
  const { closure, target, signal, emit } = context;
  const whole = await ofOption(context, async () => {
    const found = await inTurns(wholeLayers(layers, tree, closure.nodes), signal);
    if (found !== undefined) return found;
    throw new ImageDslError("E_BASE_IMAGE", `${shownName(named)} holds nothing of what ${target} is made of`, {
      hint: "Name an image that an earlier build of it made",
    });
  });
  const memory = memoryOfLayers(whole, closure, nodeKeys(closure));
  emit({
    type: "note",
    message: `${target}: ${memory.layers.length} of the ${layers.length} layers of ${shownName(named)} stay, as the lock has them now`,
  });
  return memory;
}

async function ofOption<Result>({ target, config }: StageContext, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ImageDslError) || error.place?.path !== undefined) throw error;
    const path = `images.${target}.layers.from`;
    throw withDetails(error, { place: { ...(config !== undefined && { file: config.file }), ...error.place, path } });
  }
}
