/** Local servers for the tests of core/http: a scripted one, and a forward proxy. All on the loopback address. */
import {
  createServer,
  get,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { connect, type AddressInfo } from "node:net";

export interface TestServer {
  readonly url: string;
  /** `METHOD target` of each request, in order. */
  readonly requests: IncomingMessage[];
  close(): Promise<void>;
}

/** Answers with what `handle` says; `count` tells how many requests for the same target came before. */
export async function scriptedServer(
  handle: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<TestServer> {
  const counts = new Map<string, number>();
  return start((request, response) => {
    const count = counts.get(request.url ?? "") ?? 0;
    counts.set(request.url ?? "", count + 1);
    handle(request, response, count);
  });
}

/** A forward proxy for plain requests and tunnels. `refuse` answers tunnels with that status. */
export async function proxyServer(refuse?: number): Promise<TestServer> {
  const proxy = await start((request, response) => {
    get(new URL(request.url ?? ""), { headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, { ...answer.headers, "x-proxied": "yes" });
      answer.pipe(response);
    }).on("error", () => response.destroy());
  });
  const tunnels = new Set<{ destroy(): unknown }>();
  proxy.server.on("connect", (request, client) => {
    proxy.requests.push(request);
    tunnels.add(client);
    if (refuse !== undefined) return client.end(`HTTP/1.1 ${refuse} No\r\n\r\n`);
    const [host, port] = (request.url ?? "").split(":");
    const upstream = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(client);
      client.pipe(upstream);
    });
    tunnels.add(upstream);
    upstream.on("error", () => client.destroy());
    client.on("error", () => upstream.destroy());
    return undefined;
  });
  const close = () => {
    // A tunnel is no longer the server's to close, and on Deno the server waits for it.
    for (const socket of tunnels) socket.destroy();
    return proxy.close();
  };
  return { ...proxy, close };
}

async function start(listener: RequestListener): Promise<TestServer & { readonly server: Server }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
