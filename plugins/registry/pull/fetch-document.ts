/** Indexes, manifests and configs out of a registry: compared with their digests, and kept. */
import { readFile } from "node:fs/promises";
import {
  MANIFEST_TYPES,
  beyond,
  isWithin,
  checkDocument,
  digestOf,
  isDigest,
  unsound,
  INDEX_TYPES,
  oneChunk,
  type Descriptor,
  type Digest,
  type HttpResponse,
  type StageContext,
  type Store,
} from "../../../core/index.ts";
import type { RegistryRequest } from "../client.ts";
import { refusePage } from "../no-registry.ts";
import { ACCEPTED_MANIFESTS, blobPathIn, manifestPathIn, scopeOf, wholeName, type Repository } from "../repository.ts";
import { whereabouts } from "../whereabouts.ts";
import { wholeAnswer } from "../whole-answer.ts";

export interface FetchedDocument {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** What a tag means now. Throws `E_REGISTRY` and its like, `E_NETWORK`. */
export async function fetchTagged(
  repository: Repository,
  tag: string,
  { store, signal }: Pick<StageContext, "store" | "signal">,
): Promise<FetchedDocument> {
  const found = await fetchManifest(repository, tag, signal);
  await keepManifest(repository, found, store);
  return found;
}

/**
 * The manifest or index of a digest, from the store where it came from this repository: whoever names another one is told
 * that it has no such image, whatever is here. Its type is what it says of itself.
 */
export async function fetchPinned(
  repository: Repository,
  digest: Digest,
  { store, signal }: Pick<StageContext, "store" | "signal">,
): Promise<Omit<FetchedDocument, "mediaType"> & { readonly mediaType?: string }> {
  const isFromHere = await whereabouts(repository, store).has(digest);
  const kept = isFromHere ? await store.findBlob(digest) : undefined;
  if (kept !== undefined) return { digest, bytes: await readFile(kept) };
  const found = await fetchManifest(repository, digest, signal);
  if (found.digest !== digest) {
    throw unsound(wholeName(repository), `it gives the manifest ${found.digest} for ${digest}`);
  }
  await keepManifest(repository, found, store);
  return found;
}

async function keepManifest(repository: Repository, { digest, bytes }: FetchedDocument, store: Store): Promise<void> {
  await store.putBlob(digest, oneChunk(bytes), "A manifest");
  const places = whereabouts(repository, store);
  await places.remember(digest, "found");
  await places.save();
}

/** A further index, a manifest or a config, which a document has named. */
export async function fetchDescribed(
  repository: Repository,
  descriptor: Descriptor,
  { store, signal }: Pick<StageContext, "store" | "signal">,
): Promise<Uint8Array> {
  const { digest, size, mediaType } = descriptor;
  const shown = wholeName(repository);
  if (!isWithin("oci.document", size)) throw unsound(shown, `${digest} has ${beyond("oci.document")}`);
  const kept = await store.findBlob(digest);
  if (kept !== undefined) {
    const bytes = await readFile(kept);
    checkDocument(shown, bytes, descriptor);
    return bytes;
  }
  const isManifest = MANIFEST_TYPES.has(mediaType) || INDEX_TYPES.has(mediaType);
  const bytes = isManifest
    ? (await fetchManifest(repository, digest, signal)).bytes
    : await fetchConfig(repository, digest, signal);
  checkDocument(shown, bytes, descriptor);
  await store.putBlob(digest, oneChunk(bytes), "A manifest or config");
  return bytes;
}

async function fetchManifest(repository: Repository, reference: string, signal: AbortSignal): Promise<FetchedDocument> {
  const { response, bytes } = await fetchWhole(
    repository,
    {
      path: manifestPathIn(repository, reference),
      headers: { accept: ACCEPTED_MANIFESTS },
    },
    signal,
  );
  refusePage(response, bytes);
  const digest = digestOf(bytes);
  const said = response.headers["docker-content-digest"];
  if (isDigest(said) && said !== digest) {
    throw unsound(wholeName(repository), `the registry says ${said} of a manifest whose digest is ${digest}`);
  }
  return { mediaType: typeOf(response), digest, bytes };
}

async function fetchConfig(repository: Repository, digest: Digest, signal: AbortSignal): Promise<Uint8Array> {
  return (await fetchWhole(repository, { path: blobPathIn(repository, digest) }, signal)).bytes;
}

function fetchWhole(repository: Repository, request: Pick<RegistryRequest, "path" | "headers">, signal: AbortSignal) {
  const whole = { ...request, scopes: [scopeOf(repository, "pull")], maxBytes: "oci.document" as const };
  return wholeAnswer(() => repository.client.send(whole), signal);
}

function typeOf({ headers }: HttpResponse): string {
  return String(headers["content-type"] ?? "")
    .split(";", 1)[0]!
    .trim();
}
