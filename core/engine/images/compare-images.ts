/** `diff`: how one image differs from another: files, with the layers that bring them, and config. Times do not count. */
import { isDeepStrictEqual } from "node:util";
import { storedBase, type StoredImages } from "../../distribution/stored-image.ts";
import type { BaseImage } from "../../image/base-image.ts";
import type { Digest } from "../../model/digest.ts";
import type { Entry } from "../../model/entry.ts";
import { displayPath, type TreePath } from "../../model/path.ts";
import type { Platform } from "../../model/platform.ts";
import type { StageContext } from "../../pipeline/hooks.ts";
import type { FileTree } from "../../tree/file-tree.ts";
import { compareTrees } from "../../tree/diff.ts";
import { inTurns } from "../../tree/turns.ts";
import { sourceOf, withImages, type ImageReading } from "./input.ts";
import { pairImages, type PlacedImage } from "./pair-images.ts";

export interface FileDifference {
  readonly path: string;
  readonly kind: "added" | "removed" | "changed";
  /** Bytes, in the image that has it; of what changed, in both. */
  readonly before?: number;
  readonly after?: number;
  /** Counted from 0 at the bottom, of the image that has it: the second, unless it is removed. */
  readonly layer: number;
}

/** How an image differs from the one that it is compared with. */
export interface ImageDifference {
  readonly platform: { readonly before: Platform; readonly after: Platform };
  readonly files: readonly FileDifference[];
  /** Fields of the config that differ, with their values. */
  readonly config: readonly { readonly field: string; readonly before: unknown; readonly after: unknown }[];
  readonly layers: {
    readonly shared: number;
    readonly before: number;
    readonly after: number;
    /** Bytes of the uncompressed layers that the first image has not. */
    readonly newBytes: number;
  };
}

export interface Comparison {
  readonly images: readonly ImageDifference[];
  /** One of the two is an index: images are compared platform by platform. */
  readonly byPlatform: boolean;
  /** Of two indexes, what one of them has alone. */
  readonly removed: OneSided;
  readonly added: OneSided;
}

export interface OneSided {
  readonly platforms: readonly Platform[];
  /** Attestations, artifacts and indexes in it. */
  readonly others: readonly { readonly mediaType: string; readonly digest: Digest }[];
}

/** `platforms`: without any, all that both have. Throws `E_USAGE`, `E_BASE_IMAGE` where one is not there, and what reading throws. */
export function compareImages(
  before: string,
  after: string,
  platforms: readonly Platform[],
  reading: ImageReading,
): Promise<Comparison> {
  const read = <Result>(text: string, work: (images: StoredImages, context: StageContext) => Promise<Result>) =>
    withImages(sourceOf(text, reading.builder), reading, work);
  return read(before, (one, contextOfOne) =>
    read(after, async (other, contextOfOther) => {
      const { pairs, removed, added, byPlatform } = await pairImages(one, other, platforms);
      const images: ImageDifference[] = [];
      // One pair after the other: each is two whole trees.
      for (const pair of pairs) {
        const [baseOfOne, baseOfOther] = [
          await baseOf(one, pair.before, contextOfOne),
          await baseOf(other, pair.after, contextOfOther),
        ];
        const platform = { before: pair.before.platform, after: pair.after.platform };
        images.push({ platform, ...(await compare(baseOfOne, baseOfOther, contextOfOther.signal)) });
      }
      const areWhole = platforms.length === 0;
      return {
        images,
        byPlatform,
        removed: { platforms: removed, others: areWhole ? othersOnlyIn(one, other) : [] },
        added: { platforms: added, others: areWhole ? othersOnlyIn(other, one) : [] },
      };
    }),
  );
}

function baseOf({ shown }: StoredImages, { image, platform }: PlacedImage, context: StageContext): Promise<BaseImage> {
  return storedBase({ shown, images: [image] }, { platform }, context);
}

/** Told of two indexes: an image alone has nothing beside it. */
function othersOnlyIn({ index: one }: StoredImages, { index: other }: StoredImages): OneSided["others"] {
  if (one === undefined || other === undefined) return [];
  const known = new Set(other.others.map(({ digest }) => digest));
  return one.others.filter(({ digest }) => !known.has(digest)).map(({ mediaType, digest }) => ({ mediaType, digest }));
}

async function compare(
  one: BaseImage,
  other: BaseImage,
  signal: AbortSignal,
): Promise<Omit<ImageDifference, "platform">> {
  const { changed, removed } = await inTurns(compareTrees(one.tree, other.tree), signal);
  const [layersOfOne, layersOfOther] = [bringers(one), bringers(other)];
  const files = [
    ...changed.map((entry) => ofChanged(entry, one.tree, layersOfOther)),
    ...removed.map((path) => ofRemoved(one.tree.get(path)!, layersOfOne)),
  ];
  return {
    files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    config: configDifferences(one, other),
    layers: layerDifferences(one, other),
  };
}

function ofChanged(entry: Entry, before: FileTree, layers: ReadonlyMap<TreePath, number>): FileDifference {
  const old = before.get(entry.path);
  return {
    path: displayPath(entry.path),
    kind: old === undefined ? "added" : "changed",
    ...(old?.type === "file" && { before: old.size }),
    ...(entry.type === "file" && { after: entry.size }),
    layer: layers.get(entry.path) ?? 0,
  };
}

function ofRemoved(entry: Entry, layers: ReadonlyMap<TreePath, number>): FileDifference {
  const size = entry.type === "file" ? { before: entry.size } : {};
  return { path: displayPath(entry.path), kind: "removed", ...size, layer: layers.get(entry.path) ?? 0 };
}

/** By path, the uppermost layer that has it. */
function bringers({ layers }: BaseImage): ReadonlyMap<TreePath, number> {
  const found = new Map<TreePath, number>();
  for (const [index, { entries }] of layers.entries()) for (const { path } of entries) found.set(path, index);
  return found;
}

function configDifferences({ config: one }: BaseImage, { config: other }: BaseImage): ImageDifference["config"] {
  const [before, after] = [one, other].map((config) => new Map<string, unknown>(Object.entries(config)));
  const fields = [...new Set([...Object.keys(one), ...Object.keys(other)])].toSorted();
  return fields
    .map((field) => ({ field, before: before!.get(field) ?? null, after: after!.get(field) ?? null }))
    .filter((each) => !isDeepStrictEqual(each.before, each.after));
}

function layerDifferences({ layers: one }: BaseImage, { layers: other }: BaseImage): ImageDifference["layers"] {
  const known = new Set(one.map((layer): Digest | undefined => layer.knownDiffID()));
  const fresh = other.filter((layer) => !known.has(layer.knownDiffID()));
  return {
    shared: other.length - fresh.length,
    before: one.length,
    after: other.length,
    newBytes: fresh.reduce((sum, { size }) => sum + size, 0),
  };
}
