/** A scripted Docker daemon on a socket of its own. What the script does not answer is a 404. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { tmp } from "../../../harness.ts";

export interface ScriptedEngine extends AsyncDisposable {
  readonly host: string;
  /** `METHOD target` of each request, in order. */
  readonly requests: readonly string[];
  /** The archives that were sent, as far as they came. */
  readonly archives: readonly Buffer[];
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** By `METHOD path`, without the query. */
export async function scriptedEngine(answers: Readonly<Record<string, Answer>>): Promise<ScriptedEngine> {
  const requests: string[] = [];
  const archives: Buffer[] = [];
  const server = createServer((request, response) => {
    const [path] = (request.url ?? "").split("?");
    const pieces: Buffer[] = [];
    requests.push(`${request.method} ${request.url}`);
    request.on("data", (piece: Buffer) => pieces.push(Buffer.from(piece)));
    request.on("end", () => {
      if (path === "/images/load") archives.push(Buffer.concat(pieces));
      const answer = answers[`${request.method} ${path}`];
      if (answer) answer(response, request);
      else json({ message: "No such thing" }, 404)(response);
    });
  });
  const socket = join(tmp(), "engine.sock");
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    host: `unix://${socket}`,
    requests,
    archives,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function json(value: unknown, status = 200): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
}

/** Of `/info`, with a driver that keeps layers by their chain. */
export const CLASSIC = { ServerVersion: "20.10.24", DriverStatus: [["Backing Filesystem", "extfs"]] };
export const CONTAINERD = { ServerVersion: "28.0.0", DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"]] };
