/** Layers made in threads are the layers made without. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../../harness.ts";
import { readAhead } from "../../../core/tasks/read-ahead.ts";
import { tarThreads, type TarThreads } from "../../../core/tasks/tar-threads.ts";
import type { ImageDslError } from "../../../core/error.ts";
import type { LayerRecipe } from "../../../core/image/image.ts";
import { hashedTar, recipeLayer } from "../../../core/image/layer.ts";
import { digestOf } from "../../../core/model/digest.ts";
import type { FileEntry } from "../../../core/model/entry.ts";
import { treePath } from "../../../core/model/path.ts";
import { tarChunks } from "../../../core/tar/writer.ts";
import { randomImage } from "../../../core/testing/random.ts";

const test = suite("tasks/read-ahead");
const { signal } = new AbortController();
const MiB = 1024 * 1024;
const WORKER = new URL("./source-worker.mjs", import.meta.url);

/** Copies each chunk when it comes, and holds it against what it is when the next one comes: it must still be the same. */
async function bytesOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Buffer> {
  const copies: Buffer[] = [];
  let before: Uint8Array | undefined;
  for await (const chunk of chunks) {
    if (before) assert.is(Buffer.compare(before, copies.at(-1)!), 0, "a chunk was overwritten too early");
    copies.push(Buffer.from(chunk));
    before = chunk;
  }
  return Buffer.concat(copies);
}

function same(found: Buffer, { entries }: LayerRecipe): void {
  const expected = Buffer.concat(Array.from(tarChunks(entries), (chunk) => Buffer.from(chunk)));
  assert.ok(found.equals(expected), `${found.length} bytes differ from ${expected.length}`);
}

async function withThreads(count: number, work: (threads: TarThreads) => Promise<void>): Promise<void> {
  const threads = tarThreads(count, signal, WORKER);
  try {
    await work(threads);
  } finally {
    await threads.close();
  }
}

/** A file of `size` bytes as a slice of an archive. */
function slice(path: string, size: number, offset = 0): FileEntry {
  const content = { kind: "slice", file: archive, archive: digestOf("archive"), offset } as const;
  return { type: "file", path: treePath(path), mode: 0o644, uid: 0, gid: 0, mtime: 1, size, content };
}

const archive = join(tmp(), "archive");
const body = Buffer.alloc(40 * MiB);
for (let at = 0; at < body.length; at += 4) body.writeUInt32LE(at, at);
writeFileSync(archive, body);

/** Small files, a file larger than all rings, a layer of nothing but a name. */
const recipes: readonly LayerRecipe[] = [
  { entries: Array.from({ length: 300 }, (_, index) => slice(`small/${1000 + index}`, 37 * index, 101 * index)) },
  { entries: [slice("large", 40 * MiB)] },
  { entries: [slice("empty", 0)] },
  { entries: Array.from({ length: 9 }, (_, index) => slice(`medium-${index}`, MiB + index, index * 7)) },
];

for (const count of [1, 2, 4]) {
  test(`random images are the same with ${count} threads`, async () => {
    await withThreads(count, async (threads) => {
      for (let seed = 1; seed <= 12; seed++) {
        const layers = randomImage(seed).layers.map(({ entries }) => ({ entries }));
        const read = readAhead(layers, threads, signal);
        for (const [index, recipe] of layers.entries()) same(await bytesOf(read(index)), recipe);
      }
    });
  });

  test(`files larger than the rings are the same with ${count} threads`, async () => {
    await withThreads(count, async (threads) => {
      const read = readAhead(recipes, threads, signal);
      for (const [index, recipe] of recipes.entries()) same(await bytesOf(read(index)), recipe);
    });
  });
}

test("any order, twice, broken off, several at once, two images by turns", async () => {
  await withThreads(2, async (threads) => {
    const read = readAhead(recipes, threads, signal);
    for (const index of [3, 0, 0, 2, 1]) same(await bytesOf(read(index)), recipes[index]!);

    for await (const chunk of read(1)) if (chunk.length > 0) break;
    same(await bytesOf(read(2)), recipes[2]!);

    const all = await Promise.all(recipes.map((_, index) => bytesOf(read(index))));
    all.forEach((bytes, index) => same(bytes, recipes[index]!));

    const other = readAhead(recipes.toReversed(), threads, signal);
    for (const [index, recipe] of recipes.entries()) {
      same(await bytesOf(read(index)), recipe);
      same(await bytesOf(other(index)), recipes.at(-1 - index)!);
    }
  });
});

test("a layer hashes and compares what threads read", async () => {
  await withThreads(1, async (threads) => {
    const read = readAhead(recipes, threads, signal);
    for (const [index, recipe] of recipes.entries()) {
      const inThreads = recipeLayer(recipe, "test", { read: () => read(index) });
      assert.is(
        await inThreads.diffID(),
        await recipeLayer(recipe, "test", { read: () => hashedTar(recipe, signal) }).diffID(),
      );
    }
  });
});

test("an error keeps its code, its words and its hint, and the threads go on", async () => {
  await withThreads(2, async (threads) => {
    const short: LayerRecipe = { entries: [slice("short", MiB, 40 * MiB - 100)] };
    const read = readAhead([recipes[3]!, short, recipes[0]!], threads, signal);
    same(await bytesOf(read(0)), recipes[3]!);
    const [inThread, here] = await Promise.all([failure(bytesOf(read(1))), failure(bytesOf(tarChunks(short.entries)))]);
    assert.is(here.code, "E_CONTENT_CHANGED");
    assert.equal([inThread.code, inThread.message, inThread.hint], [here.code, here.message, here.hint]);
    same(await bytesOf(read(2)), recipes[0]!);
  });
});

test("a worker that dies is an error with its task's name", async () => {
  const threads = tarThreads(2, signal, new URL("./dying-worker.mjs", import.meta.url));
  const error = await failure(bytesOf(readAhead(recipes, threads, signal)(0)));
  assert.is(error.code, "E_INTERNAL");
  assert.match(error.message, /the task "tar" died: exit code/);
  await threads.close();
});

test("an abort is heard while waiting for a thread", async () => {
  const controller = new AbortController();
  const threads = tarThreads(1, controller.signal, new URL("./silent-worker.mjs", import.meta.url));
  const reading = failure(bytesOf(readAhead(recipes, threads, signal)(0)));
  controller.abort(new Error("stopped by the test"));
  assert.is((await reading).message, "stopped by the test");
  await threads.close();
});

test("closing ends threads that wait for room", async () => {
  const threads = tarThreads(2, signal, WORKER);
  const chunks = readAhead(recipes, threads, signal)(1) as AsyncGenerator<Uint8Array>;
  await chunks.next();
  // The rings are full by then, and if not, the test is only easier.
  await new Promise((resolve) => setTimeout(resolve, 200));
  await threads.close();
  assert.match((await failure(drain(chunks))).message, /died/);
});

async function drain(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) assert.ok(chunk.length > 0);
}

async function failure(work: Promise<unknown>): Promise<ImageDslError> {
  return work.then(
    () => assert.unreachable("it should have failed") as never,
    (error: ImageDslError) => error,
  );
}

test.run();
