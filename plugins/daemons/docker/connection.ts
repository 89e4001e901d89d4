/** The way to a Docker daemon: its socket, its address, or a socket of ours behind which the user's ssh is. */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  findProgram,
  ImageDslError,
  programStream,
  relay,
  temporaryDirectory,
  type HttpRequestOptions,
  type ProgramStream,
  userEnvironment,
} from "../../../core/index.ts";
import type { DockerEndpoint } from "./endpoint.ts";

export interface DockerConnection {
  /** What paths are put behind. */
  readonly origin: string;
  readonly options: Pick<HttpRequestOptions, "socketPath" | "tls" | "proxy">;
  /** Why the way may be cut, where somebody else than the network knows. */
  lastWords(): string | undefined;
  close(): Promise<void>;
}

/** What the host is called where a socket has none. */
const SOCKET_ORIGIN = "http://docker";

export async function connectDocker({ way }: DockerEndpoint): Promise<DockerConnection> {
  if (way.kind === "ssh") return throughSsh(way.args);
  const given = { lastWords: () => undefined, close: async () => {} };
  if (way.kind === "socket") return { origin: SOCKET_ORIGIN, options: { socketPath: way.path }, ...given };
  const { hostname } = new URL(way.url);
  // As docker does it: no proxy is asked for this machine.
  const isHere = hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
  return {
    origin: way.url,
    options: { ...(way.tls && { tls: way.tls }), ...(isHere && { proxy: "direct" }) },
    ...given,
  };
}

/** Each connection is an ssh of its own; HTTP keeps one open for what comes one after the other. */
async function throughSsh(args: readonly string[]): Promise<DockerConnection> {
  const ssh = findProgram("ssh");
  if (ssh === undefined) {
    throw new ImageDslError("E_TOOL_MISSING", `Cannot find the program "ssh", by which the daemon is reached`, {
      hint: "Install it (on Debian: apt-get install openssh-client)",
    });
  }
  // A folder that only this user may look into.
  const folder = await mkdtemp(join(temporaryDirectory(), "image-dsl-ssh-"));
  const streams: ProgramStream[] = [];
  const { socketPath, close } = await relay(join(folder, "docker.sock"), () => {
    const stream = programStream(ssh, args, { cwd: "/", env: userEnvironment() });
    streams.push(stream);
    return stream;
  });
  return {
    origin: SOCKET_ORIGIN,
    options: { socketPath },
    lastWords: () => streams.map((stream) => stream.lastWords()).findLast((words) => words !== ""),
    async close() {
      close();
      for (const stream of streams) stream.stop();
      await Promise.allSettled(streams.map((stream) => stream.ended));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
