/** The blobs of a server: which are missing, writing, reading. Small ones share calls; nothing that is read is believed. */
import { gathered, type Digest, type RemoteBlob } from "../../../core/index.ts";
import { CODE, CallFailure, hasCode } from "../grpc/call-failure.ts";
import type { StatusMessage } from "../proto/messages.ts";
import { asError, briefly, retried, told, type Server } from "../server.ts";
import { STORAGE } from "../services.ts";
import { batched } from "./batched.ts";
import { blobOf, digestMessage } from "./blob-names.ts";
import { missingBlob, ofSize, verified } from "./checked-bytes.ts";
import { readStream } from "./read-stream.ts";
import { writeStream } from "./write-stream.ts";

export interface Storage {
  missing(blobs: readonly RemoteBlob[]): Promise<readonly RemoteBlob[]>;
  write(blob: RemoteBlob, open: () => AsyncIterable<Uint8Array>): Promise<void>;
  read(blob: RemoteBlob): AsyncGenerator<Uint8Array, void, undefined>;
}

/** Larger blobs have a call of their own. */
const MOST_SMALL = 1024 * 1024;
/** Of digests that one call asks for: some 80 bytes each. */
const MOST_ASKED = 20_000;

/** `batchBytes`: of the blobs in a call, as the server wants it. */
export function storageOf(server: Server, batchBytes: number): Storage {
  const small = Math.min(MOST_SMALL, batchBytes);
  const writeSmall = batched<SmallBlob, true>({
    most: batchBytes,
    sizeOf: ({ blob }) => blob.size,
    send: (items) => sendBatch(server, items),
  });
  const readSmall = batched<RemoteBlob, Uint8Array>({
    most: batchBytes,
    sizeOf: ({ size }) => size,
    send: (blobs) => fetchBatch(server, blobs),
  });

  return {
    missing: (blobs) => told(server, "say which blobs they have", () => findMissing(server, blobs)),
    write: (blob, open) =>
      told(server, `take a blob of ${blob.size} bytes`, async () => {
        if (blob.size > small) return writeStream(server, blob, open);
        const bytes = await gathered(ofSize(blob, open()));
        await retried(server, () => writeSmall({ blob, bytes }));
      }),
    async *read(blob) {
      try {
        if (blob.size === 0) return;
        const chunks =
          blob.size > small ? readStream(server, blob) : oneChunk(() => retried(server, () => readSmall(blob)));
        yield* verified(server, blob, chunks);
      } catch (error) {
        if (!hasCode(error, CODE.notFound)) throw asError(server, `give a blob of ${blob.size} bytes back`, error);
        throw missingBlob(server, blob);
      }
    },
  };
}

interface SmallBlob {
  readonly blob: RemoteBlob;
  readonly bytes: Uint8Array;
}

async function findMissing(server: Server, blobs: readonly RemoteBlob[]): Promise<readonly RemoteBlob[]> {
  // Empty ones too: they ought to be everywhere, and justbuild wants them sent.
  const asked = new Map(blobs.map((blob) => [blob.digest, blob]));
  const names = [...asked.values()].map(digestMessage);
  const missing = new Set<Digest>();
  for (let first = 0; first < names.length; first += MOST_ASKED) {
    const request = { instanceName: server.instance, blobDigests: names.slice(first, first + MOST_ASKED) };
    const { missingBlobDigests } = await retried(server, () =>
      server.connection.unary(STORAGE.findMissing, request, briefly(server)),
    );
    for (const name of missingBlobDigests) missing.add(blobOf(server, name).digest);
  }
  return [...asked.values()].filter(({ digest }) => missing.has(digest));
}

async function sendBatch(server: Server, items: readonly SmallBlob[]): Promise<readonly (true | Error)[]> {
  const requests = items.map(({ blob, bytes }) => ({ digest: digestMessage(blob), data: bytes }));
  const request = { instanceName: server.instance, requests };
  const { responses } = await server.connection.unary(STORAGE.update, request, briefly(server));
  const byHash = new Map(responses.map((each) => [each.digest?.hash, each]));
  return requests.map(({ digest }) => failureOf(byHash.get(digest.hash)) ?? true);
}

async function fetchBatch(server: Server, blobs: readonly RemoteBlob[]): Promise<readonly (Uint8Array | Error)[]> {
  const request = { instanceName: server.instance, digests: blobs.map(digestMessage) };
  const { responses } = await server.connection.unary(STORAGE.read, request, briefly(server));
  const byHash = new Map(responses.map((each) => [each.digest?.hash, each]));
  return request.digests.map(({ hash }) => {
    const answer = byHash.get(hash);
    return failureOf(answer) ?? answer!.data;
  });
}

/** An answer that is left out says nothing: no blob is taken for written by it. */
function failureOf(
  answer: { readonly status: Partial<StatusMessage> | undefined } | undefined,
): CallFailure | undefined {
  if (answer === undefined) return new CallFailure(CODE.invalidArgument, "one of the blobs is not answered for");
  const { code = CODE.ok, message = "" } = answer.status ?? {};
  return code === CODE.ok ? undefined : new CallFailure(code, message);
}

async function* oneChunk(make: () => Promise<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield await make();
}
