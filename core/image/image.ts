/** Lazy, repeatable views of a finished image. Bytes are made only when asked for. */
import type { Digest } from "../model/digest.ts";
import type { Platform } from "../model/platform.ts";
import type { OwnName } from "../model/reference.ts";
import type { Entry } from "../model/entry.ts";
import type { ImageConfig } from "../model/image-config.ts";
import type { FileTree } from "../tree/file-tree.ts";

/** Everything that decides a layer's bytes: the final entries, in order. */
export interface LayerRecipe {
  readonly entries: readonly Entry[];
}

/** One layer: an uncompressed tar, made anew or read from where it lies each time it is opened. */
export interface Layer {
  /** What the tar holds, whiteouts included: sorted, parents first. */
  readonly entries: readonly Entry[];
  /** Bytes of the tar; known without reading content. */
  readonly size: number;
  /** sha256 of the tar. Reads the content unless the layer was already read to its end. */
  diffID(): Promise<Digest>;
  /** Where it is known without reading. */
  knownDiffID(): Digest | undefined;
  /** What its bytes hang on, as 64 hex digits; equal for equal layers, unless a file changes unseen. */
  readonly key?: string;
  /** What it is in an image from elsewhere: it is handed on byte for byte. */
  readonly blob?: LayerBlob;
  /** The tar in chunks; a chunk is valid until the one after the next is asked for. */
  open(): AsyncIterable<Uint8Array>;
}

/** A layer as it was distributed: mostly a compressed tar (OCI image spec, descriptor.md). */
export interface LayerBlob {
  /** As its descriptor names it; it says how the bytes are compressed. */
  readonly mediaType: string;
  /** Of the bytes as they are distributed, not the layer's diffID. */
  readonly digest: Digest;
  /** Bytes as distributed. */
  readonly size: number;
  /** A registry's repository that has it, `HOST/NAME`. */
  readonly repository?: string;
  /** The bytes as distributed, anew each time. */
  open(): AsyncIterable<Uint8Array>;
}

/** An image's manifest as it was distributed, byte for byte. */
export interface ImageManifest {
  readonly descriptor: { readonly mediaType: string; readonly digest: Digest; readonly size: number };
  readonly bytes: Uint8Array;
}

/** An index as it was distributed, with all that is in it. */
export interface ImageIndex extends ImageManifest {
  /** The manifests of the images in it, and in the indexes in it. */
  readonly images: ReadonlySet<Digest>;
  /** What else it lists. */
  readonly others: readonly { readonly mediaType: string; readonly digest: Digest }[];
  /** What has to be where the index is, beside the images. */
  rest(): Promise<IndexRest>;
}

export interface IndexRest {
  /** Of what is no image, whatever it is. */
  readonly manifests: readonly {
    readonly manifest: ImageManifest;
    readonly config: ImageManifest;
    readonly layers: readonly LayerBlob[];
  }[];
  /** Those that speak of another one after it. */
  readonly indexes: readonly ImageManifest[];
}

/** One line of an image's history (OCI image spec, config.md, `history`). */
export interface HistoryEntry {
  /** When the layer was made, as RFC 3339 writes it. */
  readonly created?: string;
  /** The command or the tool that made the layer. */
  readonly created_by?: string;
  /** Who built it. */
  readonly author?: string;
  /** Free text; in lines of ours, why the layer's nodes share it. */
  readonly comment?: string;
  /** It made no layer. */
  readonly empty_layer?: boolean;
}

/** A finished image for one platform; the hook `image` may give it other fields, and outputs write it. */
export interface Image {
  /** Without a tag; with the registry's host where it is for one. */
  readonly name: string;
  /** null: made from the config digest. */
  readonly tag: string | null;
  /** What its config JSON says it runs on. */
  readonly platform: Platform;
  /** What containers start with (OCI image spec, config.md, `config`). */
  readonly config: ImageConfig;
  /** Seconds since 1970. */
  readonly created: number;
  /** Bottom first. */
  readonly layers: readonly Layer[];
  /** Oldest first. As many lines that made a layer as there are layers. */
  readonly history: readonly HistoryEntry[];
  /** What the layers overlay to. */
  readonly tree: FileTree;
  /** Of an image from elsewhere that is handed on as it is. */
  readonly manifest?: ImageManifest;
  /** The index that it came in, where that is handed on with it. */
  readonly listedIn?: ImageIndex;
  /** Of one that is handed on under its own name. */
  readonly called?: OwnName;
  /** The config JSON, byte for byte. Needs every diffID. */
  configBytes(): Promise<Uint8Array>;
  /** The image's id, as Docker shows it. Needs every diffID. */
  configDigest(): Promise<Digest>;
  /** `name:tag`; undefined of one that is handed on and has no such name. */
  reference(): Promise<string | undefined>;
}
