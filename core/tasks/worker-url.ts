/** Where the worker's code and the command line's are: beside this file in the sources, one folder up from a chunk of the bundle. */

export function commandUrl(): URL {
  return new URL("./cli.js", workerUrl());
}

export function workerUrl(): URL {
  const here = import.meta.url;
  if (here.endsWith(".ts")) return new URL("./worker.ts", here);
  return new URL(here.includes("/chunks/") ? "../worker.js" : "./worker.js", here);
}
