/** A large blob from the byte stream, from where it broke off on when it does. */
import type { RemoteBlob } from "../../../core/index.ts";
import { pause, waitBefore } from "../../../core/index.ts";
import { mayPass } from "../grpc/call-failure.ts";
import type { Server } from "../server.ts";
import { BYTE_STREAM } from "../services.ts";
import { readName } from "./blob-names.ts";

/** The bytes as they come. Throws a `CallFailure`. */
export async function* readStream(server: Server, blob: RemoteBlob): AsyncGenerator<Uint8Array, void, undefined> {
  const { connection, signal, patience } = server;
  const resourceName = readName(server, blob);
  let readOffset = 0;
  for (let attempt = 1; ; attempt++) {
    const before = readOffset;
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
      // Tries are counted anew from where one has brought something.
      if (readOffset > before) attempt = 1;
      const wait = mayPass(error) ? waitBefore(attempt, patience.retry) : undefined;
      if (wait === undefined) throw error;
      await pause(wait, signal);
    }
  }
}
