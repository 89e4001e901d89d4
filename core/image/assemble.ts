/** An image from its layers: the config JSON (OCI image spec, config.md), its digest and its name. */
import { digestOf, hexOf, type Digest } from "../model/digest.ts";
import type { ImageConfig } from "../model/image-config.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import type { Platform } from "../model/platform.ts";
import type { FileTree } from "../tree/file-tree.ts";
import type { HistoryEntry, Image, Layer } from "./image.ts";

export interface ImageParts {
  readonly name: string;
  readonly tag: string | null;
  readonly platform: Platform;
  readonly config: ImageConfig;
  readonly created: number;
  readonly layers: readonly Layer[];
  readonly history: readonly HistoryEntry[];
  readonly tree: FileTree;
}

/** The digest is known once every layer was read; nothing is read before it is asked for. */
export function assembleImage(parts: ImageParts): Image {
  let bytes: Promise<Uint8Array> | undefined;
  const configBytes = (): Promise<Uint8Array> => (bytes ??= configJson(parts));
  const configDigest = async (): Promise<Digest> => digestOf(await configBytes());
  return {
    ...parts,
    configBytes,
    configDigest,
    reference: async () => `${parts.name}:${parts.tag ?? (await automaticTag(configDigest))}`,
  };
}

/** The tag of an image that has none of its own. */
export async function automaticTag(configDigest: () => Promise<Digest>): Promise<string> {
  return hexOf(await configDigest()).slice(0, 32);
}

async function configJson({ platform, config, created, layers, history }: ImageParts): Promise<Uint8Array> {
  const diffIDs: Digest[] = [];
  // In order, one at a time: each may read its files.
  for (const layer of layers) diffIDs.push(await layer.diffID());
  return Buffer.from(
    canonicalJson({
      architecture: platform.architecture,
      os: platform.os,
      variant: platform.variant,
      created: isoTime(created),
      // These hold JSON only; an interface is not seen as an index signature.
      config: config as unknown as Json,
      rootfs: { type: "layers", diff_ids: diffIDs },
      history: history as unknown as Json,
    }),
  );
}

/** The line that a layer of ours gets. */
export function historyOf(created: number, comment: string): HistoryEntry {
  return { created: isoTime(created), created_by: "image-dsl", comment };
}

/** RFC 3339 in UTC without a fraction: `1970-01-01T00:00:01Z`. */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}
