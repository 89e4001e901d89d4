/** What is compressed for output: valid, the same everywhere, and in threads. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { taskPool } from "../../../core/tasks/task-pool.ts";
import { GZIP, PIECE_BYTES, ZSTD, type Codec } from "../../../core/compress/codec.ts";
import { compressStream } from "../../../core/compress/compress-stream.ts";
import type { CompressOptions } from "../../../core/compress/compress-streams.ts";
import { raiseLimits } from "../../../core/limits/limits.ts";
import { decompress } from "../../../core/compress/decompress.ts";
import { ImageDslError } from "../../../core/error.ts";
import { FORMAT_VERSION } from "../../../core/lock/lock-file.ts";
import { openStore } from "../../../core/store/disk-store.ts";
import type { Store } from "../../../core/store/store.ts";
import { seededRandom } from "../../../core/testing/random.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { IS_THOROUGH, runs } from "../../sampled.ts";

const test = suite("compress/compress-stream");
const CODECS = [GZIP, ZSTD];
const { signal } = new AbortController();

/** A cache of nothing. */
const noStore = { derive: () => Promise.reject(new Error("nothing is kept")) } as unknown as Store;

function worker(name: string): URL {
  return new URL(`../tasks/${name}-worker.mjs`, import.meta.url);
}

async function withPool(jobs: number, work: (options: CompressOptions) => Promise<void>): Promise<void> {
  const tasks = taskPool({ jobs, signal, worker: worker("source") });
  try {
    await work({ tasks, store: noStore, signal });
  } finally {
    await tasks.close();
  }
}

/** In chunks of these sizes, again and again; each is overwritten when the one after the next is asked for. */
async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const memories = [new Uint8Array(Math.max(...sizes)), new Uint8Array(Math.max(...sizes))];
  for (let offset = 0, count = 0; offset < bytes.length; count++) {
    const part = bytes.subarray(offset, offset + sizes[count % sizes.length]!);
    const memory = memories[count % 2]!.fill(0xaa);
    memory.set(part);
    yield memory.subarray(0, part.length);
    offset += part.length;
  }
}

/** Copies each chunk when it comes, and holds it against what it is when the next one comes: it must still be the same. */
async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Buffer[] = [];
  let before: Uint8Array | undefined;
  for await (const chunk of chunks) {
    if (before) assert.is(Buffer.compare(before, copies.at(-1)!), 0, "a chunk was overwritten too early");
    assert.ok(chunk.length > 0, "an empty chunk");
    copies.push(Buffer.from(chunk));
    before = chunk;
  }
  return Buffer.concat(copies);
}

async function decompressed(bytes: Uint8Array, codec: Codec): Promise<Buffer> {
  if (codec === GZIP) return gunzipSync(bytes);
  const lowerLimits = raiseLimits({ "unpack.ratio": 1e6 });
  const parts = decompress(chunked(bytes, [100_000]), "zst", 1 << 30);
  const copies: Buffer[] = [];
  for await (const part of parts) copies.push(Buffer.from(part));
  lowerLimits();
  return Buffer.concat(copies);
}

