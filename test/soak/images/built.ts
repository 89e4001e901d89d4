/** A build of the many images: what it took, what it moved, and what came of it. */
import { watchPeak } from "../../../scripts/bench/peak-memory.ts";
import { runOrThrow } from "../../../scripts/bench/run.ts";
import { cacheTally, type MachineEvent } from "../../e2e/cache-machine.ts";
import type { Moved } from "./counted-host.ts";
import type { Workspace } from "./workspace.ts";

export interface Built {
  readonly seconds: number;
  /** Of the largest process, in MB. */
  readonly peak: number;
  /** By target. */
  readonly digests: ReadonlyMap<string, string>;
  /** What `--explain` says of tasks, by where they were done. */
  readonly tasks: { readonly there: number; readonly known: number; readonly here: number };
  /** Of what it asked of the shared cache. */
  readonly found: ReturnType<typeof cacheTally>;
  /** To the registry and from it. */
  readonly pushed: Moved;
}

export async function timed(
  shell: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Omit<Built, "pushed">> {
  let peak = (): number => 0;
  let stdout = "";
  const seconds = await secondsOf(async () => {
    stdout = await runOrThrow(shell, { cwd, env, onStart: (pid) => (peak = watchPeak(pid)) });
  });
  const events = stdout
    .split("\n")
    .flatMap((line) =>
      line.startsWith("{") ? [JSON.parse(line) as MachineEvent & { readonly manifest?: string }] : [],
    );
  const digests = events.flatMap(({ type, target, manifest }) =>
    type === "output" && target !== undefined && manifest !== undefined ? [[target, manifest] as const] : [],
  );
  const notes = events.flatMap(({ type, message }) => (type === "note" && message !== undefined ? [message] : []));
  const countOf = (pattern: RegExp): number => notes.filter((note) => pattern.test(note)).length;
  const tasks = { there: countOf(/: made by /), known: countOf(/: known to /), here: countOf(/: made here: /) };
  return { seconds, peak: peak(), digests: new Map(digests), tasks, found: cacheTally({ events }) };
}

export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

export type Build = (where: Workspace, store: string, more?: string) => Promise<Built>;

export type Add = (what: string, figure: string, aim?: string, ok?: boolean) => void;

export interface AtHome {
  readonly work: string;
  readonly workspace: Workspace;
  /** The registry's. */
  readonly host: string;
  readonly build: Build;
  readonly cold: Built;
  readonly add: Add;
}

export function figures({ seconds, peak, tasks: { there, known, here }, pushed }: Built): string {
  const tasks = there + known + here;
  const where = tasks === 0 ? "" : `; ${tasks} tasks: ${there} done there, ${known} known there, ${here} done here`;
  return `${seconds.toFixed(1)} s, ${peak.toFixed(0)} MB at most; registry: ${movedText(pushed)}${where}`;
}

export function movedText({ sent, received }: Moved): string {
  return `${(sent / 1e6).toFixed(1)} MB sent, ${(received / 1e6).toFixed(1)} MB received`;
}

export function sameDigests(some: Built, all: Built): boolean {
  return some.digests.size > 0 && [...some.digests].every(([target, digest]) => all.digests.get(target) === digest);
}
