/** From a registry to the images behind a name, and to a base image: manifests by the lock, layers as they are needed. */
import { statSync } from "node:fs";
import * as v from "valibot";
import {
  INDEX_TYPES,
  isDigest,
  mediaTypeOf,
  readAt,
  readManifest,
  storedBase,
  storedIndex,
  walkIndex,
  type BaseImage,
  type Descriptor,
  type Digest,
  type FilePlace,
  type LayerBlob,
  type StageContext,
  type StoredImages,
  type StoredParts,
} from "../../../core/index.ts";
import { explained } from "../not-there.ts";
import { parseReference, referenceText, type RegistryReference } from "../reference.ts";
import { wholeName, type Repository } from "../repository.ts";
import type { RegistryImageOptions } from "../source.ts";
import { fetchBlob } from "./fetch-blob.ts";
import { fetchDescribed, fetchPinned, fetchTagged } from "./fetch-document.ts";
import { pullClient } from "./pull-client.ts";

const LOCK_KIND = "registry";
const pinSchema = v.strictObject({ digest: v.custom<Digest>(isDigest, "Expected sha256: and 64 hexadecimal digits") });

/** Throws `E_REGISTRY` and its like, `E_NETWORK`, `E_LOCK_FROZEN`, `E_LOCK_INVALID`, and what an unsound image throws. */
export async function readImage(options: RegistryImageOptions, context: StageContext): Promise<BaseImage> {
  return storedBase(await listImages(options, context), { platform: context.platform }, context);
}

/** Throws what `readImage` throws. */
export async function listImages(
  { reference: text, tlsVerify = true }: RegistryImageOptions,
  context: StageContext,
): Promise<StoredImages> {
  const reference = parseReference(text);
  const { registry, repository: name } = reference;
  const insecureHosts = tlsVerify ? context.insecureHosts : [...context.insecureHosts, registry];
  const repository = { client: await pullClient(reference, insecureHosts, context), name };
  const shown = referenceText(reference);
  const names = [reference.tag === undefined ? shown : `${registry}/${name}:${reference.tag}`];
  const { bytes, digest, mediaType: said } = await pinned(repository, { reference, given: text }, context);
  const mediaType = mediaTypeOf(shown, bytes, said);
  if (!INDEX_TYPES.has(mediaType)) {
    const descriptor = { mediaType, digest, size: bytes.length };
    return { shown, digest, images: [{ names, read: () => partsOf(repository, shown, descriptor, bytes, context) }] };
  }
  const fetch = (descriptor: Descriptor) => fetchDescribed(repository, descriptor, context);
  const listed = await walkIndex(shown, bytes, mediaType, fetch);
  const index = storedIndex({ descriptor: { mediaType, digest, size: bytes.length }, bytes }, listed, {
    shown,
    read: fetch,
    blob: (descriptor) => layerPart(repository, descriptor, context).blob,
  });
  const images = listed.map(({ descriptor }) => ({
    names,
    ...(descriptor.platform && { platform: descriptor.platform }),
    read: async () => partsOf(repository, shown, descriptor, await fetch(descriptor), context),
  }));
  return { shown, digest, index, images };
}

async function partsOf(
  repository: Repository,
  shown: string,
  { mediaType, digest, size }: Descriptor,
  bytes: Uint8Array,
  context: StageContext,
): Promise<StoredParts> {
  const { config, layers } = readManifest(shown, bytes, mediaType);
  return {
    manifest: { descriptor: { mediaType, digest, size }, bytes },
    config: await fetchDescribed(repository, config, context),
    layers: layers.map((layer) => layerPart(repository, layer, context)),
  };
}

/** Of a digest itself, or of what the tag meant when it was pinned. */
async function pinned(
  repository: Repository,
  { reference, given }: { readonly reference: RegistryReference; readonly given: string },
  context: StageContext,
) {
  const { digest, tag } = reference;
  const byDigest = (wanted: Digest, isPinned: boolean) =>
    explained({ reference, given, isPinned }, () => fetchPinned(repository, wanted, context));
  if (digest !== undefined) return byDigest(digest, false);
  const { lock, target } = context;
  const name = referenceText(reference);
  const request = { image: name };
  // By its own name: whoever of several targets asked first makes no other lock, and neither does `prefetch`.
  const pin = lock.read(LOCK_KIND, name, request, pinSchema, [target]);
  if (pin !== undefined) return byDigest(pin.digest, true);
  const before = lock.peek(LOCK_KIND, request, pinSchema)?.digest;
  const found = await explained({ reference, given, isPinned: false }, () => fetchTagged(repository, tag!, context));
  lock.write(LOCK_KIND, name, request, { digest: found.digest });
  if (before !== undefined && before !== found.digest) {
    context.emit({
      type: "moved",
      target,
      what: "images of registries",
      pins: [{ name, from: before, to: found.digest }],
    });
  }
  return found;
}

function layerPart(repository: Repository, { mediaType, digest, size }: Descriptor, context: StageContext) {
  const place = async (): Promise<FilePlace> => {
    const file = await fetchBlob(repository, { digest, size }, context);
    return { file, offset: 0, size: statSync(file).size };
  };
  const blob: LayerBlob = {
    mediaType,
    digest,
    size,
    repository: wholeName(repository),
    async *open() {
      yield* readAt(await place());
    },
  };
  return { place, blob };
}
