/** Layers that other machines make, as those see them who need their bytes here. */
import type { Digest } from "./digest.ts";

/** What layers are compressed with. */
export type LayerCodec = "gzip" | "zstd";

/** A layer that was made elsewhere, and that lies here by now: looked at, and found to be what it was said to be. */
export interface LayerFromElsewhere {
  readonly diffID: Digest;
  /** Of the compressed bytes. */
  readonly digest: Digest;
  readonly size: number;
  /** The compressed bytes. */
  open(): AsyncIterable<Uint8Array>;
}

export interface LayersElsewhere {
  /** Waits for the layer of this key; undefined for what has to be made here. Never fails. */
  find(key: string, codec: LayerCodec): Promise<LayerFromElsewhere | undefined>;
  /** It is on its way, or here already. */
  isAway(key: string, codec: LayerCodec): boolean;
}
