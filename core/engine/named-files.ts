/** The files that a config names, as far as that can be told of texts without knowing what each source makes of them. */
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { BuildGraph } from "../graph/build-graph.ts";
import type { HostReads } from "../model/host-reads.ts";
import { imagesOf, type ImageSpec } from "../model/image-spec.ts";
import { isSource } from "../model/source.ts";
import { hostPath } from "../tree/host.ts";

/** Tells of what is there, and of what could come to be there: the archive that is built next, or a keyring. */
export function tellNamed({ images, byPlatform, directory }: BuildGraph, reads: HostReads): void {
  const specs = [images, ...byPlatform.values()].flatMap((each) => [...each.values()].flatMap(imagesOf));
  for (const path of new Set(specs.flatMap((spec) => Array.from(textsIn(spec), (text) => resolve(directory, text))))) {
    if (isFolder(dirname(path))) reads.path(hostPath(path));
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The texts in an image's options that a file may be named by. */
export function* textsIn({ contents, base, layeringPipeline }: ImageSpec): Generator<string> {
  yield* textsOf(contents);
  yield* textsOf(layeringPipeline);
  if (base !== undefined && isSource(base.image)) yield* textsOf(base.image.options);
  else if (base !== undefined) yield* textsIn(base.image as ImageSpec);
}

/** Sources are nested in others; deeper than this none is. */
const DEPTH_LIMIT = 50;

/** No path is longer. */
const LONGEST = 4096;

/** Those of one line in any value. */
export function* textsOf(value: unknown, depth = 0): Generator<string> {
  if (typeof value === "string") {
    if (value.length <= LONGEST && !/[\0\n]/.test(value)) yield value;
  } else if (typeof value === "object" && value !== null && depth < DEPTH_LIMIT) {
    for (const member of Object.values(value)) yield* textsOf(member, depth + 1);
  }
}
