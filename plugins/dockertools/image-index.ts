/** `imageIndex`: images for several platforms as one. */
import * as v from "valibot";
import {
  ImageDslError,
  definePreset,
  imageNameSchema,
  indexAnnotationsSchema,
  isImageCall,
  manifestFormatSchema,
  platformText,
  tagSchema,
  type Annotations,
  type BundleSpec,
  type ImageCall,
  type ImageSpec,
  type IndexAnnotations,
  type ManifestFormat,
  type SpecOf,
} from "../../core/index.ts";

/** Arguments of `imageIndex`. */
export interface ImageIndexOptions {
  /** Each with a platform of its own: an `architecture`, or `arch` of `pullImage`. */
  readonly images: readonly ImageCall[];
  /** The index's name. @default the first image's */
  readonly name?: string | undefined;
  /** null: the first 32 hex digits of the index's digest. @default the first image's */
  readonly tag?: string | null | undefined;
  /** Of the index, or `{ index, indexDescriptor }`; its images have their own. */
  readonly annotations?: Annotations | IndexAnnotations | undefined;
  /** Of the index and all of its images. @default what they say */
  readonly manifestFormat?: ManifestFormat | undefined;
}

const images = v.array(
  v.custom<ImageCall>(isImageCall, "expected an image of the config"),
  "expected a list of images of the config",
);

const options = v.strictObject({
  images,
  name: v.optional(imageNameSchema),
  tag: v.nullish(tagSchema),
  annotations: v.optional(indexAnnotationsSchema),
  manifestFormat: v.optional(manifestFormatSchema),
});

const list = v.pipe(
  images,
  v.transform((given): v.InferOutput<typeof options> => ({ images: given })),
);

/** Where `platforms` of an image does not do, as its contents differ too much: an image for each platform, and one name for all. */
export const imageIndex = definePreset<
  "imageIndex",
  readonly ImageCall[] | ImageIndexOptions,
  v.InferOutput<typeof options>
>(
  "imageIndex",
  v.union([list, options], "expected a list of images, or { images, name, tag, annotations, manifestFormat }"),
  expandIndex,
);

function expandIndex(given: v.InferOutput<typeof options>, specOf: SpecOf): BundleSpec {
  const specs = given.images.map(specOf);
  const [first] = specs;
  if (first === undefined) throw new ImageDslError("E_CONFIG_INVALID", "expected at least one image, found none");
  const platforms = specs.map(({ name, platform }) => {
    if (platform !== undefined) return platformText(platform);
    throw new ImageDslError("E_CONFIG_INVALID", `${name} does not say what it is for; give it an architecture`);
  });
  const twice = platforms.find((text, index) => platforms.indexOf(text) !== index);
  if (twice !== undefined) throw new ImageDslError("E_CONFIG_INVALID", `two of its images are for ${twice}`);
  const misplaced = specs.find(
    ({ annotations: own }) => own?.index !== undefined || own?.indexDescriptor !== undefined,
  );
  if (misplaced !== undefined) {
    throw new ImageDslError(
      "E_CONFIG_INVALID",
      `${misplaced.name} has annotations of an index, and is one image of this one; give them to imageIndex`,
    );
  }
  const { name = first.name, tag = first.tag, annotations } = given;
  const manifestFormat = given.manifestFormat ?? formatOfAll(specs);
  const more = { ...(annotations && { annotations }), ...(manifestFormat && { manifestFormat }) };
  return { kind: "bundle", images: specs, index: { name, tag, ...more } };
}

/** An index and its manifests are in one format. */
function formatOfAll(specs: readonly ImageSpec[]): ManifestFormat | undefined {
  const formats = new Set(specs.map(({ manifestFormat }) => manifestFormat));
  if (formats.size === 1) return specs[0]!.manifestFormat;
  throw new ImageDslError(
    "E_CONFIG_INVALID",
    "its images differ in manifestFormat, and an index has one; give it a manifestFormat",
  );
}
