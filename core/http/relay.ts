/** A socket of this process's own whose connections lead elsewhere: to a program's stdin and stdout, for one. */
import { createServer, type Socket } from "node:net";
import type { Readable, Writable } from "node:stream";

/** Where one connection leads. */
export interface FarEnd {
  /** Takes what the near side sends. */
  readonly input: Writable;
  /** Gives what the far side answers. */
  readonly output: Readable;
  /** The connection is over. */
  stop(): void;
}

/** A Unix socket whose connections are led elsewhere, until it is closed. */
export interface Relay {
  /** As `relay` was given it; nobody listens there once it is closed. */
  readonly socketPath: string;
  /** Ends all connections. */
  close(): void;
}

/** Listens at `socketPath`, which has to lie where nobody else may look. */
export function relay(socketPath: string, dial: () => FarEnd): Promise<Relay> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    const far = dial();
    open.add(socket);
    socket.pipe(far.input);
    far.output.pipe(socket);
    // Whichever side ends, the other learns it as the end of the connection; why is the far end's to tell.
    socket.on("error", () => {});
    far.input.on("error", () => socket.destroy());
    far.output.on("error", () => socket.destroy());
    socket.on("close", () => {
      open.delete(socket);
      far.stop();
    });
  });
  const close = () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(socketPath, () => resolve({ socketPath, close }));
  });
}
