/**
 * The codecs that compress output. Each writes the same bytes on every runtime, for any number of threads and however
 * its input comes in: the input is cut into pieces of one size, and each is compressed by itself, by WebAssembly that
 * is a part of image-dsl.
 */

export interface Codec {
  /** As `layerCompression` and `--compression` say it. */
  readonly name: "gzip" | "zstd";
  /**
   * Encoder, version, level and piece size: all that decides the bytes. It is a part of what `FORMAT_VERSION` names
   * (core/lock), and of the keys under which compressed bytes are kept.
   */
  readonly identity: string;
  /** Of file names, with its dot. */
  readonly extension: ".gz" | ".zst";
}

/** Of a stream's pieces; the last one may be smaller. Larger ones gain less than one byte in a hundred. */
export const PIECE_BYTES = 2 * 1024 * 1024;

/** RFC 1952: one member; each piece is a run of deflate blocks that ends at a byte's border. */
export const GZIP: Codec = Object.freeze({
  name: "gzip",
  identity: "gzip; foras 2.1.4 level 2; pieces of 2 MiB",
  extension: ".gz",
});

/** RFC 8878: each piece is a frame. */
export const ZSTD: Codec = Object.freeze({
  name: "zstd",
  identity: "zstd; zstd-wasm 0.0.27 level 3; pieces of 2 MiB",
  extension: ".zst",
});
