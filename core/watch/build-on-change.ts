/**
 * A build again and again, whenever something that the last one read is no longer as it was. What changes while a build runs
 * and was read by it already ends it; what it had not come to yet, it reads as it is then.
 */
import { setTimeout as delay } from "node:timers/promises";
import { ImageDslError } from "../error.ts";
import { ticks } from "../host.ts";
import type { HostPath } from "../model/entry.ts";
import type { HostReads } from "../model/host-reads.ts";
import { inTurns } from "../tree/turns.ts";
import { folderWatcher, type FolderWatcher } from "./folder-watcher.ts";
import { hintQueue, type HintQueue } from "./hint-queue.ts";
import { openLedger, parentOf, type Ledger } from "./ledger.ts";

export interface OnChange<Result> {
  /** Tells `reads` of all that it reads of the host; what it throws is no end. `overtaken` fires where something of that changes. */
  build(reads: HostReads, overtaken: AbortSignal): Promise<Result>;
  /** Nothing that it read has changed meanwhile. */
  built(result: Result): Promise<void>;
  failed(error: unknown): void;
  waiting(state: Waiting): void;
  /** A build begins because of these, which are sorted. */
  changed(paths: readonly HostPath[]): void;
}

export interface Waiting {
  /** How many files and folders are looked after. */
  readonly paths: number;
  /** Why the system does not tell of all of them, so that changes are found later. */
  readonly limit: string | undefined;
}

/** Looking at everything once more, unasked: so often at most, in milliseconds, and for such a part of the time. */
const LOOK = { told: { pause: 2000, part: 0.02 }, untold: { pause: 500, part: 0.1 } };

/** Until `signal` fires: then it throws the signal's reason, once the build that ran has ended. */
export async function buildOnChange<Result>(on: OnChange<Result>, signal: AbortSignal): Promise<never> {
  const hints = hintQueue();
  const watcher = folderWatcher((path) => hints.add(path));
  try {
    for (let before: Ledger | undefined; ;) before = await buildOnce(on, signal, { hints, watcher, before });
  } finally {
    watcher.close();
    hints.close();
  }
}

interface Watching {
  readonly hints: HintQueue;
  readonly watcher: FolderWatcher;
  /** Of the build before. */
  readonly before: Ledger | undefined;
}

/** Gives what was read, once some of it has changed. */
async function buildOnce<Result>(
  on: OnChange<Result>,
  signal: AbortSignal,
  { hints, watcher, before }: Watching,
): Promise<Ledger> {
  const ledger = openLedger((folder) => watcher.watch(folder));
  const found = new Set<HostPath>();
  const overtaken = new AbortController();
  const lookAt = (paths: Iterable<HostPath>): void => {
    for (const path of paths) found.add(path);
    if (found.size > 0) overtaken.abort(new ImageDslError("E_ABORTED", "A change overtook the build"));
  };
  const lookAtAll = async (): Promise<void> => lookAt(await inTurns(ledger.changes(), signal));
  hints.listen((paths) => {
    if (paths === undefined) lookAtAll().catch(() => {});
    else lookAt(withParents(paths).filter((path) => ledger.isChanged(path)));
  });

  const outcome = await on.build(ledger, overtaken.signal).then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  signal.throwIfAborted();
  const isWhole = "result" in outcome;
  if (!overtaken.signal.aborted) {
    // It may have failed before it came to what has to be mended.
    if (!isWhole) before?.retell(ledger);
    watcher.keep(ledger.folders);
    await lookAtAll();
  }
  if (!overtaken.signal.aborted) {
    if (isWhole) await on.built(outcome.result);
    else on.failed(outcome.error);
    on.waiting({ paths: ledger.size, limit: watcher.limit });
  }
  await lookNowAndThen(lookAtAll, watcher, AbortSignal.any([signal, overtaken.signal]));
  signal.throwIfAborted();
  on.changed([...found].sort());
  return isWhole ? ledger : (before ?? ledger);
}

/** Of what a folder holds, the folder's names are asked for as well. */
function withParents(paths: Iterable<HostPath>): readonly HostPath[] {
  return [...new Set([...paths].flatMap((path) => [path, parentOf(path)]))];
}

/** The system may have missed something. */
async function lookNowAndThen(look: () => Promise<void>, { limit }: FolderWatcher, signal: AbortSignal): Promise<void> {
  const { pause, part } = limit === undefined ? LOOK.told : LOOK.untold;
  for (let wait = pause; !signal.aborted;) {
    await delay(wait, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const started = ticks();
    await look();
    wait = Math.max(pause, (ticks() - started) / part);
  }
}
