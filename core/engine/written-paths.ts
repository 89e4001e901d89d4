/** What builds of a config write: outputs, the lock, the cache. Sources that take whole folders leave it out. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { imagesFor, platformsOf, type BuildGraph } from "../graph/build-graph.ts";
import { imagesOf } from "../model/image-spec.ts";
import type { OutputDefinition } from "../pipeline/hooks.ts";
import { withTarget } from "./destination.ts";
import { lockFileOf } from "./lock-place.ts";
import { outputPath } from "./output-path.ts";
import { ownOutputs } from "./output-texts.ts";

export interface Writing {
  /** The `--output` texts of this build. */
  readonly outputs: readonly string[];
  readonly known: ReadonlyMap<string, OutputDefinition>;
  /** The store's folder. */
  readonly store: string;
}

export interface WrittenPaths {
  /** Absolute; outputs of all targets, whichever this build is for, since another build may have written them before. */
  readonly written: readonly string[];
  isForeign(path: string): boolean;
}

export function writtenPaths(graph: BuildGraph, { outputs, known, store }: Writing): WrittenPaths {
  const made = [...graph.images.keys()].flatMap((target) =>
    platformsOf(graph, target).flatMap((platform) =>
      imagesOf(imagesFor(graph, platform).get(target)!).map((spec) => ({
        target,
        spec,
        platform: spec.platform ?? platform,
      })),
    ),
  );
  const places = made.flatMap(({ target, spec, platform }) =>
    [...outputs, ...ownOutputs(spec, graph)].flatMap((text) => placeOf(withTarget(text, { target, platform }), known)),
  );
  return {
    written: [...new Set([lockFileOf(graph), store, ...places.map(({ path }) => path)])],
    isForeign: (path) => places.some((place) => place.path === path && !mayReplace(place)),
  };
}

interface Place {
  readonly path: string;
  readonly definition: OutputDefinition;
}

function mayReplace({ path, definition }: Place): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined || !stat.isFile() || stat.size === 0 || (definition.mayReplace?.(path) ?? true);
}

/** None of a destination without a place, or that nobody knows: that is told where it is to be written. */
function placeOf(text: string, known: ReadonlyMap<string, OutputDefinition>): readonly Place[] {
  const [transport = "", ...parts] = text.split(":");
  const definition = known.get(transport);
  if (definition === undefined) return [];
  const path = outputPath(definition, parts.join(":"));
  return path === undefined ? [] : [{ path: resolve(path), definition }];
}
