/** Debian's docker-registry on a free loopback port, with a folder of its own: the referee of what we send. */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../../free-port.ts";
import { requireTool, tmp } from "../../../harness.ts";
import type { Certificates } from "../../../core/http/certificates.ts";

export interface DockerRegistryOptions {
  /** `basic`: user and password are `REGISTRY_USER`. A token server's: as `tokenServer` gives it. */
  readonly auth?: "basic" | { readonly realm: string; readonly service: string; readonly rootCertificate: string };
  readonly tls?: Certificates;
  /** Refuses clients without a certificate of the same authority. */
  readonly clientCertificates?: boolean;
  /** Where its images are; without it a new folder. Two registries after each other may share one. */
  readonly folder?: string;
  /** Without it a free one. */
  readonly port?: number;
  /** Blobs cannot be deleted otherwise. */
  readonly deletes?: boolean;
}

export interface DockerRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, with TLS `localhost:PORT`. */
  readonly host: string;
  readonly url: string;
  readonly folder: string;
  /** `METHOD target status` of each request so far, in the order in which they were finished. */
  requests(): readonly string[];
  close(): Promise<void>;
}

export const REGISTRY_USER = { user: "tester", password: "open-sesame-4711" };

/** Of that user. Its cost is the least there is. */
const HTPASSWD = "tester:$2y$05$abcdefghijklmnopqrstuud2L8crwTyOxFi9P3yYYIG5bIITxThTG\n";

export async function dockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const program = requireTool("docker-registry");
  const folder = options.folder ?? tmp();
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const started = await start(program, folder, port, options);
    if (started !== undefined) {
      const host = `${options.tls ? "localhost" : "127.0.0.1"}:${port}`;
      return { ...started, host, url: `${options.tls ? "https" : "http"}://${host}`, folder };
    }
    if (attempt === 3) throw new Error("docker-registry did not start");
  }
}

async function start(program: string, folder: string, port: number, options: DockerRegistryOptions) {
  const settings = tmp();
  const file = join(settings, "config.json");
  writeFileSync(join(settings, "htpasswd"), HTPASSWD);
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configuration(folder, port, settings, options)));
  // A file takes all that it says, also while a test waits for a program and reads nothing.
  const log = join(settings, "log");
  const handle = openSync(log, "a");
  const child = spawn(program, ["serve", file], {
    env: { PATH: process.env["PATH"] ?? "", OTEL_TRACES_EXPORTER: "none" },
    stdio: ["ignore", handle, handle],
  });
  closeSync(handle);
  children.add(child);
  const logged = () => readFileSync(log, "utf8");
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const listens = async () => {
    while (!/listening on/.test(logged())) await new Promise((resolve) => setTimeout(resolve, 10));
    return true;
  };
  if (!(await Promise.race([listens(), ended.then(() => false)]))) return undefined;
  const close = async () => {
    child.kill("SIGKILL");
    await ended;
    children.delete(child);
  };
  return { requests: () => requestsOf(logged()), close, [Symbol.asyncDispose]: close };
}

function configuration(folder: string, port: number, settings: string, options: DockerRegistryOptions) {
  const { auth, tls, clientCertificates = false, deletes = true } = options;
  return {
    version: 0.1,
    log: { level: "info", accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: folder }, delete: { enabled: deletes } },
    http: {
      addr: `127.0.0.1:${port}`,
      ...(tls && {
        tls: {
          certificate: tls.cert,
          key: tls.key,
          ...(clientCertificates && { clientcas: [tls.ca] }),
        },
      }),
    },
    ...(auth === "basic" && { auth: { htpasswd: { realm: "tests", path: join(settings, "htpasswd") } } }),
    ...(typeof auth === "object" && {
      auth: {
        token: { realm: auth.realm, service: auth.service, issuer: "tests", rootcertbundle: auth.rootCertificate },
      },
    }),
  };
}

/** Apache's combined log, as docker-registry writes it beside its own. */
function requestsOf(log: string): readonly string[] {
  return [...log.matchAll(/^127\.0\.0\.1 - \S+ \[[^\]]*\] "([A-Z]+) (\S+) HTTP\/[0-9.]+" ([0-9]+)/gm)].map(
    ([, method, target, status]) => `${method} ${target} ${status}`,
  );
}

const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});
