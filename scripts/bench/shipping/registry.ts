/** Debian's docker-registry on a free loopback port, for what is shipped there; it ends with the bench. */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { remove } from "../work-folder.ts";

const PATIENCE = 10_000;

export interface Registry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** How many requests it has answered. */
  requests(): Promise<number>;
  /** All images go; it goes on. */
  empty(): void;
  /** `HOST/NAME:TAG` goes, with all tags of that name: who pushes it again has to send every blob. */
  forget(reference: string): void;
  close(): Promise<void>;
}

export async function startRegistry(folder: string): Promise<Registry> {
  mkdirSync(folder);
  const host = `127.0.0.1:${await freePort()}`;
  const images = join(folder, "images");
  const settings = join(folder, "config.json");
  const log = join(folder, "log");
  // JSON is YAML.
  writeFileSync(
    settings,
    JSON.stringify({
      version: 0.1,
      log: { level: "warn", accesslog: { disabled: false } },
      storage: { filesystem: { rootdirectory: images } },
      http: { addr: host },
    }),
  );
  const handle = openSync(log, "w");
  const child = spawn("docker-registry", ["serve", settings], {
    env: { PATH: process.env["PATH"] ?? "", OTEL_TRACES_EXPORTER: "none" },
    stdio: ["ignore", handle, handle],
  });
  closeSync(handle);
  // A bench that fails does not wait for it.
  child.unref();
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
  const kill = (): unknown => child.kill("SIGKILL");
  process.on("exit", kill);
  await answers(host);
  return {
    host,
    async requests() {
      // The last line comes after the answer.
      await new Promise((resolve) => setTimeout(resolve, 100));
      // Apache's combined log, beside its own; our asking whether it listens is not counted.
      return [...readFileSync(log, "utf8").matchAll(/^127\.0\.0\.1 .*"[A-Z]+ \/v2\/\S+ HTTP/gm)].length;
    },
    empty: () => remove(images),
    forget(reference) {
      const name = reference.slice(host.length + 1, reference.lastIndexOf(":"));
      remove(join(images, "docker/registry/v2/repositories", name));
    },
    async close() {
      process.off("exit", kill);
      child.ref();
      kill();
      await ended;
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(host: string): Promise<void> {
  for (const end = Date.now() + PATIENCE; ;) {
    try {
      await fetch(`http://${host}/`);
      return;
    } catch (error) {
      if (Date.now() > end) throw new Error("docker-registry does not start; is it installed?", { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
