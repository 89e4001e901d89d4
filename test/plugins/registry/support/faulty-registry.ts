/** A registry that stands before another one and, where a test says so, fails. */
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** What becomes of a request: a status, the connection cut, an answer that never comes, or nothing out of the ordinary. */
export type Fault = number | "cut" | "hang" | undefined;

export interface FaultyRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** `METHOD target` of each request so far. */
  readonly lines: readonly string[];
  /** By `METHOD target`; asked for each request. */
  fault: (line: string) => Fault;
}

/** `behind`: `HOST:PORT`. */
export async function faultyRegistry(behind: string): Promise<FaultyRegistry> {
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    lines.push(line);
    const fault = registry.fault(line);
    if (fault === undefined) return handOn(behind, request, response);
    if (fault === "cut") return void request.socket.destroy();
    request.resume();
    if (fault === "hang") return;
    response.writeHead(fault, { "content-type": "application/json" });
    response.end(JSON.stringify({ errors: [{ code: "DENIED", message: "by the test" }] }));
  });
  server.on("connection", (socket) => sockets.add(socket.once("close", () => sockets.delete(socket))));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const registry: FaultyRegistry = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    lines,
    fault: () => undefined,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return registry;
}

function handOn(behind: string, request: IncomingMessage, response: ServerResponse): void {
  const [host, port] = behind.split(":");
  // The host's name stays, so that places to go on are this registry's.
  const { method, url: path, headers } = request;
  const onward = ask({ host, port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  request.on("error", () => onward.destroy());
  request.pipe(onward);
}
