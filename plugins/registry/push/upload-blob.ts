/**
 * One blob into a repository. A small one is sent at once, a larger one in pieces: what the registry has confirmed is
 * not sent again, whatever breaks in between.
 */
import {
  ImageDslError,
  isRetriable,
  pause,
  waitBefore,
  type Blob,
  type BlobDigest,
  type Store,
} from "../../../core/index.ts";
import { cutInto } from "./cut-into.ts";
import { RegistryRefusal } from "../refusal.ts";
import { scopeOf, type Repository } from "../repository.ts";
import {
  LostUpload,
  beginUpload,
  confirmed,
  keptUploads,
  sendPiece,
  type KeptUploads,
  type UploadSession,
} from "./upload-session.ts";

/** What is sent in one request; two of them are in memory. */
export const PIECE_BYTES = 8 * 1024 * 1024;

const RETRY = { attempts: 5, delay: 500 };
/** Of whole uploads. */
const MAX_LOST = 4;

export interface UploadContext {
  readonly store: Store;
  readonly signal: AbortSignal;
  /** Told of bytes that the registry took. */
  onProgress(bytes: number): void;
}

/** `session`: one that was begun already, as where a mount was not possible. Throws `E_REGISTRY`, `E_NETWORK`. */
export async function uploadBlob(
  repository: Repository,
  blob: Blob,
  context: UploadContext,
  session?: UploadSession,
): Promise<BlobDigest> {
  const kept = keptUploads(repository, context.store);
  let current = session ?? (await resumed(repository, blob, kept));
  for (let count = 1; ; count++) {
    try {
      const digest = await send(repository, blob, current ?? (await beginUpload(repository)), kept, context);
      await kept.drop(blob.identity);
      return digest;
    } catch (error) {
      await kept.drop(blob.identity);
      if (!(error instanceof LostUpload)) throw error;
      if (count === MAX_LOST) throw lost(repository);
      current = undefined;
    }
  }
}

/** What an earlier process left, if the registry still knows of it. */
async function resumed({ ...repository }: Repository, { identity }: Blob, kept: KeptUploads) {
  const session = await kept.find(identity);
  try {
    return session && (await confirmed(repository, session));
  } catch {
    return undefined;
  }
}

async function send(
  repository: Repository,
  blob: Blob,
  begun: UploadSession,
  kept: KeptUploads,
  context: UploadContext,
): Promise<BlobDigest> {
  let session = begun;
  let start = 0;
  context.onProgress(session.offset);
  for await (const bytes of cutInto(blob.open(), PIECE_BYTES)) {
    if (start === 0 && bytes.length < PIECE_BYTES && session.offset === 0) {
      const digest = (await blob.known())!;
      await finishUpload(repository, session, digest, bytes);
      context.onProgress(bytes.length);
      return digest;
    }
    while (session.offset < start + bytes.length) {
      // Of what was before this piece nothing is here any more.
      if (session.offset < start) throw new LostUpload();
      const before = session.offset;
      session = await sendPersistently(repository, session, bytes.subarray(session.offset - start), context);
      context.onProgress(session.offset - before);
      await kept.keep(blob.identity, session);
    }
    start += bytes.length;
  }
  const digest = (await blob.known())!;
  // It has more than there is: of another blob.
  if (session.offset > digest.size) throw new LostUpload();
  await finishUpload(repository, session, digest);
  return digest;
}

/** A piece whose answer was lost may be there all the same: the registry is asked before it is sent again. */
async function sendPersistently(
  repository: Repository,
  session: UploadSession,
  bytes: Uint8Array,
  { signal }: UploadContext,
): Promise<UploadSession> {
  let from = session;
  for (let attempt = 1; ; attempt++) {
    try {
      return await sendPiece(repository, from, bytes.subarray(from.offset - session.offset));
    } catch (error) {
      const wait = waitAfter(error, attempt);
      if (wait === undefined) throw error;
      await pause(wait, signal);
      from = await confirmed(repository, from);
      if (from.offset < session.offset) throw new LostUpload();
      if (from.offset >= session.offset + bytes.length) return from;
    }
  }
}

/** Milliseconds; undefined where another try would change nothing. */
function waitAfter(error: unknown, attempt: number): number | undefined {
  if (error instanceof RegistryRefusal) {
    const { status, headers } = error.refused;
    return isRetriable(status) ? waitBefore(attempt, RETRY, [headers["retry-after"] ?? []].flat()[0]) : undefined;
  }
  const isBroken = error instanceof ImageDslError && error.code === "E_NETWORK";
  return isBroken ? waitBefore(attempt, RETRY) : undefined;
}

async function finishUpload(
  repository: Repository,
  { location }: UploadSession,
  { digest }: BlobDigest,
  body?: Uint8Array,
): Promise<void> {
  const url = new URL(location);
  url.searchParams.set("digest", digest);
  const response = await repository.client.send({
    method: "PUT",
    path: url,
    scopes: [scopeOf(repository, "pull", "push")],
    headers: { "content-type": "application/octet-stream" },
    body: body ?? new Uint8Array(0),
    accepts: [404, 416],
  });
  response.discard();
  if (response.status >= 300) throw new LostUpload();
}

function lost({ client, name }: Repository): ImageDslError {
  return new ImageDslError(
    "E_REGISTRY",
    `The registry ${client.registry} loses each upload to ${name} before its end`,
    {
      hint: "Where it is several servers behind one address, they have to share their storage and their secret",
    },
  );
}
