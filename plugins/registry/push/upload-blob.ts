/**
 * One blob into a repository. A small one is sent at once, a larger one in pieces: what the registry has confirmed is
 * not sent again, whatever breaks in between.
 */
import {
  ImageDslError,
  digestOfBlob,
  isRetriable,
  pause,
  waitBefore,
  type Blob,
  type BlobDigest,
  type Store,
} from "../../../core/index.ts";
import { RegistryRefusal } from "../refusal.ts";
import type { Repository } from "../repository.ts";
import { cutInto } from "./cut-into.ts";
import { isThere } from "./is-there.ts";
import { refusedFeatures } from "./refused-features.ts";
import { keptUpload, type KeptUpload } from "./kept-uploads.ts";
import {
  LostUpload,
  PiecesRefused,
  beginUpload,
  confirmed,
  finishUpload,
  sendPiece,
  type UploadSession,
} from "./upload-session.ts";

/** What is sent in one request; two of them are in memory. */
export const PIECE_BYTES = 8 * 1024 * 1024;

const RETRY = { attempts: 5, delay: 500 };
/** Of whole uploads. */
const MAX_LOST = 4;
/** Answers about a piece after which the registry has no more than before. */
const MAX_STALLS = 3;

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
  const refused = refusedFeatures(repository.client, context.store);
  const kept = keptUpload(repository, blob.identity, context.store);
  const left = session === undefined ? await resumed(repository, kept) : undefined;
  let current = session ?? left;
  for (let count = 1; ; count++) {
    try {
      const upload = current ?? (await beginUpload(repository));
      // Several servers that share no state may still take a blob in one request.
      const isWhole = count === MAX_LOST || (await refused.has("pieces"));
      const digest = isWhole
        ? await sendWhole(repository, blob, upload, context)
        : await send(repository, blob, upload, kept, context);
      await kept.drop();
      return digest;
    } catch (error) {
      // What an earlier process left may be of other bytes with the same name.
      const isLost = error instanceof LostUpload || (left !== undefined && count === 1 && isRefusedBlob(error));
      if (!isLost && mayGoOnLater(error)) throw error;
      await kept.drop();
      if (!isLost) throw error;
      // Nobody knows of an upload that was finished, though the answer to that did not arrive.
      const known = await blob.known();
      if (known !== undefined && (await isThere(repository, known))) return known;
      if (count === MAX_LOST) throw lost(repository);
      current = undefined;
    }
  }
}

/** What an earlier process left, if the registry still knows of it. */
async function resumed(repository: Repository, kept: KeptUpload): Promise<UploadSession | undefined> {
  const location = await kept.find();
  try {
    return location && (await confirmed(repository, location));
  } catch (error) {
    if (error instanceof LostUpload || error instanceof RegistryRefusal) return undefined;
    throw error;
  }
}

async function send(
  repository: Repository,
  blob: Blob,
  begun: UploadSession,
  kept: KeptUpload,
  context: UploadContext,
): Promise<BlobDigest> {
  try {
    return await sendPieces(repository, blob, begun, kept, context);
  } catch (error) {
    if (!(error instanceof PiecesRefused)) throw error;
    await refusedFeatures(repository.client, context.store).add("pieces", error.status);
    return sendWhole(repository, blob, await beginUpload(repository), context);
  }
}

/** The digest has to be known before the first byte is sent, so that the blob may be made twice. */
async function sendWhole(
  repository: Repository,
  blob: Blob,
  session: UploadSession,
  { onProgress }: UploadContext,
): Promise<BlobDigest> {
  const known = await digestOfBlob(blob);
  async function* open(): AsyncGenerator<Uint8Array, void, undefined> {
    // A chunk does not stay what it is, and several wait to be written.
    for await (const chunk of blob.open()) yield Buffer.from(chunk);
  }
  await finishUpload(repository, session, known, { size: known.size, open });
  onProgress(known.size);
  return known;
}

async function sendPieces(
  repository: Repository,
  blob: Blob,
  begun: UploadSession,
  kept: KeptUpload,
  context: UploadContext,
): Promise<BlobDigest> {
  let session = begun;
  let start = 0;
  for await (const bytes of cutInto(blob.open(), PIECE_BYTES, blob.bound)) {
    if (start === 0 && bytes.length < PIECE_BYTES && session.offset === 0) {
      const digest = (await blob.known())!;
      await finishUpload(repository, session, digest, bytes);
      context.onProgress(bytes.length);
      return digest;
    }
    for (let stalls = 0; session.offset < start + bytes.length;) {
      // Of what was before this piece nothing is here any more.
      if (session.offset < start || stalls === MAX_STALLS) throw new LostUpload();
      const before = session.offset;
      session = await sendPersistently(repository, session, bytes.subarray(before - start), context);
      if (session.offset <= before) stalls++;
      else context.onProgress(session.offset - before);
      await kept.keep(session.location);
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
      from = await confirmed(repository, from.location);
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

/** Nothing is wrong with the upload itself: the next process may find the registry in a better state. */
function mayGoOnLater(error: unknown): boolean {
  if (error instanceof RegistryRefusal) return isRetriable(error.refused.status);
  return error instanceof ImageDslError && (error.code === "E_NETWORK" || error.code === "E_ABORTED");
}

function isRefusedBlob(error: unknown): boolean {
  return error instanceof RegistryRefusal && error.refused.status === 400;
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
