/** The build graph: what the config asks for, checked and expanded. Plain frozen data, apart from scripts that are functions. */
import { nearest } from "../model/nearest.ts";
import { ImageDslError } from "../error.ts";
import type { RaisedLimits } from "../limits/limits.ts";
import type { TargetSpec } from "../model/image-spec.ts";
import { platformText, type Platform } from "../model/platform.ts";
import type { RemoteOptions } from "../model/remote-options.ts";
import type { SharedCacheOptions } from "../model/shared-cache-options.ts";
import type { VirtualMachineOptions } from "../model/virtual-machine.ts";

/** A checked config as plain data: what is built, for what, and where it goes. */
export interface BuildGraph {
  /** By target, in config order. For the first platform, where the config's images depend on the platform. */
  readonly images: ReadonlyMap<string, TargetSpec>;
  /** The images of each further platform, by its text (`linux/arm64`), where they had to be asked for separately. */
  readonly byPlatform: ReadonlyMap<string, ReadonlyMap<string, TargetSpec>>;
  /** The config's `outputs`, as written; empty where it names none. */
  readonly outputs: readonly string[];
  /** The limits that the config sets. */
  readonly limits?: RaisedLimits;
  /** The cache that machines share, where the config names one. */
  readonly sharedCache?: SharedCacheOptions;
  /** Other machines that are to do work, where the config names them. */
  readonly remote?: RemoteOptions;
  /** How virtual machines are made, where the config says it. */
  readonly virtualMachine?: VirtualMachineOptions;
  /** What to build for: the command line's, else the config's, else the host's. At least one. */
  readonly platforms: readonly Platform[];
  /** By target, what its image says that it is for; the command line outranks it. */
  readonly ownPlatforms?: ReadonlyMap<string, readonly Platform[]>;
  /** Nobody named them: it is this machine's. */
  readonly isHostsPlatform: boolean;
  /** It is not all that the config stands for: platforms or arguments were given beside it. */
  readonly narrowed: boolean;
  /** Relative paths start here. Absolute. */
  readonly directory: string;
  /** Absolute; undefined for a graph made by a program. */
  readonly configFile?: string;
  /** What the config's `images` function was given. */
  readonly args?: Readonly<Record<string, string>>;
}

/** What a target is built for. */
export function platformsOf(graph: BuildGraph, target: string): readonly Platform[] {
  return graph.ownPlatforms?.get(target) ?? graph.platforms;
}

/** The images for one of the graph's platforms. */
export function imagesFor(graph: BuildGraph, platform: Platform): ReadonlyMap<string, TargetSpec> {
  return graph.byPlatform.get(platformText(platform)) ?? graph.images;
}

/** The targets that were asked for, in that order; all of the config's without a wish. Throws `E_TARGET_UNKNOWN`. */
export function selectTargets(graph: BuildGraph, wanted: readonly string[]): readonly string[] {
  const known = [...graph.images.keys()];
  if (wanted.length === 0) return known;
  for (const target of wanted) {
    if (graph.images.has(target)) continue;
    const near = nearest(target, known);
    throw new ImageDslError("E_TARGET_UNKNOWN", `The config has no image "${target}"`, {
      hint: near === undefined ? `It has ${known.join(", ")}` : `Did you mean "${near}"?`,
      place: graph.configFile === undefined ? undefined : { file: graph.configFile },
    });
  }
  return [...new Set(wanted)];
}
