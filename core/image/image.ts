/** Lazy, repeatable views of a finished image. Bytes are made only when asked for. */
import type { Digest } from "../model/digest.ts";
import type { Platform } from "../model/platform.ts";
import type { Entry } from "../model/entry.ts";
import type { ImageConfig } from "../model/image-config.ts";
import type { FileTree } from "../tree/file-tree.ts";

/** Everything that decides a layer's bytes: the final entries, in order. */
export interface LayerRecipe {
  readonly entries: readonly Entry[];
}

/** One layer: an uncompressed tar, made anew each time it is opened. */
export interface Layer {
  readonly recipe: LayerRecipe;
  /** Bytes of the tar; known without reading content. */
  readonly size: number;
  /** Why these nodes share a layer; becomes the history's comment. */
  readonly comment: string;
  /** sha256 of the tar. Reads the content unless the layer was already read to its end. */
  diffID(): Promise<Digest>;
  /** The tar in chunks; a chunk is valid until the one after the next is asked for. */
  open(): AsyncIterable<Uint8Array>;
}

export interface Image {
  readonly name: string;
  /** null: made from the config digest. */
  readonly tag: string | null;
  readonly platform: Platform;
  readonly config: ImageConfig;
  /** Seconds since 1970. */
  readonly created: number;
  /** Bottom first. */
  readonly layers: readonly Layer[];
  /** What the layers overlay to. */
  readonly tree: FileTree;
  /** The config JSON, byte for byte. Needs every diffID. */
  configBytes(): Promise<Uint8Array>;
  configDigest(): Promise<Digest>;
  /** `name:tag`. */
  reference(): Promise<string>;
}
