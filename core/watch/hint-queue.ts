/** What the system says happened, gathered until it is quiet: a save is several events, a checkout thousands. */
import { ticks } from "../host.ts";
import type { HostPath } from "../model/entry.ts";

export interface HintQueue {
  /** `undefined`: to anything. */
  add(path: HostPath | undefined): void;
  /** Whom to tell from now on, in place of who was; what was not told yet is forgotten. `undefined`: anything. */
  listen(listener: (paths: ReadonlySet<HostPath> | undefined) => void): void;
  close(): void;
}

/** Milliseconds without anything happening after which a save is over; and how long is waited for that. */
const QUIET = 40;
const MOST_WAITING = 400;

export function hintQueue(): HintQueue {
  let listener: Parameters<HintQueue["listen"]>[0] = () => {};
  let paths: Set<HostPath> | undefined = new Set();
  let since: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  function clear(): void {
    clearTimeout(timer);
    paths = new Set();
    since = undefined;
  }

  return {
    add(path) {
      if (path === undefined) paths = undefined;
      else paths?.add(path);
      since ??= ticks();
      clearTimeout(timer);
      timer = setTimeout(
        () => {
          const told = paths;
          clear();
          listener(told);
        },
        Math.max(0, Math.min(QUIET, since + MOST_WAITING - ticks())),
      );
    },
    listen(next) {
      clear();
      listener = next;
    },
    close: clear,
  };
}
