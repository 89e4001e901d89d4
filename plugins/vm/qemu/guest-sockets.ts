/** Unix sockets in one directory, whatever the length of its name: addresses have room for 107 bytes. */
import { closeSync, openSync } from "node:fs";
import { createServer, type Socket } from "node:net";

export interface SocketFolder {
  /** A short path to `name` in the directory. */
  path(name: string): string;
  /** The first who connects to `name`. Rejects where nobody did before `close`. */
  accept(name: string): Promise<{ readonly connected: Promise<Socket> }>;
  close(): void;
}

export function socketFolder(directory: string): SocketFolder {
  const fd = openSync(directory, "r");
  const ends: (() => void)[] = [];
  const path = (name: string): string => `/proc/self/fd/${fd}/${name}`;
  return {
    path,
    accept(name) {
      return new Promise((listening, failed) => {
        const server = createServer({ pauseOnConnect: true });
        const connected = new Promise<Socket>((resolve, reject) => {
          ends.push(() => {
            server.close();
            reject(new Error(`Nobody connected to ${name}`));
          });
          server.once("connection", (socket) => {
            socket.on("error", () => socket.destroy());
            ends.push(() => socket.destroy());
            resolve(socket);
            server.close();
          });
        });
        connected.catch(() => {}); // Told to who waits for it.
        server.once("error", failed);
        server.listen(path(name), () => listening({ connected }));
      });
    },
    close() {
      for (const end of ends) end();
      closeSync(fd);
    },
  };
}
