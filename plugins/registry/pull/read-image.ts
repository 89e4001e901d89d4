/** From a registry to a base image: its manifest by the lock, its layers as they are needed. */
import { statSync } from "node:fs";
import {
  INDEX_TYPES,
  chooseImage,
  isDigest,
  isRecord,
  mediaTypeOf,
  readAt,
  readManifest,
  storedImage,
  walkIndex,
  type BaseImage,
  type Descriptor,
  type FilePlace,
  type LayerBlob,
  type StageContext,
} from "../../../core/index.ts";
import { parseReference, referenceText, type RegistryReference } from "../reference.ts";
import { wholeName, type Repository } from "../repository.ts";
import type { RegistryImageOptions } from "../source.ts";
import { fetchBlob } from "./fetch-blob.ts";
import { fetchDescribed, fetchPinned, fetchTagged } from "./fetch-document.ts";
import { pullClient } from "./pull-client.ts";

const LOCK_KIND = "registry";

/** Throws `E_REGISTRY` and its like, `E_NETWORK`, `E_LOCK_FROZEN`, and what an unsound image throws. */
export async function readImage(
  { reference: text, tlsVerify = true }: RegistryImageOptions,
  context: StageContext,
): Promise<BaseImage> {
  const reference = parseReference(text);
  const { registry, repository: name } = reference;
  const insecureHosts = tlsVerify ? context.insecureHosts : [...context.insecureHosts, registry];
  const repository = { client: await pullClient(reference, insecureHosts, context), name };
  const shown = referenceText(reference);
  const { bytes, mediaType } = await pinned(repository, reference, context);
  const type = mediaTypeOf(shown, bytes, mediaType);
  const manifest = INDEX_TYPES.has(type) ? await forPlatform(repository, shown, bytes, type, context) : { bytes, type };
  const { config, layers } = readManifest(shown, manifest.bytes, manifest.type);
  const image = await storedImage(
    shown,
    {
      config: await fetchDescribed(repository, config, context),
      layers: layers.map((layer) => layerPart(repository, layer, context)),
    },
    context,
  );
  return { ...image, reference: `${registry}/${name}:${reference.tag ?? "latest"}` };
}

/** Of a digest itself, or of what the tag meant when it was pinned. */
async function pinned(repository: Repository, reference: RegistryReference, context: StageContext) {
  const { digest, tag } = reference;
  if (digest !== undefined) return fetchPinned(repository, digest, context);
  const { lock, target } = context;
  const request = { image: referenceText(reference) };
  const answer = lock.read(LOCK_KIND, target, request);
  if (isRecord(answer) && isDigest(answer["digest"])) return fetchPinned(repository, answer["digest"], context);
  const found = await fetchTagged(repository, tag!, context);
  lock.write(LOCK_KIND, target, request, { digest: found.digest });
  return found;
}

async function forPlatform(
  repository: Repository,
  shown: string,
  bytes: Uint8Array,
  type: string,
  context: StageContext,
): Promise<{ readonly bytes: Uint8Array; readonly type: string }> {
  const read = (descriptor: Descriptor) => fetchDescribed(repository, descriptor, context);
  const listed = await walkIndex(shown, bytes, type, read);
  const candidates = listed.map(({ descriptor, names }) => ({
    names,
    descriptor,
    ...(descriptor.platform && { platform: descriptor.platform }),
  }));
  const { descriptor } = chooseImage(candidates, { platform: context.platform }, shown);
  return { bytes: await read(descriptor), type: descriptor.mediaType };
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
