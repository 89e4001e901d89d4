/** Layers as blobs, as those see them who need their bytes: wherever they are made. */
import type { Digest } from "./digest.ts";

/** What layers are compressed with. */
export type LayerCodec = "gzip" | "zstd";

export interface MadeLayer {
  /** Of one that was made elsewhere, and lies here by now: looked at, and found to be what it was said to be. */
  readonly known?: LayerFacts;
  /** The compressed bytes. `compress`: makes them, in this machine's threads. */
  open(compress: () => AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

export interface LayerFacts {
  readonly diffID: Digest;
  /** Of the compressed bytes. */
  readonly digest: Digest;
  readonly size: number;
}

/** A layer that was made before. */
export interface KnownLayer extends LayerFacts {
  /** Bytes of its tar. */
  readonly tarSize: number;
}

/** Where a build's layers come from. */
export interface LayerPlaces {
  /** Waits until the layer of this key is here, or is to be made while it is read. Never fails. */
  make(key: string, codec: LayerCodec): Promise<MadeLayer>;
  /** Brings one whose bytes are known from where it was made, if that is sooner than making it while it is read. Never fails. */
  fetch(layer: KnownLayer, codec: LayerCodec): Promise<MadeLayer>;
  /** It is on its way from elsewhere, or here already. */
  isAway(key: string, codec: LayerCodec): boolean;
}

/** Made by this machine's threads: nothing is known before, nothing lies about. */
export const MADE_WHILE_READ: MadeLayer = { open: (compress) => compress() };

/** There is no other place than this machine. */
export const ALL_HERE: LayerPlaces = {
  make: () => Promise.resolve(MADE_WHILE_READ),
  fetch: () => Promise.resolve(MADE_WHILE_READ),
  isAway: () => false,
};
