/** A layer's blob into the store; a download that broke off goes on where it stopped, in another process too. */
import { ImageDslError, type BlobDigest, type HttpResponse, type StageContext } from "../../../core/index.ts";
import { blobPathIn, scopeOf, wholeName, type Repository } from "../repository.ts";

/** The path of the blob. Throws `E_REGISTRY` and its like, `E_NETWORK`, `E_HASH_MISMATCH`. */
export async function fetchBlob(
  repository: Repository,
  { digest, size }: BlobDigest,
  { store, emit }: StageContext,
): Promise<string> {
  const kept = await store.findBlob(digest);
  if (kept !== undefined) return kept;
  const task = `pulling ${digest.slice("sha256:".length, "sha256:".length + 12)}`;
  let done = 0;
  const tell = (bytes: number): void => {
    done += bytes;
    emit({ type: "progress", task, done, total: size, unit: "bytes" });
  };
  async function* from(offset: number): AsyncGenerator<Uint8Array, void, undefined> {
    tell(offset);
    if (offset < size) yield* bytesFrom(repository, { digest, size }, offset, tell);
  }
  return store.fetchBlob({ digest, size }, from, `The blob ${digest} of ${wholeName(repository)}`);
}

async function* bytesFrom(
  repository: Repository,
  { digest, size }: BlobDigest,
  offset: number,
  onProgress: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const response = await repository.client.send({
    path: blobPathIn(repository, digest),
    scopes: [scopeOf(repository, "pull")],
    // One more than there may be: that a body is too long has to be seen.
    maxBytes: size + 1,
    onProgress,
    ...(offset > 0 && { headers: { range: `bytes=${offset}-` } }),
  });
  if (offset === 0 || isFrom(response, offset)) yield* response.body;
  else if (response.status === 200) yield* skip(response.body, offset);
  else {
    response.discard();
    throw new ImageDslError(
      "E_REGISTRY",
      `${wholeName(repository)} gives another part of ${digest} than was asked for`,
    );
  }
}

function isFrom({ status, headers }: HttpResponse, offset: number): boolean {
  return status === 206 && String(headers["content-range"] ?? "").startsWith(`bytes ${offset}-`);
}

/** Where a registry knows no ranges, what is here already comes once more. */
async function* skip(body: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array, void, undefined> {
  let left = count;
  for await (const chunk of body) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
