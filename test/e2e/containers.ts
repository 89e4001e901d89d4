/** The programs that have to accept an image: dockerd, podman, skopeo and umoci. Containers have no network. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { requireTool } from "../harness.ts";
import { IS_THOROUGH } from "../sampled.ts";
import { podmanOptions } from "./podman-options.ts";
import { must, run } from "./support.ts";

export const ENGINES = ["docker", "podman"] as const;
export type Engine = (typeof ENGINES)[number];

const PODMAN = podmanOptions();
const RUN_OPTIONS = { docker: [], podman: PODMAN.run } as const;
const GLOBAL_OPTIONS = { docker: [], podman: PODMAN.global } as const;

export interface Container {
  /** Runs a program in it and gives its stdout. */
  exec(command: readonly string[]): string;
  /** The host's id of its first process. */
  pid(): string;
  logs(): string;
  /** Waits for its end, and gives the exit status. */
  wait(): number;
  remove(): void;
}

/** Each in each engine; in CI each in one of them, by turns. */
export function inEngines<const T>(cases: readonly T[]): readonly (readonly [T, Engine])[] {
  const all = (each: T) => ENGINES.map((engine) => [each, engine] as const);
  return cases.flatMap((each, index) => (IS_THOROUGH ? all(each) : [all(each)[index % ENGINES.length]!]));
}

/** Loads a docker archive and gives the reference that the engine names. */
export function load(engine: Engine, archive: string): string {
  requireTool(engine);
  const said = engineCommand(engine, ["load", "-q", "-i", archive]);
  const [, reference] = /Loaded image(?:\(s\))?: (\S+)/.exec(said) ?? [];
  if (reference === undefined) throw new Error(`${engine} load said: ${said}`);
  return reference;
}

/** `run --rm`: what the image's own command, or the given one, prints. */
export function runOnce(engine: Engine, reference: string, command: readonly string[] = []): string {
  return engineCommand(engine, ["run", "--rm", "--network", "none", ...RUN_OPTIONS[engine], reference, ...command]);
}

export function start(engine: Engine, reference: string, options: readonly string[] = []): Container {
  const none = ["--network", "none"];
  const id = engineCommand(engine, ["run", "-d", ...none, ...RUN_OPTIONS[engine], ...options, reference]).trim();
  return {
    exec: (command) => engineCommand(engine, ["exec", id, ...command]),
    pid: () => engineCommand(engine, ["inspect", "--format", "{{.State.Pid}}", id]).trim(),
    logs: () => {
      const { stdout, stderr } = run([engine, "logs", id], { cwd: "/" });
      return `${stdout.toString()}${stderr}`;
    },
    wait: () => Number(engineCommand(engine, ["wait", id])),
    remove: () => void engineCommand(engine, ["rm", "-f", id]),
  };
}

/** How a container ended that was told to. */
export interface Ended {
  readonly status: number;
  /** From SIGTERM to the end. */
  readonly milliseconds: number;
}

/** By SIGTERM, without the engine's clients, which take longer to start than most servers to end. */
export async function terminate(container: Container): Promise<Ended> {
  const pid = Number(container.pid());
  const before = performance.now();
  process.kill(pid, "SIGTERM");
  while (existsSync(`/proc/${pid}`)) {
    if (performance.now() - before > 20_000) throw new Error("SIGTERM has not ended it");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const milliseconds = performance.now() - before;
  return { status: container.wait(), milliseconds };
}

/** The image's id: the digest of its config. */
export function imageId(engine: Engine, reference: string): string {
  const id = engineCommand(engine, ["image", "inspect", "--format", "{{.Id}}", reference]).trim();
  return id.startsWith("sha256:") ? id : `sha256:${id}`;
}

/** Writes the file system that the engine makes of an image as a tar, and gives its path. */
export function exportTo(out: string, engine: Engine, reference: string): string {
  const id = engineCommand(engine, ["create", reference]).trim();
  try {
    engineCommand(engine, ["export", "-o", out, id]);
    return out;
  } finally {
    engineCommand(engine, ["rm", id]);
  }
}

export function removeImage(engine: Engine, reference: string): void {
  engineCommand(engine, ["rmi", "-f", reference]);
}

/** Tries until it gives no error, for at most 20 seconds; the last error is the one that is told. */
export async function eventually<T>(attempt: () => T): Promise<T> {
  for (let left = 40; ; left--) {
    try {
      return attempt();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** The archive as an OCI layout (skopeo) and unpacked from there (umoci); gives the root file system's folder. */
export function unpack(archive: string, folder: string): string {
  requireTool("skopeo", "umoci");
  mkdirSync(folder, { recursive: true });
  must(["skopeo", "copy", "--quiet", `docker-archive:${archive}`, `oci:${join(folder, "layout")}:image`], { cwd: "/" });
  must(["umoci", "unpack", "--image", `${join(folder, "layout")}:image`, join(folder, "bundle")], { cwd: "/" });
  return join(folder, "bundle/rootfs");
}

/** What skopeo reads out of the archive: the image's config. */
export function skopeoConfig(archive: string): { readonly config: Readonly<Record<string, unknown>> } {
  requireTool("skopeo");
  return JSON.parse(must(["skopeo", "inspect", "--config", `docker-archive:${archive}`], { cwd: "/" }).toString());
}

function engineCommand(engine: Engine, args: readonly string[]): string {
  return must([engine, ...GLOBAL_OPTIONS[engine], ...args], { cwd: "/" }).toString();
}
