/** A large blob into the byte stream, from where the server has it on when it broke off. */
import { secretSeed, type RemoteBlob } from "../../../core/index.ts";
import { CallFailure, CODE } from "../grpc/call-failure.ts";
import type { WriteRequest } from "../proto/messages.ts";
import type { Message } from "../proto/message.ts";
import { briefly, retried, type Server } from "../server.ts";
import { BYTE_STREAM } from "../services.ts";
import { writeName } from "./blob-names.ts";
import { changedBlob } from "./checked-bytes.ts";

/** Of the bytes in a message. */
const MOST_BYTES = 512 * 1024;

/** Throws a `CallFailure`, and `E_CONTENT_CHANGED`. */
export async function writeStream(
  server: Server,
  blob: RemoteBlob,
  open: () => AsyncIterable<Uint8Array>,
): Promise<void> {
  let resourceName = "";
  await retried(server, async (attempt) => {
    const there = attempt === 1 ? 0 : await committed(server, resourceName, blob);
    if (there === blob.size) return;
    // What the server remembers of an upload that it says nothing of is no longer ours to go on with.
    if (there === 0) resourceName = writeName(server, newUuid(), blob);
    const limits = { signal: server.signal, silence: server.patience.silence };
    const requests = requestsFor(resourceName, blob, open(), there);
    const { committedSize } = await server.connection.send(BYTE_STREAM.write, requests, limits);
    if (committedSize === blob.size) return;
    throw new CallFailure(CODE.unavailable, `${committedSize} of ${blob.size} bytes were taken`);
  });
}

/** Bytes that the server has of an upload; 0 where it has none, or does not say. */
async function committed(server: Server, resourceName: string, blob: RemoteBlob): Promise<number> {
  try {
    const { committedSize } = await server.connection.unary(BYTE_STREAM.status, { resourceName }, briefly(server));
    return committedSize >= 0 && committedSize <= blob.size ? committedSize : 0;
  } catch (error) {
    if (error instanceof CallFailure) return 0;
    throw error;
  }
}

async function* requestsFor(
  resourceName: string,
  blob: RemoteBlob,
  chunks: AsyncIterable<Uint8Array>,
  from: number,
): AsyncGenerator<Partial<Message<typeof WriteRequest>>, void, undefined> {
  let at = 0;
  for await (const chunk of chunks) {
    if (at + chunk.length > blob.size) throw changedBlob(blob);
    for (let start = Math.max(0, from - at); start < chunk.length; start += MOST_BYTES) {
      const data = chunk.subarray(start, start + MOST_BYTES);
      const writeOffset = at + start;
      // Only the first one has to name it.
      const name = writeOffset === from ? { resourceName } : {};
      yield { ...name, writeOffset, data, finishWrite: writeOffset + data.length === blob.size };
    }
    at += chunk.length;
  }
  if (at !== blob.size) throw changedBlob(blob);
}

/** Version 4. */
function newUuid(): string {
  const hex = secretSeed(16);
  const variant = "89ab"[Number.parseInt(hex[16]!, 16) % 4]!;
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, variant + hex.slice(17, 20), hex.slice(20)].join(
    "-",
  );
}
