/** A server through a port of ours that counts the bytes of both directions. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface Moved {
  /** Bytes from clients to the server, and from it to them. */
  sent: number;
  received: number;
}

export interface CountedHost {
  /** `127.0.0.1:PORT`, in place of the server's own. */
  readonly host: string;
  /** Since it was last asked. */
  moved(): Moved;
  close(): void;
}

/** `host`: `ADDRESS:PORT` of the server. */
export async function countedHost(host: string): Promise<CountedHost> {
  const { hostname, port } = new URL(`http://${host}`);
  const open = new Set<Socket>();
  let moved: Moved = { sent: 0, received: 0 };

  function pass(from: Socket, to: Socket, direction: keyof Moved): void {
    open.add(from);
    from.on("data", (chunk: Buffer) => (moved[direction] += chunk.length));
    from.pipe(to);
    // Either end that is lost takes the other with it.
    from.on("error", () => to.destroy());
    from.on("close", () => {
      open.delete(from);
      to.destroy();
    });
  }

  const server = createServer((client) => {
    const behind = connect({ host: hostname, port: Number(port) });
    pass(client, behind, "sent");
    pass(behind, client, "received");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    moved() {
      const before = moved;
      moved = { sent: 0, received: 0 };
      return before;
    },
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
