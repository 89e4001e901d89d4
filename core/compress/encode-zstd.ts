/**
 * Zstandard through the WebAssembly module of the package `@bokuweb/zstd-wasm`. The package reads its module from a file
 * beside itself, which a bundle has not, so the module is a part of our sources and driven directly. Emscripten has
 * shortened the names.
 */
import type { EncodePieceOutput } from "./encoded-piece.ts";
import { zstdModule } from "./wasm/zstd.ts";

interface ZstdExports {
  /** The memory. */
  readonly f: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /** Initialises it all. */
  g(): void;
  /** `ZSTD_isError` */
  h(result: number): number;
  /** `ZSTD_compressBound` */
  i(size: number): number;
  /** `ZSTD_compress` */
  m(output: number, capacity: number, input: number, size: number, level: number): number;
  /** `malloc` */
  s(size: number): number;
  /** `free` */
  t(pointer: number): void;
}

/** As far as it is used here: its types come with the browser's, which image-dsl has not. */
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    instantiate(module: Uint8Array, imports: object): Promise<{ readonly instance: { readonly exports: object } }>;
  };
};

/** The command's own. */
const LEVEL = 3;
const WASM_PAGE = 64 * 1024;

/** One frame that states its size, without a checksum: what is inside is verified by digest. */
export async function encodeZstd(piece: Uint8Array, target: Uint8Array): Promise<EncodePieceOutput> {
  const zstd = await theInstance();
  const capacity = zstd.i(piece.length);
  const input = allocate(zstd, piece.length);
  const output = allocate(zstd, capacity);
  try {
    new Uint8Array(zstd.f.buffer).set(piece, input);
    const size = zstd.m(output, capacity, input, piece.length, LEVEL) >>> 0;
    if (zstd.h(size) !== 0) throw new Error(`zstd cannot compress: error ${2 ** 32 - size}`);
    target.set(new Uint8Array(zstd.f.buffer, output, size));
    return { size, crc32: 0 };
  } finally {
    zstd.t(output);
    zstd.t(input);
  }
}

function allocate(zstd: ZstdExports, size: number): number {
  const pointer = zstd.s(size);
  if (pointer === 0) throw new Error(`zstd has no memory for ${size} bytes`);
  return pointer;
}

let instance: Promise<ZstdExports> | undefined;

/** One a thread. */
function theInstance(): Promise<ZstdExports> {
  instance ??= instantiate();
  return instance;
}

async function instantiate(): Promise<ZstdExports> {
  const unexpected = (what: string) => () => {
    throw new Error(`zstd called ${what}`);
  };
  const imports = {
    a: unexpected("exit"),
    b: unexpected("keepalive_clear"),
    c: unexpected("abort"),
    d: unexpected("setitimer"),
    e: growMemory,
  };
  const made = await WebAssembly.instantiate(zstdModule(), { a: imports });
  const zstd = made.instance.exports as ZstdExports;
  zstd.g();
  return zstd;

  /** `emscripten_resize_heap`: whether there are as many bytes now. */
  function growMemory(size: number): number {
    try {
      zstd.f.grow(Math.ceil(((size >>> 0) - zstd.f.buffer.byteLength) / WASM_PAGE));
      return 1;
    } catch {
      return 0;
    }
  }
}
