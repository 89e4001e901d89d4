/** Which Docker daemon is meant, as docker's own command line finds it. Nothing is connected to here. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { environment, homeDirectory, ImageDslError, type TlsSettings } from "../../../core/index.ts";
import { chosenContext, type Tell } from "./context.ts";
import { certificatesIn } from "./certificates.ts";

export type DockerWay =
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "tcp"; readonly url: string; readonly tls?: TlsSettings }
  | { readonly kind: "ssh"; readonly args: readonly string[] };

export interface DockerEndpoint {
  /** As it is written: `unix:///var/run/docker.sock`. */
  readonly text: string;
  readonly way: DockerWay;
  /** Who says so; undefined: nobody does, and it is where daemons usually are. */
  readonly saidBy: string | undefined;
}

/**
 * `DOCKER_HOST`, else the context that `DOCKER_CONTEXT` or docker's config names, else the first socket that there is of the usual
 * ones; undefined where there is none. Throws `E_DAEMON` for what cannot be meant.
 */
export async function dockerEndpoint(tell: Tell): Promise<DockerEndpoint | undefined> {
  const { DOCKER_HOST, DOCKER_CERT_PATH, DOCKER_TLS_VERIFY, DOCKER_TLS } = environment();
  if (DOCKER_HOST) {
    const folder = DOCKER_CERT_PATH || join(homeDirectory() ?? "/", ".docker");
    const own = DOCKER_TLS_VERIFY || DOCKER_TLS ? await certificatesIn(folder) : undefined;
    const tls = own && !DOCKER_TLS_VERIFY ? { ...own, verify: false as const } : own;
    return { text: DOCKER_HOST, way: parseHost(DOCKER_HOST, "DOCKER_HOST", tls), saidBy: "DOCKER_HOST" };
  }
  const context = await chosenContext(tell);
  if (context !== undefined) {
    const { host, tls, saidBy } = context;
    return { text: host, way: parseHost(host, saidBy, tls), saidBy };
  }
  const path = usualSockets().find(isSocket);
  return path === undefined ? undefined : { text: `unix://${path}`, way: { kind: "socket", path }, saidBy: undefined };
}

/** Throws `E_DAEMON` where there is none. */
export async function requireEndpoint(tell: Tell): Promise<DockerEndpoint> {
  const endpoint = await dockerEndpoint(tell);
  if (endpoint !== undefined) return endpoint;
  throw new ImageDslError("E_DAEMON", `No Docker daemon is here: there is no socket ${usualSockets().join(" or ")}`, {
    hint: "Start it, or say where it is with DOCKER_HOST or DOCKER_CONTEXT",
  });
}

/** The system's daemon, and the user's own (rootless). */
export function usualSockets(): readonly string[] {
  const { XDG_RUNTIME_DIR } = environment();
  return ["/var/run/docker.sock", ...(XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, "docker.sock")] : [])];
}

function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}

/** Of what ssh is given: a shell at the other end reads the path, and what begins with a hyphen could be an option. */
const WORD = /^[\w[][\w.:/[\]-]*$/;

/** The schemes of docker's command line that there are on Linux. */
function parseHost(text: string, saidBy: string, tls: TlsSettings | undefined): DockerWay {
  if (text.startsWith("unix:///")) return { kind: "socket", path: text.slice("unix://".length) };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "ssh:" && WORD.test(`${url.hostname}${url.pathname}`) && url.password === "")
    return { kind: "ssh", args: sshArgs(url) };
  const isPlace = url !== undefined && url.hostname !== "" && url.username === "" && url.password === "";
  if (isPlace && url.protocol === "tcp:" && /^\/?$/.test(url.pathname)) {
    const [scheme, port] = tls === undefined ? ["http", "2375"] : ["https", "2376"];
    return { kind: "tcp", url: `${scheme}://${url.hostname}:${url.port || port}`, ...(tls && { tls }) };
  }
  // Not shown: somebody may have written a password into it.
  throw new ImageDslError("E_DAEMON", `${saidBy} names no Docker daemon that can be asked`, {
    hint: "Write unix:///PATH, tcp://HOST:PORT or ssh://[USER@]HOST[:PORT]",
  });
}

/** As docker calls it: the user's own ssh, and at the other end docker's own relay. */
function sshArgs(url: URL): readonly string[] {
  const socket = url.pathname === "" || url.pathname === "/" ? [] : ["--host", `unix://${url.pathname}`];
  return [
    "-o",
    "ConnectTimeout=30",
    "-T",
    ...(url.username === "" ? [] : ["-l", decodeURIComponent(url.username)]),
    ...(url.port === "" ? [] : ["-p", url.port]),
    "--",
    url.hostname.replace(/^\[|\]$/g, ""),
    "docker",
    ...socket,
    "system",
    "dial-stdio",
  ];
}
