/** Stage output: finished images → destinations. */
import type { Image } from "../../image/image.ts";
import { ImageDslError } from "../../error.ts";
import type { Build } from "../../pipeline/build.ts";
import type { BuildContext } from "../../pipeline/context.ts";
import type { IndexSpec, LayerCompression, ManifestFormat } from "../../model/image-spec.ts";
import { splitReference } from "../../model/reference.ts";
import { wantedFormat } from "../manifest-format.ts";
import { tagsOf } from "../output-wishes.ts";
import type { Destination, OutputImage } from "../../pipeline/hooks.ts";

export interface FinishedBuild {
  readonly build: Build;
  readonly image: Image;
}

/** What the command line wants in place of what the images say. */
export interface OutputWish {
  /** `NAME:TAG` or `:TAG`, and further ones. */
  readonly tags?: readonly string[];
  readonly compression?: LayerCompression;
  readonly format?: ManifestFormat;
}

/** All of them into one destination. */
export async function writeOutput(
  destination: Destination,
  images: readonly FinishedBuild[],
  wish: OutputWish,
  context: BuildContext,
): Promise<void> {
  const chosen = images.map((each) => outputImage(each, wish));
  const { hooks } = images[0]!.build;
  const result = await hooks.output.for(destination.transport).promise(chosen, destination, context);
  if (result === undefined) {
    throw new ImageDslError("E_INTERNAL", `The plugin that brings "${destination.transport}" does not write to it`);
  }
  const { message, run, written = await Promise.all(chosen.map(itself)), aliases = [] } = result;
  const also = { ...(run !== undefined && { run }), ...(aliases.length > 0 && { aliases }) };
  for (const each of written)
    context.emit({ type: "output", destination: destination.text, message, ...each, ...also });
}

async function itself({ target, image, reference }: OutputImage) {
  return { target, digest: await image.configDigest(), reference: (await reference()) ?? (await image.configDigest()) };
}

function outputImage({ build, image }: FinishedBuild, { tags = [], compression, format }: OutputWish): OutputImage {
  const [tag, ...aliases] = new Set(tagsOf(tags, build));
  const { compressor } = build.bundle ?? build.spec;
  const { annotations, legacyArchive } = build.spec;
  const layerCompression = compression ?? build.spec.layerCompression;
  const manifestFormat = format ?? wantedFormat(build);
  return {
    target: build.target,
    image,
    reference: () => (tag === undefined ? image.reference() : Promise.resolve(tag)),
    ...(tag === undefined && image.called && { called: image.called }),
    ...(aliases.length > 0 && { aliases }),
    ...(compressor === undefined ? {} : { compressor }),
    ...(legacyArchive && { legacyArchive }),
    ...(layerCompression && { layerCompression }),
    ...(manifestFormat && { manifestFormat }),
    ...(annotations && { annotations }),
    ...(build.bundle?.index && { index: tag === undefined ? build.bundle.index : named(build.bundle.index, tag) }),
  };
}

/** `reference`: `NAME:TAG`. */
function named(index: IndexSpec, reference: string): IndexSpec {
  const [name, tag] = splitReference(reference);
  return { ...index, name, tag };
}
