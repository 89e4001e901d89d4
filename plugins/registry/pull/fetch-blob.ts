/** A layer's blob into the store; a download that broke off goes on where it stopped, in another process too. */
import { stat } from "node:fs/promises";
import {
  ImageDslError,
  isBrokenOff,
  pause,
  unsound,
  waitBefore,
  type BlobDigest,
  type HttpResponse,
  type StageContext,
} from "../../../core/index.ts";
import { blobPathIn, scopeOf, wholeName, type Repository } from "../repository.ts";

type Bytes = AsyncIterable<Uint8Array>;

const RETRY = { attempts: 5, delay: 500 };
/** Who gives less than this before it breaks off again does not get ever more tries for it. */
const PROGRESS = 1024 * 1024;

/** The path of the blob. Throws `E_REGISTRY` and its like, `E_NETWORK`, `E_HASH_MISMATCH`. */
export async function fetchBlob(
  repository: Repository,
  { digest, size }: BlobDigest,
  { store, emit, signal }: Pick<StageContext, "store" | "emit" | "signal">,
): Promise<string> {
  const kept = await store.findBlob(digest);
  if (kept !== undefined) {
    const { size: there } = await stat(kept);
    if (there === size) return kept;
    throw unsound(wholeName(repository), `${digest} has ${there} bytes, and its descriptor says ${size}`);
  }
  const task = `pulling ${digest.slice("sha256:".length, "sha256:".length + 12)}`;
  async function* from(offset: number): AsyncGenerator<Uint8Array, void, undefined> {
    let done = offset;
    const tell = (): void => emit({ type: "progress", task, done, total: size, unit: "bytes" });
    tell();
    if (offset === size) return;
    for await (const chunk of persistently(repository, { digest, size }, offset, signal)) {
      done += chunk.length;
      yield chunk;
      tell();
    }
  }
  return store.fetchBlob({ digest, size }, from, `The blob ${digest} of ${wholeName(repository)}`);
}

/** Where the connection breaks, or hardly anything comes, the rest is asked for. */
async function* persistently(
  repository: Repository,
  blob: BlobDigest,
  offset: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let at = offset;
  for (let [attempt, last] = [1, at]; ; attempt++) {
    const bytes = await bytesFrom(repository, blob, at);
    try {
      for await (const chunk of bytes) {
        at += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      if (at - last >= PROGRESS) [attempt, last] = [1, at];
      const isBroken = error instanceof ImageDslError && error.code === "E_NETWORK" && isBrokenOff(error.cause);
      const wait = isBroken ? waitBefore(attempt, RETRY) : undefined;
      if (wait === undefined) throw error;
      await pause(wait, signal);
    }
  }
}

/** A blob's bytes from an offset on, as they come. */
export async function bytesFrom(repository: Repository, blob: BlobDigest, offset: number): Promise<Bytes> {
  if (offset === 0) return (await ask(repository, blob)).body;
  const part = await ask(repository, blob, { range: `bytes=${offset}-` });
  if (isFrom(part, offset)) return part.body;
  if (part.status === 200) return skip(part.body, offset);
  // It does not mean what we do by a range: then all comes once more.
  part.discard();
  return skip((await ask(repository, blob)).body, offset);
}

function ask(
  repository: Repository,
  { digest, size }: BlobDigest,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpResponse> {
  return repository.client.send({
    path: blobPathIn(repository, digest),
    scopes: [scopeOf(repository, "pull")],
    // One more than there may be: that a body is too long has to be seen.
    maxBytes: size + 1,
    headers,
    ...("range" in headers && { accepts: [206, 400, 416] }),
  });
}

function isFrom({ status, headers }: HttpResponse, offset: number): boolean {
  return status === 206 && String(headers["content-range"] ?? "").startsWith(`bytes ${offset}-`);
}

async function* skip(body: Bytes, count: number): AsyncGenerator<Uint8Array, void, undefined> {
  let left = count;
  for await (const chunk of body) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
