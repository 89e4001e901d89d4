/** Indexes, manifests and configs out of a registry: compared with their digests, and kept. */
import { readFile } from "node:fs/promises";
import {
  MANIFEST_TYPES,
  MAX_DOCUMENT,
  checkDocument,
  digestOf,
  isDigest,
  unsound,
  INDEX_TYPES,
  type Descriptor,
  type Digest,
  type HttpResponse,
  type StageContext,
} from "../../../core/index.ts";
import { ACCEPTED_MANIFESTS, blobPathIn, manifestPathIn, scopeOf, wholeName, type Repository } from "../repository.ts";

export interface FetchedDocument {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** What a tag means now. Throws `E_REGISTRY` and its like, `E_NETWORK`. */
export async function fetchTagged(
  repository: Repository,
  tag: string,
  { store }: StageContext,
): Promise<FetchedDocument> {
  const found = await fetchManifest(repository, tag);
  await store.putBlob(found.digest, once(found.bytes), "A manifest");
  return found;
}

/** The manifest or index of a digest, from the store where it is there. Its type is what it says of itself. */
export async function fetchPinned(
  repository: Repository,
  digest: Digest,
  { store }: StageContext,
): Promise<Omit<FetchedDocument, "mediaType"> & { readonly mediaType?: string }> {
  const kept = await store.findBlob(digest);
  if (kept !== undefined) return { digest, bytes: await readFile(kept) };
  const found = await fetchManifest(repository, digest);
  if (found.digest !== digest) {
    throw unsound(wholeName(repository), `it gives the manifest ${found.digest} for ${digest}`);
  }
  await store.putBlob(digest, once(found.bytes), "A manifest");
  return found;
}

/** A further index, a manifest or a config, which a document has named. */
export async function fetchDescribed(
  repository: Repository,
  descriptor: Descriptor,
  { store }: StageContext,
): Promise<Uint8Array> {
  const { digest, size, mediaType } = descriptor;
  const shown = wholeName(repository);
  if (size > MAX_DOCUMENT)
    throw unsound(shown, `${digest} has ${size} bytes, where at most ${MAX_DOCUMENT} make sense`);
  const kept = await store.findBlob(digest);
  if (kept !== undefined) return readFile(kept);
  const isManifest = MANIFEST_TYPES.has(mediaType) || INDEX_TYPES.has(mediaType);
  const bytes = isManifest ? (await fetchManifest(repository, digest)).bytes : await fetchConfig(repository, digest);
  checkDocument(shown, bytes, descriptor);
  await store.putBlob(digest, once(bytes), "A manifest or config");
  return bytes;
}

async function fetchManifest(repository: Repository, reference: string): Promise<FetchedDocument> {
  const response = await repository.client.send({
    path: manifestPathIn(repository, reference),
    scopes: [scopeOf(repository, "pull")],
    headers: { accept: ACCEPTED_MANIFESTS },
    maxBytes: MAX_DOCUMENT,
  });
  const bytes = await bodyOf(response);
  const digest = digestOf(bytes);
  const said = response.headers["docker-content-digest"];
  if (isDigest(said) && said !== digest) {
    throw unsound(wholeName(repository), `the registry says ${said} of a manifest whose digest is ${digest}`);
  }
  return { mediaType: typeOf(response), digest, bytes };
}

async function fetchConfig(repository: Repository, digest: Digest): Promise<Uint8Array> {
  const response = await repository.client.send({
    path: blobPathIn(repository, digest),
    scopes: [scopeOf(repository, "pull")],
    maxBytes: MAX_DOCUMENT,
  });
  return bodyOf(response);
}

function typeOf({ headers }: HttpResponse): string {
  return String(headers["content-type"] ?? "")
    .split(";", 1)[0]!
    .trim();
}

async function bodyOf({ body }: HttpResponse): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
