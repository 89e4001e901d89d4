/** The tests' own dockerd, behind a socket that counts what is sent to it. */
import { rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { DOCKER_ENVIRONMENT } from "../../../../scripts/docker-host.ts";
import { run } from "../../../e2e/support.ts";
import { requireTool, tmp } from "../../../harness.ts";

export interface CountingSocket extends AsyncDisposable {
  readonly host: string;
  /** Bytes to the daemon since it was last asked. */
  sent(): number;
}

export const { DOCKER_HOST } = DOCKER_ENVIRONMENT;

export async function countingSocket(): Promise<CountingSocket> {
  requireTool("docker");
  const path = join(tmp(), "counting.sock");
  let bytes = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    const daemon = connect(DOCKER_HOST.slice("unix://".length));
    client.on("data", (piece) => (bytes += piece.length));
    client.pipe(daemon);
    daemon.pipe(client);
    client.on("error", () => daemon.destroy()).on("close", () => daemon.destroy());
    daemon.on("error", () => client.destroy()).on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    sent() {
      const before = bytes;
      bytes = 0;
      return before;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const client of open) client.destroy();
      rmSync(path, { force: true });
    },
  };
}

export function docker(...args: string[]): string {
  const { stdout, stderr, status } = run(["docker", ...args], { cwd: "/" });
  if (status !== 0) throw new Error(`docker ${args.join(" ")} ended with ${status}: ${stderr}`);
  return stdout.toString().trim();
}
