/**
 * Unix sockets between this process and a child, in a directory of their own, whatever the length of its name: an address has
 * room for 107 bytes, so it leads through the directory's descriptor.
 */
import { closeSync, openSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** Unix sockets of one directory, however long its path is: the system takes 108 bytes at most. */
export interface SocketFolder {
  /** Listens on `name`; `on` takes each connection. */
  serve(name: string, on: (socket: Socket) => void): Promise<void>;
  /** Listens on `name` for one connection, which is paused. It rejects where nobody connected before `close`. */
  accept(name: string): Promise<{ readonly connected: Promise<Socket> }>;
  /** Connects to who listens on `name`, or will within a minute. */
  connect(name: string, signal: AbortSignal): Promise<Socket>;
  /** Ends all of them. */
  close(): void;
}

const TRIES = 6000;
const PAUSE_MILLISECONDS = 10;

/** Opens an existing directory, which should be private, until `close`; Linux only. */
export function socketFolder(directory: string): SocketFolder {
  const fd = openSync(directory, "r");
  const path = (name: string): string => `/proc/self/fd/${fd}/${name}`;
  const servers = new Set<Server>();
  const sockets = new Set<Socket>();
  let isClosed = false;

  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    return socket.on("error", () => socket.destroy());
  };
  const listen = (server: Server, name: string): Promise<void> =>
    new Promise((resolve, reject) => {
      servers.add(server);
      server.once("error", reject);
      server.listen(path(name), () => resolve());
    });

  return {
    serve: (name, on) =>
      listen(
        createServer((socket) => on(keep(socket))),
        name,
      ),
    async accept(name) {
      const server = createServer({ pauseOnConnect: true });
      const connected = new Promise<Socket>((resolve, reject) => {
        server.once("connection", (socket) => resolve(keep(socket)));
        server.once("close", () => reject(new Error(`Nobody connected to ${name}`)));
      });
      connected.catch(() => {}); // Who waits for it is told.
      await listen(server, name);
      return { connected };
    },
    async connect(name, signal) {
      for (let left = TRIES; ; left--) {
        try {
          return keep(await connection(path(name)));
        } catch (error) {
          if (left === 0) throw error;
          await delay(PAUSE_MILLISECONDS, undefined, { signal });
          if (isClosed) throw error; // Its descriptor's number may be another folder's by now.
        }
      }
    },
    close() {
      isClosed = true;
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
      closeSync(fd);
    },
  };
}

function connection(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once("connect", () => resolve(socket.off("error", reject)));
    socket.once("error", reject);
  });
}
