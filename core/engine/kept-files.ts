/** Files that no output takes the place of: the config, other code, the lock, and what sources name. */
import { statSync, type Stats } from "node:fs";
import { resolve } from "node:path";
import { ImageDslError } from "../error.ts";
import type { BuildGraph } from "../graph/build-graph.ts";
import { imagesOf } from "../model/image-spec.ts";
import type { Destination, OutputDefinition } from "../pipeline/hooks.ts";
import { lockFileOf } from "./lock-place.ts";
import { textsIn } from "./named-files.ts";
import { outputPath } from "./output-path.ts";

/** Throws `E_OUTPUT_INVALID` where an output would overwrite one, by whatever name it is given. */
export function refuseOverwriting(
  destinations: readonly Destination[],
  graph: BuildGraph,
  known: ReadonlyMap<string, OutputDefinition>,
): void {
  for (const { transport, rest, text } of destinations) {
    const definition = known.get(transport)!;
    const path = outputPath(definition, rest);
    if (path === undefined) continue;
    const place = resolve(path);
    if (place === lockFileOf(graph)) throw refused(text, "the config's lock");
    const there = fileAt(place);
    if (there === undefined) continue;
    const what = keptAs(there, graph);
    if (what !== undefined) throw refused(text, what);
    // The config may import it.
    const isCode = /\.(?:[cm]?[jt]sx?|json)$/.test(place) && there.size > 0;
    if (isCode && definition.mayReplace?.(place) === false) throw refused(text, `${path}, which no build has written`);
  }
}

function refused(text: string, what: string): ImageDslError {
  return new ImageDslError("E_OUTPUT_INVALID", `"${text}" would overwrite ${what}`, {
    hint: "Give the output a path of its own",
  });
}

function keptAs(there: Stats, graph: BuildGraph): string | undefined {
  const { configFile, directory } = graph;
  const isThere = (path: string): boolean => isSame(there, fileAt(path));
  if (configFile !== undefined && isThere(configFile)) return "the config";
  if (isThere(lockFileOf(graph))) return "the config's lock";
  for (const [target, spec] of [graph.images, ...graph.byPlatform.values()].flatMap((images) => [...images])) {
    for (const text of imagesOf(spec).flatMap((image) => [...textsIn(image)])) {
      if (isThere(resolve(directory, text))) return `${text}, which ${target} is made of`;
    }
  }
  return undefined;
}

/** Links followed, as whoever reads it would. */
function fileAt(path: string): Stats | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() ? stat : undefined;
  } catch {
    return undefined;
  }
}

function isSame(one: Stats, other: Stats | undefined): boolean {
  return other !== undefined && one.dev === other.dev && one.ino === other.ino;
}
