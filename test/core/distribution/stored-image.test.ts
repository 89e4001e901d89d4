/** Images from elsewhere as a whole: which layer is at fault, and what all of them together may hold. */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { ImageDslError } from "../../../core/error.ts";
import { storedImage } from "../../../core/distribution/stored-image.ts";
import { readingContext } from "../../fixtures/base-images/context.ts";
import { file } from "../../fixtures/base-images/root.ts";
import { writeTar } from "../../fixtures/base-images/tar.ts";
import { suite, tmp } from "../../harness.ts";
import { withLimits } from "../../with-limits.ts";

const test = suite("distribution/stored-image");

function imageOf(...tars: readonly Uint8Array[]): ReturnType<typeof storedImage> {
  const folder = tmp();
  const layers = tars.map((bytes, index) => {
    const path = join(folder, `${index}.tar`);
    writeFileSync(path, bytes);
    return { place: () => Promise.resolve({ file: path, offset: 0, size: bytes.length }) };
  });
  const digests = tars.map((bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`);
  const config = Buffer.from(JSON.stringify({ rootfs: { type: "layers", diff_ids: digests } }));
  return storedImage("base.tar", { config, layers }, readingContext);
}

function layerOf(...names: readonly string[]): Buffer {
  return readFileSync(
    writeTar(
      join(tmp(), "layer.tar"),
      names.map((name) => file(name, name)),
    ),
  );
}

async function refusal(image: Promise<unknown>): Promise<ImageDslError> {
  return image.then(
    () => Promise.reject(new Error("It was taken")),
    (error: unknown) => error as ImageDslError,
  );
}

test("of several layers, the one that is damaged is named", async () => {
  const { code, message } = await refusal(imageOf(layerOf("a"), layerOf("b", "c").subarray(0, 700)));
  assert.is(code, "E_TAR_INVALID");
  assert.match(message, /^Layer 2 of 2: The tar archive .*behind "b"/);
});

test("what the layers hold is limited together, not each alone", async () => {
  const layers = [layerOf("a", "b"), layerOf("c", "d")];
  await withLimits({ "oci.entries": 4 }, () => imageOf(...layers));
  for (const [limits, words] of [
    [{ "oci.entries": 3 }, "The image has more than 3 entries in its layers (--limit oci.entries=6"],
    [{ "oci.bytes": layers[0]!.length + 1 }, "in its layers (--limit oci.bytes="],
  ] as const) {
    const { message } = await refusal(withLimits(limits, () => imageOf(...layers)));
    assert.match(message, words);
  }
});

test.run();
