/** Image functions that add nothing: `mergeImages` puts several images into one archive, `exportImage` lays one flat. */
import * as v from "valibot";
import { asIs, definePreset, imageNameSchema, isImageCall, isSource } from "../../core/index.ts";
import type { BundleSpec, ImageCall, ImageSpec, Source, SpecOf } from "../../core/index.ts";
import { baseOf, imageSource } from "./image-spec.ts";
import { layeredImageSchema, type StreamLayeredImageOptions } from "./options.ts";

/** An image of the config, the path of an archive that holds one, or `docker://` and an image's name in a registry. */
export type WholeImage = string | ImageCall | Source;

const wholeImage = v.custom<WholeImage>(
  (value) => (typeof value === "string" && value !== "") || isImageCall(value) || isSource(value),
  "expected an image of the config, or the path of an archive",
);

/**
 * Several images in one archive, which loads as several images; file systems are not merged. Archives' images stay
 * what they are, names and digests included.
 */
export const mergeImages = definePreset<"mergeImages", readonly WholeImage[], readonly WholeImage[]>(
  "mergeImages",
  v.pipe(v.array(wholeImage), v.minLength(1, "expected at least one image")),
  expandBundle,
);

function expandBundle(images: readonly WholeImage[], specOf: SpecOf): BundleSpec {
  const specs = images.map((image) => (isImageCall(image) ? specOf(image) : storedImage(image)));
  // As upstream: the last one says how the whole is compressed.
  const { compressor } = specs.at(-1)!;
  return { kind: "bundle", images: specs, ...(compressor !== undefined && { compressor }) };
}

function storedImage(image: string | Source): ImageSpec {
  const source = typeof image === "string" ? imageSource(image, { sole: true }) : image;
  return asIs("image", { image: source, inherit: "all" });
}

/** Arguments of `exportImage`. */
export interface ExportImageOptions
  extends
    Required<Pick<StreamLayeredImageOptions, "fromImage">>,
    Pick<StreamLayeredImageOptions, "fromImageName" | "fromImageTag"> {
  /** The image's name. @default the image's own */
  readonly name?: string | undefined;
}

const exportImageSchema = v.strictObject({
  fromImage: wholeImage,
  ...v.pick(layeredImageSchema, ["fromImageName", "fromImageTag"]).entries,
  name: v.optional(imageNameSchema),
});

/** An image's file system as one tar: what its layers overlay to, deletions done, links kept. */
export const exportImage = definePreset<"exportImage", ExportImageOptions, v.InferOutput<typeof exportImageSchema>>(
  "exportImage",
  exportImageSchema,
  (options, specOf) => {
    const base = baseOf({ ...options, inherit: "all" }, specOf)!;
    const own = "name" in base.image ? base.image.name : undefined;
    return { ...asIs(options.name ?? own ?? "image", base), output: "rootfs:{target}.tar" };
  },
);