/** Something of everything: words, noise, runs, machine-code-like records. */
function sample(size: number, seed: number): Buffer {
  const random = seededRandom(seed);
  const bytes = Buffer.alloc(size);
  for (let offset = 0; offset < size;) {
    const length = 1 + random(60_000);
    const kind = random(4);
    const part = bytes.subarray(offset, offset + length);
    if (kind === 0) part.fill(`/usr/share/doc/package-${random(1000)}/copyright line ${random(100)}\n`);
    else if (kind === 1) for (let at = 0; at < part.length; at++) part[at] = random(256);
    else if (kind === 2) part.fill(random(256));
    else for (let at = 0; at < part.length; at++) part[at] = at % 4 === 3 ? 0 : random(16);
    offset += length;
  }
  return bytes;
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/**
 * What each codec makes of `sample(5 MiB + 17, 1)`, on every runtime. Another digest means that every user's compressed
 * digests change: then the codec's identity and `FORMAT_VERSION` have to change with it.
 */
const GOLDEN = {
  formatVersion: 1,
  gzip: {
    identity: "gzip; foras 2.1.4 level 2; pieces of 2 MiB",
    sha256: "8d6e80d9de14d33188f272f8d4027a0d787b656e5aec5525aee99feb83b3f041",
  },
  zstd: {
    identity: "zstd; zstd-wasm 0.0.27 level 3; pieces of 2 MiB",
    sha256: "9a8512bf164ed4a300b35eec0b3bd3753de305385bb7e0c1d6d4962f415b3e33",
  },
};

test("the bytes are the pinned ones with 1, 2 and 4 workers, however the input is cut", async () => {
  assert.is(FORMAT_VERSION, GOLDEN.formatVersion);
  const input = sample(5 * 1024 * 1024 + 17, 1);
  const cuts = [[1 << 20], [PIECE_BYTES], [700_001, 3, 65_536], [input.length]];
  for (const [turn, jobs] of [1, 2, 4].entries()) {
    await withPool(jobs, async (options) => {
      for (const codec of CODECS) {
        assert.is(codec.identity, GOLDEN[codec.name].identity);
        for (const sizes of cuts.filter((_, index) => IS_THOROUGH || index % 3 === turn)) {
          const found = sha256(await bytesOf(compressStream(chunked(input, sizes), codec, options)));
          assert.is(found, GOLDEN[codec.name].sha256, `${codec.name}, ${jobs} workers, chunks of ${sizes}`);
        }
      }
    });
  }
});

test("what comes out is what went in, for node:zlib, our decoder and the commands", async () => {
  const commands = { gzip: requireTool("gzip"), zstd: requireTool("zstd") };
  const folder = tmp();
  await withPool(2, async (options) => {
    const size = fc.oneof(
      fc.integer({ min: 0, max: 3000 }),
      fc.integer({ min: -3, max: 3 }).map((delta) => PIECE_BYTES + delta),
      fc.integer({ min: 2 * PIECE_BYTES, max: 3 * PIECE_BYTES }),
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 3_000_000 }), { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(size, fc.nat(), sizes, async (length, seed, cut) => {
      const input = sample(length, seed);
      // Thousands of chunks of one byte show nothing more, slowly.
      const chunks = Math.max(...cut) < 1000 ? [length + 1] : cut;
      for (const codec of CODECS) {
        const output = await bytesOf(compressStream(chunked(input, chunks), codec, options));
        assert.ok((await decompressed(output, codec)).equals(input), `${codec.name}: ours`);
        // Not through a pipe: Deno writes all of it before it reads an answer.
        const file = join(folder, `output${codec.extension}`);
        writeFileSync(file, output);
        const said = execFileSync(commands[codec.name], ["-dc", file], { maxBuffer: 1 << 28 });
        assert.ok(said.equals(input), `${codec.name}: the command`);
        execFileSync(commands[codec.name], ["-tq", file]);
      }
    });
    await fc.assert(property, { numRuns: runs(12) });
  });
});

test("a piece at which the gzip encoder's first flush ends too early is whole", async () => {
  await withPool(1, async (options) => {
    const input = sample(2 * PIECE_BYTES, 305_694_894).subarray(PIECE_BYTES);
    const output = await bytesOf(compressStream(chunked(input, [1 << 20]), GZIP, options));
    assert.ok(gunzipSync(output).equals(input));
  });
});

test("nothing, and a run of 40 MB of one byte", async () => {
  await withPool(2, async (options) => {
    for (const codec of CODECS) {
      const nothing = await bytesOf(compressStream(chunked(new Uint8Array(0), [1]), codec, options));
      assert.is((await decompressed(nothing, codec)).length, 0);
      assert.ok(nothing.length > 0 && nothing.length < 40, `${nothing.length} bytes`);
      const run = Buffer.alloc(40_000_000, 7);
      const output = await bytesOf(compressStream(chunked(run, [1 << 20]), codec, options));
      assert.ok(output.length < 300_000, `${codec.name}: ${output.length} bytes`);
      assert.ok((await decompressed(output, codec)).equals(run));
    }
  });
});

test("noise grows by less than one byte in a thousand", async () => {
  await withPool(1, async (options) => {
    const random = seededRandom(3);
    const noise = Buffer.alloc(3 * 1024 * 1024);
    for (let at = 0; at < noise.length; at++) noise[at] = random(256);
    for (const codec of CODECS) {
      const output = await bytesOf(compressStream(chunked(noise, [1 << 20]), codec, options));
      assert.ok(output.length < noise.length * 1.001, `${codec.name}: ${output.length} bytes`);
      assert.ok((await decompressed(output, codec)).equals(noise));
    }
  });
});

test("gzip's header names no time, file or system; what gzip -l reads is right", async () => {
  await withPool(1, async (options) => {
    const input = sample(PIECE_BYTES + 1, 5);
    const output = await bytesOf(compressStream(chunked(input, [1 << 20]), GZIP, options));
    assert.equal([...output.subarray(0, 10)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    assert.is(output.readUInt32LE(output.length - 4), input.length);
  });
});

test("pieces that were compressed before come from the store, for each codec its own", async () => {
  const store = await openStore(tmp());
  const input = sample(3 * PIECE_BYTES, 8);
  const tasks = taskPool({ jobs: 2, signal, worker: worker("source") });
  let encoded = 0;
  const counting: CompressOptions["tasks"] = {
    jobs: 2,
    inWorker: (name, given) => {
      encoded++;
      return tasks.inWorker(name, given);
    },
  };
  const compressed = (bytes: Uint8Array, codec: Codec): Promise<Buffer> =>
    bytesOf(compressStream(chunked(bytes, [1 << 20]), codec, { tasks: counting, store, signal }));
  try {
    for (const codec of CODECS) {
      encoded = 0;
      const first = await compressed(input, codec);
      assert.is(encoded, 3);
      assert.ok((await compressed(input, codec)).equals(first));
      assert.is(encoded, 3, "the second time");
      const changed = Buffer.from(input);
      changed[PIECE_BYTES + 5]! ^= 1;
      assert.ok((await decompressed(await compressed(changed, codec), codec)).equals(changed));
      assert.is(encoded, 4, "one piece changed");
    }
  } finally {
    await tasks.close();
  }
});

for (const codec of CODECS) {
  test(`${codec.name}: a worker that dies is an error that names its task`, async () => {
    const tasks = taskPool({ jobs: 2, signal, worker: worker("dying") });
    let ended = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new Uint8Array(100_000);
      } finally {
        ended = true;
      }
    }
    const error = await failure(bytesOf(compressStream(endless(), codec, { tasks, store: noStore, signal })));
    await tasks.close();
    assert.ok(error instanceof ImageDslError && error.code === "E_INTERNAL", String(error));
    assert.match(error.message, /"encodePiece"/);
    assert.ok(ended, "the input was not ended");
  });
}

test("an abort is met while a worker is busy, and ends the input", async () => {
  const tasks = taskPool({ jobs: 1, signal, worker: worker("silent") });
  const controller = new AbortController();
  let ended = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (let count = 0; ; count++) {
        if (count === 2) setTimeout(() => controller.abort(new Error("enough")), 10);
        yield new Uint8Array(1 << 20);
      }
    } finally {
      ended = true;
    }
  }
  const options = { tasks, store: noStore, signal: controller.signal };
  setTimeout(() => controller.abort(new Error("enough")), 100);
  const error = await failure(bytesOf(compressStream(endless(), GZIP, options)));
  await tasks.close();
  assert.is((error as Error).message, "enough");
  assert.ok(ended, "the input was not ended");
});

test("an input that fails, fails the output", async () => {
  await withPool(1, async (options) => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(PIECE_BYTES + 1);
      throw new Error("The file is gone");
    }
    const error = await failure(bytesOf(compressStream(failing(), ZSTD, options)));
    assert.is((error as Error).message, "The file is gone");
  });
});

test("a store that fails changes nothing; a codec that fails is told", async () => {
  const store = await openStore(tmp());
  const tasks: CompressOptions["tasks"] = { jobs: 1, inWorker: () => Promise.reject(new Error("no codec")) };
  const error = await failure(bytesOf(compressStream(chunked(sample(10, 1), [10]), GZIP, { tasks, store, signal })));
  assert.is((error as Error).message, "no codec");
});

async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown");
}

test.run();
