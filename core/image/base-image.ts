/** Base images: what an image is built on, wherever it comes from. */
import type { Origin } from "../model/entry.ts";
import type { ImageConfig } from "../model/image-config.ts";
import type { Inherit } from "../model/image-spec.ts";
import type { OwnName } from "../model/reference.ts";
import type { Platform } from "../model/platform.ts";
import type { FileTree } from "../tree/file-tree.ts";
import type { HistoryEntry, Image, ImageIndex, ImageManifest, Layer } from "./image.ts";

/** The origin of what the base brings: it is in the tree, and in no layer of ours. */
export const BASE: Origin = "base";

/** Its layers are handed on as they are. */
export interface BaseImage {
  /** Bottom first. */
  readonly layers: readonly Layer[];
  /** What they overlay to. */
  readonly tree: FileTree;
  /** All that the base says of itself; what the image keeps of it is `inherit`'s matter. */
  readonly config: ImageConfig;
  /** As many lines that made a layer as there are layers. */
  readonly history: readonly HistoryEntry[];
  /** As its config JSON says; where it is another than the image's, that is told as `W_BASE_PLATFORM`. */
  readonly platform: Platform;
  /** The config JSON as it is. */
  configBytes(): Promise<Uint8Array>;
  /** Its manifest, where it was distributed with one. */
  readonly manifest?: ImageManifest;
  /** The index that it came in. */
  readonly listedIn?: ImageIndex;
  /** Of an image from elsewhere. */
  readonly called?: OwnName;
}

/** The fields that hold sets or records: a Dockerfile adds to them. */
const JOINED = ["Labels", "ExposedPorts", "Volumes"] as const;

/**
 * The config of an image on a base. Of `Env`, the last value of a name wins, in the first one's place. An image that
 * sets `Entrypoint` does not get the base's `Cmd` by `all`, since it was meant for the base's own; nor triggers (`OnBuild`),
 * which are for builds of a Dockerfile.
 */
export function inheritConfig(base: ImageConfig, own: ImageConfig, inherit: Inherit): ImageConfig {
  const kept = keptOf(base, inherit);
  const joined = JOINED.filter((field) => kept[field] && own[field]).map(
    (field) => [field, { ...kept[field], ...own[field] }] as const,
  );
  const { Cmd: _, ...withoutCmd } = kept;
  return {
    ...(own.Entrypoint !== undefined && inherit === "all" ? withoutCmd : kept),
    ...own,
    ...Object.fromEntries(joined),
    ...(kept.Env && own.Env && { Env: joinEnv([...kept.Env, ...own.Env]) }),
  };
}

function keptOf(base: ImageConfig, inherit: Inherit): ImageConfig {
  if (inherit === "all") {
    const { OnBuild: _, ...kept } = base;
    return kept;
  }
  const fields: readonly string[] = inherit === "env" ? ["Env"] : inherit;
  return Object.fromEntries(Object.entries(base).filter(([field]) => fields.includes(field)));
}

function joinEnv(variables: readonly string[]): readonly string[] {
  const byName = new Map<string, string>();
  for (const variable of variables) byName.set(variable.split("=", 1)[0]!, variable);
  return [...byName.values()];
}

/** An image of ours as the base of another one. */
export function baseOf({ layers, tree, config, history, platform, configBytes }: Image): BaseImage {
  return { layers, tree, config, history, platform, configBytes };
}
