/** A dockerd of its own that listens on loopback with TLS, and speaks only to clients with a certificate of the same authority. */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Certificates } from "../../../core/http/certificates.ts";
import { freePort } from "../../../free-port.ts";
import { requireTool, tmp } from "../../../harness.ts";

export interface TlsEngine {
  /** `tcp://127.0.0.1:PORT` */
  readonly host: string;
  close(): Promise<void>;
}

export async function tlsEngine({ ca, cert, key }: Certificates): Promise<TlsEngine> {
  const program = requireTool("dockerd");
  const folder = tmp();
  const host = `tcp://127.0.0.1:${await freePort()}`;
  const log = join(folder, "log");
  const handle = openSync(log, "a");
  const tls = ["--tlsverify", `--tlscacert=${ca}`, `--tlscert=${cert}`, `--tlskey=${key}`];
  const network = [`--host=${host}`, "--iptables=false", "--ip6tables=false", "--bridge=none"];
  const places = [`--data-root=${folder}/data`, `--exec-root=${folder}/exec`, `--pidfile=${folder}/pid`];
  const spaces = ["--containerd-namespace=image-dsl-tls", "--containerd-plugins-namespace=image-dsl-tls-plugins"];
  const child = spawn(program, [...tls, ...network, ...places, ...spaces, "--storage-driver=vfs"], {
    stdio: ["ignore", handle, handle],
  });
  closeSync(handle);
  children.add(child);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const logged = () => readFileSync(log, "utf8");
  while (!logged().includes("API listen on")) {
    if (child.exitCode !== null) throw new Error(`dockerd did not start: ${logged().slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    host,
    async close() {
      // It stops its containerd itself.
      child.kill("SIGTERM");
      await ended;
      children.delete(child);
    },
  };
}

const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGTERM");
});
