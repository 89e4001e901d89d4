/** The images that an index speaks of, those of the indexes in it among them. */
import { beyond, isWithin } from "../limits/limits.ts";
import type { Digest } from "../model/digest.ts";
import type { Descriptor } from "./descriptor.ts";
import { readIndex } from "./documents.ts";
import { CONFIG_TYPES, INDEX_TYPES, MANIFEST_TYPES } from "./media-types.ts";
import { shownText, unsound } from "./unsound.ts";

/** An image's manifest, and what the indexes around it say of it. */
export interface ListedImage {
  readonly descriptor: Descriptor;
  /** `NAME:TAG`, or in OCI layouts mostly a tag alone. */
  readonly names: readonly string[];
  /** Which of them a layout calls it by; of several, that of the outermost index. */
  readonly nameInLayout?: string;
}

/** What was looked at: an index that repeats itself must not become endless. */
interface Walk {
  images: number;
  /** By the index's digest: it may be listed under several names. */
  readonly known: Map<Digest, readonly ListedImage[]>;
  /** Media types of what is no image. */
  readonly ignored: Set<string>;
}

/**
 * In the index's order. `read` gives a further index's bytes, checked, and undefined where it is not there. Throws
 * `E_BASE_IMAGE`.
 */
export async function walkIndex(
  shown: string,
  bytes: Uint8Array,
  mediaType: string | undefined,
  read: (descriptor: Descriptor) => Promise<Uint8Array | undefined>,
): Promise<readonly ListedImage[]> {
  const walk: Walk = { images: 0, known: new Map(), ignored: new Set() };

  function count(more: number): void {
    if (!isWithin("oci.images", (walk.images += more))) throw unsound(shown, `its index has ${beyond("oci.images")}`);
  }

  async function imagesIn(listed: readonly Descriptor[]): Promise<readonly ListedImage[]> {
    const found: ListedImage[] = [];
    for (const descriptor of listed) {
      count(1);
      const { mediaType: type } = descriptor;
      if (isNoImage(descriptor)) continue;
      const names = namesOf(descriptor);
      const nameInLayout = descriptor.annotations?.[NAME_ANNOTATIONS.reference];
      const called = nameInLayout === undefined ? {} : { nameInLayout };
      if (MANIFEST_TYPES.has(type)) {
        found.push({ names, descriptor, ...called });
      } else if (!INDEX_TYPES.has(type)) {
        // The specification: what is of an unknown type is passed over.
        walk.ignored.add(type);
      } else {
        const images = await imagesOf(descriptor);
        found.push(...images.map((image) => ({ ...image, names: [...names, ...image.names], ...called })));
      }
    }
    return found;
  }

  async function imagesOf(index: Descriptor): Promise<readonly ListedImage[]> {
    const known = walk.known.get(index.digest);
    count(known?.length ?? 0);
    if (known !== undefined) return known;
    // A layout need not hold the blobs of all that its index speaks of (image-layout.md).
    const bytes = await read(index);
    const images = bytes === undefined ? [] : await imagesIn(readIndex(shown, bytes, index.mediaType));
    walk.known.set(index.digest, images);
    return images;
  }

  const found = await imagesIn(readIndex(shown, bytes, mediaType));
  if (found.length > 0 || walk.ignored.size === 0) return found;
  throw unsound(shown, `its index speaks of ${[...walk.ignored].map(shownText).join(", ")}, and of no image`);
}

/** What describes another image, such as how it was built (its attestation), is none itself; nor is an artifact. */
export function isNoImage({ annotations, platform, artifactType }: Descriptor): boolean {
  if (artifactType !== undefined && !CONFIG_TYPES.has(artifactType)) return true;
  if (annotations?.["vnd.docker.reference.type"] !== undefined) return true;
  return platform?.os === "unknown" && platform.architecture === "unknown";
}

/** Annotations of a descriptor that say what the image is called. */
export const NAME_ANNOTATIONS = {
  /** In a layout it is the whole name, mostly a tag alone (OCI image spec, annotations.md). */
  reference: "org.opencontainers.image.ref.name",
  /** With the registry, as containerd and Docker read it. */
  whole: "io.containerd.image.name",
} as const;

/** What a layout calls the image, the whole name first; empty where it has none. */
export function namesOf({ annotations }: Descriptor): readonly string[] {
  return [NAME_ANNOTATIONS.whole, NAME_ANNOTATIONS.reference].flatMap((key) => annotations?.[key] ?? []);
}
