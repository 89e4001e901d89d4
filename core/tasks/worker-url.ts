/** Where the bundle's entries are that are run, and not imported. */

export function commandUrl(): URL {
  return new URL("./cli.js", workerUrl());
}

export function workerUrl(): URL {
  return entryUrl(import.meta.url, "./worker.ts", "worker.js");
}

/** `source`: as it lies beside the module at `here` in the sources; `built`: its name in the bundle, one folder up from a chunk. */
export function entryUrl(here: string, source: string, built: string): URL {
  if (here.endsWith(".ts")) return new URL(source, here);
  return new URL(here.includes("/chunks/") ? `../${built}` : `./${built}`, here);
}
