import { execFileSync, spawn } from "node:child_process";
import { lchownSync, lstatSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { requireTool, suite, tmp } from "../../harness.ts";
import { runs } from "../../sampled.ts";
import type { ImageDslError } from "../../../core/error.ts";
import { pump } from "../../../core/format/pump.ts";
import { writeChunks } from "../../../core/format/write-chunks.ts";

const test = suite("format/write-chunks");

/** Chunks of these sizes from two buffers that take turns, as the contract allows. */
async function* chunksOf(sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const buffers = [new Uint8Array(1 << 20), new Uint8Array(1 << 20)];
  for (const [index, size] of sizes.entries()) yield buffers[index % 2]!.fill(index).subarray(0, size);
}

function expected(sizes: readonly number[]): Buffer {
  return Buffer.concat(sizes.map((size, index) => Buffer.alloc(size, index)));
}

test("chunks of any size arrive whole and in order, one write at a time", async () => {
  const size = fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 500_000, max: 1 << 20 }));
  await fc.assert(
    fc.asyncProperty(fc.array(size, { maxLength: 12 }), async (sizes) => {
      const written: Buffer[] = [];
      let isWriting = false;
      await pump(chunksOf(sizes), async (bytes) => {
        assert.not(isWriting);
        isWriting = true;
        // What is written is looked at only when everything that may go on has gone on.
        await new Promise((resolve) => setTimeout(resolve, 1));
        written.push(Buffer.from(bytes));
        isWriting = false;
      });
      assert.ok(Buffer.concat(written).equals(expected(sizes)));
    }),
    { numRuns: runs(30) },
  );
});

test("small chunks are joined", async () => {
  const sizes = Array.from({ length: 2000 }, () => 512);
  const writes: number[] = [];
  await pump(chunksOf(sizes), async (bytes) => void writes.push(bytes.length));
  assert.ok(writes.length <= 3, `${writes.length} writes`);
});

test("a failed write ends it, and nothing half-written stays", async () => {
  let writes = 0;
  const write = async (): Promise<void> => {
    if (++writes === 2) throw new Error("full");
  };
  let message = "";
  await pump(chunksOf([1 << 20, 1 << 20, 1 << 20, 1 << 20]), write).catch((error: Error) => (message = error.message));
  assert.equal([message, writes], ["full", 2]);

  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(1 << 20);
    throw new Error("broken");
  }
  const folder = join(tmp(), "broken");
  const { signal } = new AbortController();
  await writeChunks(join(folder, "file"), broken(), signal).catch((error: Error) => (message = error.message));
  assert.equal([message, readdirSync(folder)], ["broken", []]);
});

test("a file has all bytes", async () => {
  const sizes = [10, 1 << 20, 0, 600_000, 7];
  const file = join(tmp(), "whole");
  await writeChunks(file, chunksOf(sizes), new AbortController().signal);
  assert.ok(readFileSync(file).equals(expected(sizes)));
});

test("a link's target is replaced, a pipe is written into, and what is no file is left alone", async () => {
  const folder = tmp();
  const { signal } = new AbortController();
  writeFileSync(join(folder, "real"), "old");
  symlinkSync("real", join(folder, "link"));
  await writeChunks(join(folder, "link"), chunksOf([3]), signal);
  assert.ok(lstatSync(join(folder, "link")).isSymbolicLink());
  assert.is(lstatSync(join(folder, "real")).size, 3);

  execFileSync("mkfifo", [join(folder, "pipe")]);
  const script = `head -c 5 < '${join(folder, "pipe")}' > '${join(folder, "said")}'`;
  const reader = spawn("sh", ["-c", script], { stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise((resolve) => reader.once("exit", resolve));
  await writeChunks(join(folder, "pipe"), chunksOf([2, 3]), signal);
  await ended;
  assert.is(lstatSync(join(folder, "said")).size, 5);
  assert.ok(lstatSync(join(folder, "pipe")).isFIFO());

  for (const place of [folder, join(folder, "real/below")]) {
    const error = (await writeChunks(place, chunksOf([1]), signal).catch((thrown: unknown) => thrown)) as ImageDslError;
    assert.is(error.code, "E_OUTPUT", place);
  }
});

test("a link of another user's is not followed, one of our own is, to what is yet to be made too", async () => {
  if (process.getuid?.() !== 0) requireTool("root");
  const folder = tmp();
  const { signal } = new AbortController();
  writeFileSync(join(folder, "precious"), "precious");
  symlinkSync("precious", join(folder, "planted"));
  lchownSync(join(folder, "planted"), 12_345, 12_345);
  // One of ours that leads to one of theirs.
  symlinkSync("planted", join(folder, "own"));
  for (const name of ["planted", "own"]) {
    const error = await writeChunks(join(folder, name), chunksOf([5]), signal).then(
      () => undefined,
      (thrown: unknown) => thrown as ImageDslError,
    );
    assert.is(error?.code, "E_OUTPUT", name);
    assert.match(error!.message, "planted is a link of another user's (12345)");
  }
  assert.is(readFileSync(join(folder, "precious"), "utf8"), "precious");
  symlinkSync("new/file", join(folder, "dangling"));
  await writeChunks(join(folder, "dangling"), chunksOf([5]), signal);
  assert.is(lstatSync(join(folder, "new/file")).size, 5);
  symlinkSync("round", join(folder, "round"));
  assert.match(
    String(await writeChunks(join(folder, "round"), chunksOf([5]), signal).catch((error: unknown) => error)),
    "no file",
  );
});

test.run();
