/**
 * Who uses the store now: a mark in `running/` for each process that builds, and for one that collects garbage. Builds
 * never wait for builds. A collection spares what a build that was there before it may use; a build that finds a
 * collection under way waits for its end. Each leaves its mark before it looks for the others', so that of two at least
 * one sees the other; and a mark says whose it is, so that it dies with its owner.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { now } from "../host.ts";
import { keepRenewed, listTemporary, PATIENCE_MILLISECONDS, temporaryName } from "./temporary-names.ts";

export const RUNNING = "running";

export type Purpose = "build" | "gc";

const POLL_MILLISECONDS = 50;

/** A collection renews its mark as it goes on; seen from another container, one that has not for so long has ended. */
const COLLECTION_PATIENCE = 60 * 1000;

export interface Presence {
  /** Tells those who cannot see this process that it goes on. */
  renew(): void;
  leave(): void;
}

/** Leaves a mark that goes with `leave`, or with this process. */
export function enter(directory: string, purpose: Purpose): Presence {
  const mark = join(directory, RUNNING, temporaryName(purpose));
  const write = (): void => {
    try {
      writeFileSync(mark, `${started}\n`, { mode: 0o600 });
    } catch {
      // A full disk, or one that can only be read. A collection must free the one, and cannot harm on the other.
    }
  };
  const started = now();
  write();
  const stopRenewal = keepRenewed(mark);
  removeAtExit(mark);
  return {
    renew: write,
    leave() {
      stopRenewal();
      marks.delete(mark);
      rmSync(mark, { force: true });
    },
  };
}

/** Milliseconds since 1970 when the oldest build that is there began; undefined where there is none. */
export function oldestBuild(directory: string): number | undefined {
  const starts = present(directory, "build").map((name) => startOf(join(directory, RUNNING, name)));
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** Waits while others collect garbage; whether there was anything to wait for. */
export async function untilCollected(directory: string, signal?: AbortSignal): Promise<boolean> {
  let waited = false;
  while (present(directory, "gc").length > 0) {
    waited = true;
    await delay(POLL_MILLISECONDS, undefined, signal && { signal });
  }
  return waited;
}

/** Removes the marks of those who are gone. */
export function sweepMarks(directory: string): void {
  for (const { name, isAbandoned } of list(directory)) {
    if (isAbandoned) rmSync(join(directory, RUNNING, name), { force: true });
  }
}

function present(directory: string, purpose: Purpose): readonly string[] {
  return list(directory, purpose)
    .filter(({ isAbandoned }) => !isAbandoned)
    .map(({ name }) => name);
}

function list(directory: string, only?: Purpose) {
  const patience = (purpose: string) => (purpose === "gc" ? COLLECTION_PATIENCE : PATIENCE_MILLISECONDS);
  return listTemporary(join(directory, RUNNING), patience, { only });
}

function startOf(mark: string): number {
  try {
    const started = Number(readFileSync(mark, "utf8"));
    return started > 0 ? started : 0;
  } catch {
    // It has just gone; nothing is lost by sparing what it used.
    return 0;
  }
}

const marks = new Set<string>();
let isListening = false;

function removeAtExit(mark: string): void {
  marks.add(mark);
  if (isListening) return;
  isListening = true;
  process.once("exit", () => {
    for (const each of marks) rmSync(each, { force: true });
  });
}
