/**
 * Reading the layers of an image in threads: while one is handed on, what follows it is made. Layers are mostly asked
 * for from the first to the last; one that is not the next begins anew, and one that is asked for while another is
 * being read is made by the main thread. So any order gives the same bytes, and the usual one is fast.
 */
import type { LayerRecipe } from "../image/image.ts";
import { hashedTar, type HashedChunks } from "../image/layer.ts";
import type { ClosureGraph } from "../closure/closure.ts";
import type { TarStream, TarThreads } from "./tar-threads.ts";

/** Below this many bytes, starting threads takes longer than reading. */
const WORTH_THREADS = 32 * 1024 * 1024;

/** Starts the threads, which takes them a moment, where this closure's image will need them. */
export function startThreads({ nodes }: ClosureGraph, threads: TarThreads | undefined): void {
  let size = 0;
  for (const node of nodes.values()) size += node.size;
  if (size >= WORTH_THREADS) threads?.start();
}

/** A layer's tar by the layer's number. */
export type LayerReader = (index: number) => HashedChunks;

/** Reads in threads where there are any and it pays. `size`: bytes of all layers together. */
export function layerReader(
  recipes: readonly LayerRecipe[],
  threads: TarThreads | undefined,
  signal: AbortSignal,
  size: () => number,
): LayerReader {
  let read: LayerReader | undefined;
  return (index) => {
    read ??=
      threads !== undefined && size() >= WORTH_THREADS
        ? readAhead(recipes, threads, signal)
        : (at) => hashedTar(recipes[at]!, signal);
    return read(index);
  };
}

export function readAhead(recipes: readonly LayerRecipe[], threads: TarThreads, signal: AbortSignal): LayerReader {
  let stream: TarStream | undefined;
  let next = 0;
  return (index) => {
    const opened = stream?.isReady() && index === next ? stream : threads.open(recipes.slice(index));
    if (opened === undefined) return hashedTar(recipes[index]!, signal);
    stream = opened;
    next = index + 1;
    return opened.readLayer();
  };
}
