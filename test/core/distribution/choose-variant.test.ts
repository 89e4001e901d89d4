/** Indexes name arm64 with its variant v8 (Docker's official images all do), builds mostly without. */
import * as assert from "uvu/assert";
import type { Platform } from "../../../core/index.ts";
import { chooseImage } from "../../../core/distribution/choose-image.ts";
import type { StoredImage } from "../../../core/distribution/stored-image.ts";
import { suite } from "../../harness.ts";

const test = suite("distribution/choose-variant");

function stored(architecture: string, variant?: string): StoredImage {
  const platform: Platform = { os: "linux", architecture, ...(variant !== undefined && { variant }) };
  return { names: [], platform, read: () => Promise.reject(new Error("not read")) };
}

function chosen(images: readonly StoredImage[], architecture: string, variant?: string): number {
  const platform: Platform = { os: "linux", architecture, ...(variant !== undefined && { variant }) };
  return images.indexOf(chooseImage(images, { platform }, "a.tar"));
}

test("linux/arm64 is the index's linux/arm64/v8, not its first image", () => {
  assert.is(chosen([stored("amd64"), stored("arm64", "v8")], "arm64"), 1);
  assert.is(chosen([stored("amd64"), stored("arm64")], "arm64", "v8"), 1);
});

test("linux/arm without a variant is one of arm's, not the index's first image", () => {
  assert.is.not(chosen([stored("amd64"), stored("arm", "v6"), stored("arm", "v7")], "arm"), 0);
});

test.run();
