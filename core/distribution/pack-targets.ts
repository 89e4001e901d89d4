/** What a build made for one destination: images, or indexes of those that are one image for several platforms. */
import type { CompressOptions } from "../compress/compress-stream.ts";
import type { Image } from "../image/image.ts";
import { hexOf, type Digest } from "../model/digest.ts";
import type { BuildEvent } from "../model/event.ts";
import type { ImageAnnotations, IndexSpec, LayerCompression, ManifestFormat } from "../model/image-spec.ts";
import { platformText } from "../model/platform.ts";
import type { DocumentBlob } from "./blob.ts";
import { formatOf } from "./media-types.ts";
import { packImage, packIndex, type PackedImage } from "./pack-image.ts";

/** A finished image, and how its spec wants it to be distributed. */
export interface Distributable {
  readonly target: string;
  readonly image: Image;
  reference(): Promise<string>;
  readonly aliases?: readonly string[];
  readonly layerCompression?: LayerCompression;
  /** Absent: what an image that is handed on has, else the destination's first. */
  readonly manifestFormat?: ManifestFormat;
  readonly annotations?: ImageAnnotations;
  /** The index that it is one of the images of, whatever it is called itself. */
  readonly index?: IndexSpec;
}

export interface PackOptions extends CompressOptions {
  emit(event: BuildEvent): void;
}

export interface PackedTarget {
  readonly target: string;
  /** One for each platform. */
  readonly images: readonly PackedImage[];
  /** The image's manifest, or the index of several. */
  top(): Promise<DocumentBlob>;
  /** `NAME:TAG`. Of an index without a tag of its own, the tag is made from the index's digest. */
  reference(): Promise<string>;
  /** Further names of it. */
  readonly aliases: readonly string[];
}

/** What is told of an image once it is written. */
export interface WrittenImage {
  readonly target: string;
  /** `NAME:TAG`. */
  readonly reference: string;
  /** The image's id, which is its config's digest; an index's own. */
  readonly digest: Digest;
  /** Of the manifest or the index, where one was made. */
  readonly manifest?: Digest;
}

export async function writtenImage({ target, images, top, reference }: PackedTarget): Promise<WrittenImage> {
  const manifest = (await top()).descriptor.digest;
  const [first, ...others] = images;
  const digest = others.length === 0 ? (await first!.config()).descriptor.digest : manifest;
  return { target, reference: await reference(), digest, manifest };
}

/**
 * In the order given. The images of one target with one name are one, if their platforms differ. `formats`: those that the
 * destination takes. Throws `E_OUTPUT_INVALID` for what the format has no place for.
 */
export function packTargets(
  images: readonly Distributable[],
  formats: readonly ManifestFormat[],
  options: PackOptions,
): readonly PackedTarget[] {
  const groups: Distributable[][] = [];
  for (const each of images) {
    const group = groups.find((other) => isSameButPlatform(other, each));
    if (group === undefined) groups.push([each]);
    else group.push(each);
  }
  return groups.map((group) => {
    const format = group[0]!.manifestFormat ?? keptFormat(group, formats);
    for (const { image } of group) tellRewritten(image, format, options);
    if (!isIndex(group)) tellMisplaced(group[0]!, options);
    return packTarget(group, format, options);
  });
}

function isSameButPlatform(group: readonly Distributable[], { target, image, index }: Distributable): boolean {
  const [first] = group;
  if (index !== undefined) return first!.target === target;
  if (first!.target !== target || first!.image.name !== image.name || first!.image.tag !== image.tag) return false;
  return group.every((other) => platformText(other.image.platform) !== platformText(image.platform));
}

/** That of images that are handed on, where all are in it; formats mix in no index. */
function keptFormat(images: readonly Distributable[], formats: readonly ManifestFormat[]): ManifestFormat {
  const had = new Set(images.map(({ image: { manifest } }) => manifest && formatOf(manifest.descriptor.mediaType)));
  const [first] = had;
  return had.size === 1 && first !== undefined && formats.includes(first) ? first : formats[0]!;
}

function tellRewritten({ manifest }: Image, format: ManifestFormat, { emit }: PackOptions): void {
  if (manifest === undefined || formatOf(manifest.descriptor.mediaType) === format) return;
  const shown = format === "docker" ? "Docker's schema 2" : "OCI's format";
  emit({
    type: "note",
    message: `The manifest ${manifest.descriptor.digest} is written anew in ${shown}: it gets another digest`,
  });
}

/** For one platform by itself there is no index, unless it was asked for. */
function isIndex([first, ...others]: readonly Distributable[]): boolean {
  return others.length > 0 || first!.index !== undefined;
}

function tellMisplaced({ target, annotations }: Distributable, { emit }: PackOptions): void {
  if (annotations?.index === undefined && annotations?.indexDescriptor === undefined) return;
  emit({
    type: "warning",
    code: "W_ANNOTATIONS",
    message: `${target} has annotations of an index, and is written as one image without an index: they are left out`,
    hint: "Build it for several platforms, or give it to imageIndex([...])",
  });
}

function packTarget(given: readonly Distributable[], format: ManifestFormat, options: CompressOptions): PackedTarget {
  const images = given.map(({ image, layerCompression = "gzip", annotations }) =>
    packImage(image, { format, compression: layerCompression, ...(annotations && { annotations }) }, options),
  );

  const { index: spec, aliases = [] } = given[0]!;

  async function index(): Promise<DocumentBlob> {
    const manifests = [];
    for (const each of images) manifests.push({ platform: each.platform, manifest: await each.manifest() });
    return packIndex(manifests, format, spec === undefined ? given[0]!.annotations : spec.annotations);
  }

  const top = (): Promise<DocumentBlob> => (isIndex(given) ? index() : images[0]!.manifest());
  return {
    target: given[0]!.target,
    images,
    top,
    aliases,
    async reference() {
      const own = async (name: string) => `${name}:${hexOf((await top()).descriptor.digest).slice(0, 32)}`;
      if (spec !== undefined) return spec.tag === null ? own(spec.name) : `${spec.name}:${spec.tag}`;
      const references = new Set<string>();
      for (const each of given) references.add(await each.reference());
      const [first, ...others] = references;
      return others.length === 0 ? first! : own(given[0]!.image.name);
    },
  };
}
