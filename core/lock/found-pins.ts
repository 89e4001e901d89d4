/**
 * The lock of builds that changes end one after the other: what a build seeks for it is found before it ends, and kept for the next,
 * as no change makes it another one. Else who saves more often than that takes would never see an end.
 */
import { canonicalJson, type Json } from "../model/json.ts";
import type { LockFile } from "./lock-file.ts";

/** Answers that are written down nowhere yet, by kind and request. */
export type FoundPins = Map<string, Json>;

export interface KeepingLock extends LockFile {
  /** Resolves once nothing is sought: mostly at once, and with `save` at the latest. */
  pinned(): Promise<void>;
}

/** Obeys `found` where the lock has no answer, and adds what is pinned. */
export function keepingFound(lock: LockFile, found: FoundPins): KeepingLock {
  const sought = new Set<string>();
  let waiting: (() => void)[] = [];
  const keyOf = (kind: string, request: Json): string => canonicalJson([kind, request]);
  const settle = (keys: Iterable<string>): void => {
    for (const key of keys) sought.delete(key);
    if (sought.size > 0) return;
    for (const go of waiting) go();
    waiting = [];
  };
  return {
    ...lock,
    read(kind, name, request, schema, alsoNamed) {
      const answer = lock.read(kind, name, request, schema, alsoNamed);
      if (answer !== undefined) return answer;
      const key = keyOf(kind, request);
      const known = found.get(key);
      if (known === undefined) {
        sought.add(key);
        return undefined;
      }
      lock.write(kind, name, request, known);
      return lock.read(kind, name, request, schema, alsoNamed);
    },
    write(kind, name, request, answer) {
      lock.write(kind, name, request, answer);
      const key = keyOf(kind, request);
      found.set(key, answer);
      settle([key]);
    },
    remember(kind, name, request, answer) {
      lock.remember(kind, name, request, answer);
      settle([keyOf(kind, request)]);
    },
    save(prune) {
      settle(sought);
      return lock.save(prune);
    },
    pinned: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        settle([]);
      }),
  };
}
