import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { unpack } from "../../../core/compress/unpack.ts";
import { ImageDslError } from "../../../core/error.ts";
import { digestOf } from "../../../core/model/digest.ts";
import { requireTool, suite, tmp } from "../../harness.ts";

const test = suite("compress/unpack");

const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, i) => `${(i * 7919) % 1009} `).join(""));

test("a part of a file is decompressed into another one, with its size and digest", async () => {
  const xz = requireTool("xz");
  const directory = tmp();
  const plain = join(directory, "plain");
  writeFileSync(plain, CONTENT);
  const packed = execFileSync(xz, ["-c", plain]);
  const file = join(directory, "packed");
  writeFileSync(file, Buffer.concat([Buffer.from("before"), packed, Buffer.from("behind")]));
  const output = join(directory, "out");
  const input = {
    file,
    offset: 6,
    size: packed.length,
    format: "xz",
    output,
    most: CONTENT.length,
  } as const;
  const expected = { size: CONTENT.length, sha256: digestOf(CONTENT), inputSha256: digestOf(packed) };
  assert.equal(await unpack(input), expected);
  assert.ok(readFileSync(output).equals(CONTENT));

  await rejects(unpack({ ...input, output: `${output}2`, most: CONTENT.length - 1 }), "E_COMPRESSION");
  await rejects(unpack({ ...input, output: `${output}3`, size: packed.length - 1 }), "E_COMPRESSION");
  await rejects(unpack({ ...input, output: `${output}4`, offset: 12, size: packed.length + 1 }), "E_COMPRESSION");
  await rejects(
    unpack({ ...input, output: `${output}5`, offset: 0, format: "none", size: 1e9, most: 1e9 }),
    "E_ARCHIVE_FORMAT",
  );
});

async function rejects(promise: Promise<unknown>, code: string): Promise<void> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ImageDslError && error.code === code) return;
    throw error;
  }
  throw new Error(`Nothing was thrown, but ${code} should have been`);
}

test.run();
