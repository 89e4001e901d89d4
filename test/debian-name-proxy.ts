/**
 * A proxy on loopback that stands for Debian's public archive: whatever is asked of it under `/debian` or `/debian-security`
 * is asked of the archives that this host's apt names.
 */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { debianArchives } from "./host-archives.ts";

export interface NameProxy {
  readonly url: string;
  /** The hosts that were asked for, as the client named them. */
  readonly hosts: ReadonlySet<string>;
  /** How many so far. */
  requests(): number;
  /** For a process that is to reach them through it, and nothing else. */
  readonly env: Readonly<Record<string, string>>;
  close(): void;
}

export async function debianNameProxy(): Promise<NameProxy> {
  const archives = debianArchives();
  const hosts = new Set<string>();
  let requests = 0;
  const server = createServer((asked, answer) => {
    const { hostname, pathname } = new URL(asked.url ?? "", "http://nowhere.invalid");
    hosts.add(hostname);
    requests++;
    const path = pathname.replace(/^\/debian(-security)?\//, "/");
    ask(
      archives.map((uri) => uri.replace(/\/+$/, "") + path),
      answer,
    );
  });
  await listening(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    hosts,
    requests: () => requests,
    env: { http_proxy: url, HTTP_PROXY: url, no_proxy: "", NO_PROXY: "" },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The first of the addresses that has it. */
function ask([address, ...others]: readonly string[], answer: ServerResponse): void {
  if (address === undefined) return void answer.writeHead(404).end();
  const fail = (): void => void answer.destroy();
  const passOn = (given: IncomingMessage): void => {
    if (given.statusCode === 404 && others.length > 0) {
      given.resume();
      return ask(others, answer);
    }
    answer.writeHead(given.statusCode ?? 502, given.headers);
    given.on("error", fail).pipe(answer);
  };
  request(address, { headers: { connection: "close" } }, passOn)
    .on("error", fail)
    .end();
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
}
