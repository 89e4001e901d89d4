/** What a build made for one destination: images, or indexes of those that are one image for several platforms. */
import { isDeepStrictEqual } from "node:util";
import type { CompressOptions } from "../compress/compress-streams.ts";
import type { Image, ImageIndex } from "../image/image.ts";
import { hexOf, type Digest } from "../model/digest.ts";
import type { BuildEvent } from "../model/event.ts";
import type { ImageAnnotations, IndexSpec, LayerCompression, ManifestFormat } from "../model/image-spec.ts";
import { wholeReference, type OwnName } from "../model/reference.ts";
import { platformText } from "../model/platform.ts";
import type { DocumentBlob } from "./blob.ts";
import { formatOf } from "./media-types.ts";
import { shownText } from "./unsound.ts";
import { packImage, packIndex, type PackedImage, type PackedManifest } from "./pack-image.ts";
import { asItIs } from "./pack-layer.ts";

/** A finished image, and how its spec wants it to be distributed. */
export interface Distributable {
  readonly target: string;
  readonly image: Image;
  reference(): Promise<string | undefined>;
  /** Of an image from elsewhere under its own name. */
  readonly called?: OwnName;
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

/** What an output writes of one target: its blobs and documents first, then what names them. */
export interface PackedTarget {
  /** As the config calls it, for events and messages. */
  readonly target: string;
  /** One for each platform. */
  readonly images: readonly PackedImage[];
  /** All that has to be there before the top: the images, and what else an index speaks of that is handed on. */
  parts(): Promise<TargetParts>;
  /** The image's manifest, or the index of several. */
  top(): Promise<DocumentBlob>;
  /**
   * `NAME:TAG`. Of an index without a tag of its own, the tag is made from the index's digest. Undefined of what comes from
   * elsewhere and has no such name.
   */
  reference(): Promise<string | undefined>;
  /** Of what comes from elsewhere under its own name; of several images, as far as they have one. */
  readonly called?: OwnName;
  /** Further names of it. */
  readonly aliases: readonly string[];
}

export interface TargetParts {
  readonly manifests: readonly PackedManifest[];
  /** Those inside of the top, each behind what it speaks of. */
  readonly indexes: readonly DocumentBlob[];
}

/** What is told of an image once it is written. */
export interface WrittenImage {
  /** As the config calls it. */
  readonly target: string;
  /** `NAME:TAG`; the digest of what has no name. */
  readonly reference: string;
  /** The image's id, which is its config's digest; an index's own. */
  readonly digest: Digest;
  /** Of the manifest or the index, where one was made. */
  readonly manifest?: Digest;
}

/** What an output that writes manifests tells of a target; reads the layers whose digests are not known yet. */
export async function writtenImage({ target, images, top, reference }: PackedTarget): Promise<WrittenImage> {
  const manifest = (await top()).descriptor.digest;
  const [first, ...others] = images;
  const digest = others.length === 0 ? (await first!.config()).descriptor.digest : manifest;
  return { target, reference: (await reference()) ?? digest, digest, manifest };
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
    const kept = keptIndex(group, formats);
    if (kept !== undefined) return handOnIndex(group, kept, options);
    const format = group[0]!.manifestFormat ?? keptFormat(group, formats);
    for (const { image } of group) tellRewritten(image, format, options);
    tellLostIndex(group, options);
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

/** That which all of them came in, where it is whole and everything in it can stay as it is. */
function keptIndex(group: readonly Distributable[], formats: readonly ManifestFormat[]): ImageIndex | undefined {
  const [{ image, manifestFormat, index: own }] = group as readonly [Distributable];
  const listedIn = image.listedIn;
  if (listedIn === undefined || own !== undefined || group.some(({ annotations }) => annotations !== undefined)) return;
  const manifests = new Set(group.map((each) => each.image.manifest?.descriptor.digest));
  if (manifests.size !== listedIn.images.size || ![...listedIn.images].every((each) => manifests.has(each))) return;
  const types = [listedIn, ...listedIn.others.map((descriptor) => ({ descriptor }))].map(
    ({ descriptor }) => descriptor.mediaType,
  );
  const had = [...types, ...group.map((each) => each.image.manifest!.descriptor.mediaType)].map(formatOf);
  const takes = manifestFormat === undefined ? formats : [manifestFormat];
  return had.every((format) => takes.includes(format)) ? listedIn : undefined;
}

function handOnIndex(given: readonly Distributable[], index: ImageIndex, options: CompressOptions): PackedTarget {
  const images = given.map(({ image }) => {
    const format = formatOf(image.manifest!.descriptor.mediaType);
    return packImage(image, { format, compression: "gzip" }, options);
  });
  const top = (): Promise<DocumentBlob> => Promise.resolve({ descriptor: index.descriptor, bytes: index.bytes });
  return {
    target: given[0]!.target,
    images,
    top,
    aliases: given[0]!.aliases ?? [],
    ...calledAs(given),
    async parts() {
      const { manifests, indexes } = await index.rest();
      const others = manifests.map(({ manifest, config, layers }) => ({
        layers: layers.map(asItIs),
        config: () => Promise.resolve(config),
        manifest: () => Promise.resolve(manifest),
      }));
      return { manifests: [...images, ...others], indexes };
    },
    reference: () => referenceOf(given, top),
  };
}

function tellLostIndex(group: readonly Distributable[], { emit }: PackOptions): void {
  const { target, image } = group[0]!;
  if (image.listedIn === undefined) return;
  const { descriptor, others } = image.listedIn;
  const lost = others.map(({ digest, mediaType }) => `, ${digest} (${shownText(mediaType)})`).join("");
  emit({
    type: "warning",
    code: "W_INDEX",
    message: `${target} is not handed on as the index ${descriptor.digest} that it is: what it says of itself is left out${lost}`,
    hint: "Copy it to a registry, or to an OCI layout where all of it is in OCI's format: there it stays as it is",
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
    ...calledAs(given),
    parts: () => Promise.resolve({ manifests: images, indexes: [] }),
    reference: () => referenceOf(given, top),
  };
}

function calledAs(given: readonly Distributable[]): Pick<PackedTarget, "called"> {
  const [{ called }, ...others] = given as readonly [Distributable, ...Distributable[]];
  if (called === undefined) return {};
  const isOne = others.every((other) => isDeepStrictEqual(other.called, called));
  return { called: isOne ? called : {} };
}

async function referenceOf(
  given: readonly Distributable[],
  top: () => Promise<DocumentBlob>,
): Promise<string | undefined> {
  const own = async (name: string) => `${name}:${hexOf((await top()).descriptor.digest).slice(0, 32)}`;
  const [{ index: spec, image }] = given as readonly [Distributable];
  if (spec !== undefined) return spec.tag === null ? own(spec.name) : `${spec.name}:${spec.tag}`;
  const { called } = calledAs(given);
  if (called !== undefined) return wholeReference(called);
  const references = new Set<string | undefined>();
  for (const each of given) references.add(await each.reference());
  const [first, ...others] = references;
  return others.length === 0 ? first : own(image.name);
}
