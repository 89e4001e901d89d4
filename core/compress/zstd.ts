/**
 * Zstandard through the WebAssembly module of `zstddec`. Its own streaming method never ends on corrupt data (it
 * does not look at the decoder's errors), so the module, caught while it is set up, is driven here directly.
 */
import { ImageDslError } from "../error.ts";
import { corrupt } from "./corrupt.ts";

interface ZstdExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(size: number): number;
  free(pointer: number): void;
  ZSTD_createDCtx(): number;
  ZSTD_freeDCtx(context: number): number;
  ZSTD_DStreamInSize(): number;
  ZSTD_DStreamOutSize(): number;
  ZSTD_decompressStream(context: number, output: number, input: number): number;
}

/** `ZSTD_inBuffer` and `ZSTD_outBuffer`: pointer, size, position; 32 bits each. */
const BUFFER_BYTES = 12;
/** Error codes are the topmost values of `size_t` (zstd_errors.h, below 120). */
const FIRST_ERROR = 2 ** 32 - 120;
/** `ZSTD_error_frameParameter_windowTooLarge`: the window is limited to 128 MiB. */
const WINDOW_TOO_LARGE = 2 ** 32 - 16;

/** Several frames are one stream; skippable frames are skipped. Content checksums are verified. */
export async function* decodeZstd(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const zstd = await theInstance();
  const inputCapacity = zstd.ZSTD_DStreamInSize();
  const outputCapacity = zstd.ZSTD_DStreamOutSize();
  const context = zstd.ZSTD_createDCtx();
  const block = zstd.malloc(2 * BUFFER_BYTES + inputCapacity + outputCapacity);
  if (context === 0 || block === 0) throw corrupt("zst", "out of memory");
  const inputStruct = block;
  const outputStruct = block + BUFFER_BYTES;
  const input = outputStruct + BUFFER_BYTES;
  const output = input + inputCapacity;

  /** Bytes of the frame that are still missing, as far as the decoder knows: 0 between frames. */
  let missing = 0;
  let sawFrame = false;
  try {
    for await (const piece of bytes) {
      for (let offset = 0; offset < piece.length; offset += inputCapacity) {
        const part = piece.subarray(offset, offset + inputCapacity);
        new Uint8Array(zstd.memory.buffer).set(part, input);
        setBuffer(zstd, inputStruct, input, part.length);
        sawFrame = true;
        let full = true;
        while (full || positionOf(zstd, inputStruct) < part.length) {
          const before = positionOf(zstd, inputStruct);
          setBuffer(zstd, outputStruct, output, outputCapacity);
          missing = zstd.ZSTD_decompressStream(context, outputStruct, inputStruct) >>> 0;
          if (missing >= FIRST_ERROR) throw failed(missing);
          const size = positionOf(zstd, outputStruct);
          if (size > 0) yield new Uint8Array(zstd.memory.buffer).slice(output, output + size);
          full = size === outputCapacity && missing !== 0;
          if (size === 0 && positionOf(zstd, inputStruct) === before && before < part.length) {
            throw corrupt("zst", "the decoder makes no progress");
          }
        }
      }
    }
  } finally {
    zstd.free(block);
    zstd.ZSTD_freeDCtx(context);
  }
  if (missing !== 0 || !sawFrame) throw corrupt("zst", "it ends too early");
}

function setBuffer(zstd: ZstdExports, struct: number, pointer: number, size: number): void {
  const view = new DataView(zstd.memory.buffer);
  view.setUint32(struct, pointer, true);
  view.setUint32(struct + 4, size, true);
  view.setUint32(struct + 8, 0, true);
}

function positionOf(zstd: ZstdExports, struct: number): number {
  return new DataView(zstd.memory.buffer).getUint32(struct + 8, true);
}

function failed(code: number): Error {
  if (code === WINDOW_TOO_LARGE)
    return new ImageDslError("E_COMPRESSION", "Cannot decompress zst data: its window is larger than 128 MiB", {
      hint: "Compress it with a smaller window, as zstd does without --long",
    });
  return corrupt("zst", `it is corrupt, or something follows its end (zstd error ${2 ** 32 - code})`);
}

let instance: Promise<ZstdExports> | undefined;

/** One instance a thread: its decoders are independent of each other. */
function theInstance(): Promise<ZstdExports> {
  instance ??= instantiate();
  return instance;
}

async function instantiate(): Promise<ZstdExports> {
  const { ZSTDDecoder } = await import("zstddec/stream");
  let caught: ZstdExports | undefined;
  class CatchingDecoder extends ZSTDDecoder {
    override _init(result: { readonly instance: { readonly exports: unknown } }): void {
      caught = result.instance.exports as ZstdExports;
      super._init(result as Parameters<InstanceType<typeof ZSTDDecoder>["_init"]>[0]);
    }
  }
  const decoder = new CatchingDecoder();
  await decoder.init();
  if (!caught) throw new Error("zstddec made no instance of its module");
  return caught;
}
