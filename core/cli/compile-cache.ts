/** Keeping what the runtime compiles of our own code and of configs, where it can: a third of a small build's time. */
import { chmodSync, existsSync } from "node:fs";
import * as module from "node:module";
import { join } from "node:path";
import { runtime } from "../host.ts";
import { COMPILED, knownStoreDirectory } from "../store/location.ts";
import { removeForeign } from "../store/own.ts";
import { privateDirectory } from "../store/private-directory.ts";

interface CompileCache {
  readonly enableCompileCache?: (directory: string) => unknown;
  readonly getCompileCacheDir?: () => string | undefined;
}

/** For what is imported from here on. Node 22.8 and later; nothing is made where there is no store yet. */
export function keepCompiledCode(): void {
  const { enableCompileCache, getCompileCacheDir } = module as CompileCache;
  if (runtime() !== "node" || enableCompileCache === undefined) return;
  const store = knownStoreDirectory();
  if (store === undefined || !existsSync(store)) return;
  const directory = join(store, COMPILED);
  try {
    // What lies there is run.
    privateDirectory(store);
    privateDirectory(directory);
    removeForeign(directory);
  } catch {
    return; // What needs the store says what is wrong with it; this only makes things faster.
  }
  enableCompileCache(directory);
  // Node's own folder in it is as open as the umask says; the files are not.
  const own = getCompileCacheDir?.();
  if (own !== undefined) chmodSync(own, 0o700);
}
