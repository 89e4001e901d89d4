/**
 * A registry whose every answer a test writes, for faults that no real one makes on demand. It records all that it
 * receives, so it also stands for the other host that must not be told a secret.
 */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { pem, type Certificates } from "../../../core/http/certificates.ts";

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** How many requests this route had before. */
  readonly count: number;
  /** The request's body, whole. */
  body(): Promise<Buffer>;
  /** Ends the exchange with a status, headers and a body: a text, bytes, or what becomes JSON. */
  answer(status: number, headers?: Readonly<Record<string, string>>, body?: unknown): void;
  /** Ends it as registries do with an error. */
  refuse(status: number, code: string, message?: string, headers?: Readonly<Record<string, string>>): void;
}

export type Route = (exchange: Exchange) => void | Promise<void>;

/** By `METHOD /path`, where `*` stands for anything and the method may be `*`; the first that fits is asked. */
export type Routes = Readonly<Record<string, Route>>;

export interface LoggedRequest {
  /** `METHOD target`. */
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
  /** How many bytes of its body came so far. */
  readonly received: () => number;
}

export interface ScriptedRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, with TLS `localhost:PORT`. */
  readonly host: string;
  readonly url: string;
  readonly requests: readonly LoggedRequest[];
  /** Connections that were opened so far. */
  connections(): number;
  /** `METHOD target` of each request. */
  lines(): readonly string[];
  /** All that came, headers and targets, as one text: to look for a secret in. */
  everything(): string;
  close(): Promise<void>;
}

export interface ScriptedOptions {
  readonly tls?: Certificates;
}

export async function scriptedRegistry(routes: Routes, { tls }: ScriptedOptions = {}): Promise<ScriptedRegistry> {
  const table = Object.entries(routes).map(([key, route]) => ({ pattern: patternOf(key), route, count: 0 }));
  const requests: LoggedRequest[] = [];
  const bodies: Buffer[] = [];
  const listener: RequestListener = (request, response) => {
    const line = `${request.method} ${request.url}`;
    let received = 0;
    request.on("data", (piece: Buffer) => (received += piece.length));
    request.pause();
    requests.push({ line, headers: request.headers, received: () => received });
    const found = table.find(({ pattern }) => pattern.test(line.replace(/\?.*/s, "")));
    const exchange = exchangeOf(request, response, found ? found.count++ : 0, (body) => bodies.push(body));
    const route = found?.route ?? notFound;
    Promise.resolve()
      .then(() => route(exchange))
      .catch((error: unknown) => {
        console.error("A route of the scripted registry failed:", error);
        response.destroy();
      });
  };
  const server = tls ? createTlsServer({ key: pem(tls.key), cert: pem(tls.cert) }, listener) : createServer(listener);
  let connections = 0;
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    connections++;
    sockets.add(socket.once("close", () => sockets.delete(socket)));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `${tls ? "localhost" : "127.0.0.1"}:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return {
    host,
    url: `${tls ? "https" : "http"}://${host}`,
    requests,
    connections: () => connections,
    lines: () => requests.map(({ line }) => line),
    everything: () =>
      [...requests.map(({ line, headers }) => `${line}\n${JSON.stringify(headers)}`), ...bodies.map(String)].join("\n"),
    close,
    [Symbol.asyncDispose]: close,
  };
}

const notFound: Route = ({ refuse }) => refuse(404, "UNSUPPORTED", "no such route");

function exchangeOf(
  request: IncomingMessage,
  response: ServerResponse,
  count: number,
  keep: (body: Buffer) => void,
): Exchange {
  const answer: Exchange["answer"] = (status, headers = {}, body) => {
    // A body that nobody reads would stay in the connection.
    request.resume();
    const isJson = body !== undefined && typeof body !== "string" && !(body instanceof Uint8Array);
    response.writeHead(status, { ...(isJson && { "content-type": "application/json" }), ...headers });
    response.end(isJson ? JSON.stringify(body) : body);
  };
  return {
    request,
    response,
    count,
    url: new URL(request.url ?? "/", `http://${request.headers.host}`),
    async body() {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      const whole = Buffer.concat(pieces);
      keep(whole);
      return whole;
    },
    answer,
    refuse: (status, code, message = "refused", headers = {}) =>
      answer(status, headers, { errors: [{ code, message }] }),
  };
}

function patternOf(key: string): RegExp {
  const escaped = key.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${escaped}$`);
}
