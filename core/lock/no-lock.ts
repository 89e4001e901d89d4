/** The lock of what no config asks for: nothing is pinned, and what is found out is not kept. */
import type { LockFile } from "./lock-file.ts";

export const NO_LOCK: LockFile = Object.freeze({
  read: () => undefined,
  peek: () => undefined,
  previous: () => [],
  renews: () => false,
  write: () => {},
  save: () => Promise.resolve(false),
});
