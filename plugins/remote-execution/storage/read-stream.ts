/** A large blob from the byte stream, from where it broke off on when it does. */
import { pause, waitBefore, type RemoteBlob } from "../../../core/index.ts";
import { mayPass } from "../grpc/call-failure.ts";
import type { Server } from "../server.ts";
import { BYTE_STREAM } from "../services.ts";
import { readName } from "./blob-names.ts";

/** Bytes after which tries are counted anew: of large blobs many may break off, and of what trickles a few. */
const ENOUGH = 16 * 1024 * 1024;

/** The bytes as they come. Throws a `CallFailure`. */
export async function* readStream(server: Server, blob: RemoteBlob): AsyncGenerator<Uint8Array, void, undefined> {
  const { connection, signal, patience } = server;
  const resourceName = readName(server, blob);
  let readOffset = 0;
  let enough = ENOUGH;
  for (let attempt = 1; ; attempt++) {
    try {
      const request = { resourceName, readOffset };
      for await (const { data } of connection.receive(BYTE_STREAM.read, request, {
        signal,
        silence: patience.silence,
      })) {
        readOffset += data.length;
        yield data;
      }
      return;
    } catch (error) {
      if (readOffset >= enough) [attempt, enough] = [1, readOffset + ENOUGH];
      const wait = mayPass(error) ? waitBefore(attempt, patience.retry) : undefined;
      if (wait === undefined) throw error;
      await pause(wait, signal);
    }
  }
}
