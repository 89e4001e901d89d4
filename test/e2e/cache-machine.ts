/** Builds of machines that share a registry as their cache, each with a store of its own: as they go on beside a test. */
import { spawn, type ChildProcess } from "node:child_process";
import { CLI } from "./support.ts";

export interface CacheMachine {
  readonly cwd: string;
  /** `HOST/NAME`. */
  readonly cache: string;
  /** Its store. */
  readonly store: string;
  /** `--cache-private-key FILE` or `--cache-public-key TEXT`. */
  readonly keys: readonly string[];
}

export interface MachineRan {
  /** null where a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  /** `W_SHARED_…`, each as often as it was told. */
  readonly warnings: readonly string[];
  /** All events. */
  readonly events: readonly MachineEvent[];
}

export interface MachineEvent {
  readonly type: string;
  readonly code?: string;
  readonly message?: string;
  readonly target?: string;
  readonly destination?: string;
  readonly digest?: string;
}

export interface RunningBuild {
  readonly child: ChildProcess;
  readonly ended: Promise<MachineRan>;
}

export function startBuild(args: readonly string[], { cwd, cache, store, keys }: CacheMachine): RunningBuild {
  const { CI: _, ...inherited } = process.env;
  const insecure = ["--insecure", cache.split("/")[0]!];
  const child = spawn(
    process.execPath,
    [CLI, "build", ...args, "--cache", `docker://${cache}`, ...insecure, ...keys, "--json"],
    {
      cwd,
      env: { ...inherited, IMAGE_DSL_CACHE: store },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let [stdout, stderr] = ["", ""];
  child.stdout!.on("data", (piece: Buffer) => (stdout += piece.toString()));
  child.stderr!.on("data", (piece: Buffer) => (stderr += piece.toString()));
  const ended = new Promise<MachineRan>((resolve) => {
    child.once("close", (status) => {
      if (status !== 0 && status !== null) console.error(stderr);
      // Of one that was killed, the last line may be cut.
      const lines = stdout.split("\n").slice(0, -1);
      const events = lines.map((line) => JSON.parse(line) as MachineEvent);
      const warnings = events.flatMap(({ code }) => (code?.startsWith("W_SHARED") ? [code] : []));
      resolve({ status, stdout, warnings, events });
    });
  });
  return { child, ended };
}

/** By target, what a build with `-o digest` among its outputs says. */
export function digestsIn({ events }: MachineRan): ReadonlyMap<string, string> {
  return new Map(
    events.flatMap(({ destination, target, digest }) =>
      destination === "digest" && digest !== undefined ? [[target!, digest] as const] : [],
    ),
  );
}

/** Of the line that a build ends with. */
export function cacheTally({ events }: Pick<MachineRan, "events">): {
  readonly hits: number;
  readonly asked: number;
  readonly published: number;
} {
  const line = events.findLast(({ message }) => message?.startsWith("Shared cache"))?.message ?? "";
  const [, hits = "0", asked = "0"] = /: (\d+) of (\d+) results found/.exec(line) ?? [];
  const [, published = "0"] = /, (\d+) published/.exec(line) ?? [];
  return { hits: Number(hits), asked: Number(asked), published: Number(published) };
}
