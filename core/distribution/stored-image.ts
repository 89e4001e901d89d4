/** An image from elsewhere, made of a config and of layers that lie on this machine. */
import type { BaseImage } from "../image/base-image.ts";
import { flattenInPieces } from "../image/flatten.ts";
import type { LayerBlob } from "../image/image.ts";
import { inTurns } from "../tree/turns.ts";
import { readConfig } from "./read-config.ts";
import { storedLayer, type FilePlace, type ReadingContext } from "./stored-layer.ts";
import { unsound } from "./unsound.ts";

export interface StoredParts {
  /** The config JSON, byte for byte. */
  readonly config: Uint8Array;
  /** Bottom first. */
  readonly layers: readonly StoredLayerPart[];
}

export interface StoredLayerPart {
  /** Brings it to this machine, where it is not here yet. */
  place(): Promise<FilePlace>;
  readonly blob?: LayerBlob;
}

/** Throws `E_BASE_IMAGE`, `E_HASH_MISMATCH`, `E_COMPRESSION`, `E_TAR_INVALID`. */
export async function storedImage(shown: string, parts: StoredParts, context: ReadingContext): Promise<BaseImage> {
  const { diffIDs, ...config } = readConfig(shown, parts.config);
  if (diffIDs.length !== parts.layers.length) {
    throw unsound(shown, `its config speaks of ${diffIDs.length} layers, and there are ${parts.layers.length}`);
  }
  const layers = await context.tasks.map("cpu", parts.layers, async ({ place, blob }, index) =>
    storedLayer(await place(), diffIDs[index]!, context, blob),
  );
  const tree = await inTurns(flattenInPieces(layers), context.signal);
  return { ...config, layers, tree, configBytes: () => Promise.resolve(parts.config) };
}
