/**
 * xz through the WebAssembly module of `xz-decompress` (xz-embedded). Its own stream class lets one stream at a time
 * run in a thread and waits for ever where a second one is needed to end the first, so the module is driven here
 * directly, a fresh instance for each stream: nothing is shared, and a dictionary's memory goes with its instance.
 *
 * The module reads LZMA2 without further filters, dictionaries up to 64 MiB (`xz -9`), and verifies the checks CRC32
 * and CRC64; it reads concatenated streams with padding between them, and refuses anything else that follows.
 */
import { corrupt } from "./corrupt.ts";

interface XzExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  create_context(): number;
  destroy_context(context: number): void;
  supply_input(context: number, length: number): void;
  get_next_output(context: number): number;
}

/** The class's static parts that make an instance of the module; they are not in its types, so its version is pinned. */
interface InstanceMaker {
  _getModuleInstance(): Promise<void>;
  _moduleInstance?: { readonly exports: XzExports };
}

interface XzDecompress {
  readonly XzReadableStream: InstanceMaker;
}

/** Words of the context, which module and caller share. */
const CAPACITY = 0;
const INPUT = 1;
const INPUT_POSITION = 2;
const INPUT_SIZE = 3;
const OUTPUT = 4;
const OUTPUT_POSITION = 5;
const CONTEXT_WORDS = 6;

/** Results of `xz_dec_run` (linux/xz.h, `enum xz_ret`). */
const OK = 0;
const STREAM_END = 1;
const FAILURES = new Map([
  [3, "out of memory"],
  [4, "its dictionary is larger than 64 MiB"],
  [5, "it is not in the xz format"],
  [6, "it uses a filter or a check that this decoder does not know"],
  [7, "it is corrupt"],
  [8, "it ends too early, or something follows its end"],
]);

export async function* decodeXz(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const xz = await newInstance();
  const context = xz.create_context();
  const capacity = wordsOf(xz, context)[CAPACITY]!;
  let result = OK;
  try {
    for await (const piece of bytes) {
      for (let offset = 0; offset < piece.length; offset += capacity) {
        result = yield* feed(xz, context, piece.subarray(offset, offset + capacity));
      }
    }
    // Empty input is how the module is told that nothing follows.
    result = yield* feed(xz, context, new Uint8Array(0));
  } finally {
    xz.destroy_context(context);
  }
  if (result !== STREAM_END) throw corrupt("xz", FAILURES.get(8)!);
}

/** Decodes all of one piece, at most `capacity` bytes. Returns the module's last answer. */
function* feed(xz: XzExports, context: number, input: Uint8Array): Generator<Uint8Array, number, undefined> {
  new Uint8Array(xz.memory.buffer).set(input, wordsOf(xz, context)[INPUT]!);
  xz.supply_input(context, input.length);
  for (;;) {
    const result = xz.get_next_output(context);
    // Decoding may have grown the memory, which replaces its buffer.
    const words = wordsOf(xz, context);
    const size = words[OUTPUT_POSITION]!;
    words[OUTPUT_POSITION] = 0;
    if (result !== OK && result !== STREAM_END) {
      throw corrupt("xz", FAILURES.get(result) ?? `the decoder says ${result}`);
    }
    if (size > 0) yield new Uint8Array(xz.memory.buffer).slice(words[OUTPUT]!, words[OUTPUT]! + size);
    if (result === STREAM_END) return result;
    const pending = words[INPUT_POSITION]! < words[INPUT_SIZE]!;
    if (!pending && size < words[CAPACITY]!) return result;
  }
}

function wordsOf(xz: XzExports, context: number): Uint32Array {
  return new Uint32Array(xz.memory.buffer, context, CONTEXT_WORDS);
}

let lastMade: Promise<unknown> = Promise.resolve();

/** Instances are made one after the other, since the maker leaves each one in the same place. */
function newInstance(): Promise<XzExports> {
  const made = lastMade.then(async () => {
    // A CommonJS bundle: not every runtime sees its names from outside.
    const module = (await import("xz-decompress")) as unknown as XzDecompress & { readonly default?: XzDecompress };
    const maker = (module.default ?? module).XzReadableStream;
    await maker._getModuleInstance();
    const instance = maker._moduleInstance;
    if (!instance) throw new Error("xz-decompress made no instance of its module");
    return instance.exports;
  });
  lastMade = made.catch(() => undefined);
  return made;
}
