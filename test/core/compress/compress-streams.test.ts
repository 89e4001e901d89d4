/** Streams compressed one after the other: what is begun ahead of the reader, how far, and what becomes of it. */
import * as assert from "uvu/assert";
import { taskPool } from "../../../core/tasks/task-pool.ts";
import { GZIP, PIECE_BYTES } from "../../../core/compress/codec.ts";
import { compressStream } from "../../../core/compress/compress-stream.ts";
import { compressStreams, type CompressOptions, type StreamSource } from "../../../core/compress/compress-streams.ts";
import { openStore } from "../../../core/store/disk-store.ts";
import { seededRandom } from "../../../core/testing/random.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("compress/compress-streams");

async function withOptions(work: (options: CompressOptions, abort: (reason: Error) => void) => Promise<void>) {
  const controller = new AbortController();
  const { signal } = controller;
  const tasks = taskPool({ jobs: 2, signal, worker: new URL("../tasks/source-worker.mjs", import.meta.url) });
  const store = await openStore(tmp());
  try {
    await work({ tasks, store, signal }, (reason) => controller.abort(reason));
  } finally {
    await tasks.close();
    store.close();
  }
}

/** Inputs that note how much was read of each, and which were ended. */
function inputs(sizes: readonly number[]) {
  const random = seededRandom(7);
  const bytes = sizes.map((size) => Buffer.from(Array.from({ length: size / 1024 }, () => random(256))));
  const read = sizes.map(() => 0);
  const ended = new Set<number>();
  async function* open(index: number): AsyncGenerator<Uint8Array> {
    try {
      // Each of these bytes stands for a run of 1024.
      for (const byte of bytes[index]!) {
        read[index]! += 1024;
        yield Buffer.alloc(1024, byte);
      }
    } finally {
      ended.add(index);
    }
  }
  const source = (index: number): StreamSource => ({ index, chunks: open(index) });
  return { open, source, read, ended };
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const copies: Buffer[] = [];
  for await (const chunk of chunks) copies.push(Buffer.from(chunk));
  return Buffer.concat(copies).toString("hex");
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("each stream has the bytes that it has alone, also where two are read at a time", async () => {
  await withOptions(async (options) => {
    const { open, source, ended } = inputs([3 * PIECE_BYTES, 1024, 2 * PIECE_BYTES + 1024, 0, PIECE_BYTES]);
    const alone: string[] = [];
    for (const index of [0, 1, 2, 3, 4]) alone.push(await bytesOf(compressStream(open(index), GZIP, options)));
    ended.clear();
    const streams = compressStreams(source(0), [1, 2, 3, 4].map(source), GZIP, options);
    assert.is(await bytesOf(streams.read(0)!), alone[0]);
    await until(() => ended.has(2));
    assert.equal(await Promise.all([1, 2].map((index) => bytesOf(streams.read(index)!))), alone.slice(1, 3));
    await until(() => ended.has(4));
    for (const index of [3, 4]) assert.is(await bytesOf(streams.read(index)!), alone[index]);
    assert.is(streams.read(4), undefined, "a second time");
  });
});

test("the next ones are begun before the first is read, and no more than there is memory for", async () => {
  await withOptions(async (options) => {
    const { source, read, ended } = inputs([PIECE_BYTES, 1024, 40 * PIECE_BYTES, 1024]);
    const streams = compressStreams(source(0), [1, 2, 3].map(source), GZIP, options);
    await until(() => read[2]! > 0);
    assert.equal(read.slice(0, 2), [PIECE_BYTES, 1024]);
    await until(() => read[2]! > PIECE_BYTES);
    assert.ok(read[2]! < 12 * PIECE_BYTES, `${read[2]} bytes`);
    assert.is(read[3], 0);
    assert.not(streams.isBeingRead());
    await streams.end();
    assert.equal([...ended], [0, 1, 2]);
    assert.is(streams.read(1), undefined);
  });
});

test("one that nobody asks for, as its bytes became known elsewhere, does not keep its memory from the next", async () => {
  await withOptions(async (options) => {
    const { open, source, read } = inputs([1024, 4 * PIECE_BYTES, 20 * PIECE_BYTES]);
    const alone = await bytesOf(compressStream(open(2), GZIP, options));
    read[2] = 0;
    const streams = compressStreams(source(0), [1, 2].map(source), GZIP, options);
    await bytesOf(streams.read(0)!);
    await until(() => read[2]! > 0);
    assert.is(await bytesOf(streams.read(2)!), alone);
    assert.is(streams.read(1), undefined, "it would be made anew");
  });
});

test("a reader that stops ends what is being read for it, and nothing that another one reads", async () => {
  await withOptions(async (options) => {
    const { source, read, ended } = inputs([PIECE_BYTES, 40 * PIECE_BYTES]);
    const streams = compressStreams(source(0), [source(1)], GZIP, options);
    await until(() => read[1]! > 0);
    const [first, second] = [streams.read(0)!, streams.read(1)!];
    await second.next();
    assert.ok(streams.isBeingRead());
    await first.next();
    await first.return();
    assert.not(ended.has(1));
    await second.next();
    await second.return();
    assert.ok(ended.has(1));
  });
});

test("a stream that fails is told of where it is read, and those before it are whole", async () => {
  await withOptions(async (options) => {
    const { open, source } = inputs([PIECE_BYTES, 1024]);
    let hasFailed = false;
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(1024);
      hasFailed = true;
      throw new Error("The file is gone");
    }
    const alone = await bytesOf(compressStream(open(0), GZIP, options));
    const streams = compressStreams(source(0), [{ index: 1, chunks: failing() }, source(1)], GZIP, options);
    await until(() => hasFailed);
    assert.is(await bytesOf(streams.read(0)!), alone);
    const error = await bytesOf(streams.read(1)!).catch((thrown: unknown) => thrown);
    assert.is((error as Error).message, "The file is gone");
  });
});

test("an abort ends what nobody reads", async () => {
  await withOptions(async (options, abort) => {
    const { source, read, ended } = inputs([1024, 40 * PIECE_BYTES]);
    const streams = compressStreams(source(0), [source(1)], GZIP, options);
    await until(() => read[1]! > 0);
    abort(new Error("enough"));
    await until(() => ended.has(1));
    const error = await bytesOf(streams.read(0)!).catch((thrown: unknown) => thrown);
    assert.is((error as Error).message, "enough");
  });
});

test.run();
