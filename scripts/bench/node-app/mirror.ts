/**
 * An npm registry on loopback, in front of the one that this host uses, and a proxy for Debian's archive: each thing is fetched
 * once, then served from memory. So no network is measured, and what a builder fetches is counted.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { runOrThrow } from "../run.ts";

export interface Mirror {
  /** The npm registry's address. */
  readonly url: string;
  /** For who is to fetch from there. */
  readonly env: Readonly<Record<string, string>>;
  /** Bytes of all bodies that it has sent. */
  bytes(): number;
  close(): Promise<void>;
}

interface Kept {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

export async function startMirror(): Promise<Mirror> {
  const registry = (await runOrThrow("npm config get registry")).trim();
  const kept = new Map<string, Promise<Kept>>();
  let bytes = 0;

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(502).end(String(error)));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "/";
    const found = kept.get(path) ?? fetched(path);
    kept.set(path, found);
    const { status, type, body } = await found;
    bytes += body.length;
    response.writeHead(status, { "content-type": type, "content-length": body.length }).end(body);
  }

  /** Only a proxy is asked for whole addresses. */
  async function fetched(path: string): Promise<Kept> {
    if (path.startsWith("http:")) return bodyOf(await fetch(path));
    const address = new URL(path.slice(1), registry);
    if (path.endsWith(".tgz")) return bodyOf(await fetch(address));
    const { status, body } = await bodyOf(await fetch(address, { headers: { accept: ABBREVIATED } }));
    return { status, type: ABBREVIATED, body: Buffer.from(body.toString().replaceAll(registry, url)) };
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A bench that fails does not wait for it.
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    env: { npm_config_registry: url, http_proxy: url, no_proxy: "127.0.0.1" },
    bytes: () => bytes,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What installers ask for: versions without their READMEs. */
const ABBREVIATED = "application/vnd.npm.install-v1+json";

async function bodyOf(response: Response): Promise<Kept> {
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, type: "application/octet-stream", body };
}
