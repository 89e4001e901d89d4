/** Which image of an archive a name and a tag mean. */
import * as assert from "uvu/assert";
import type { ImageDslError, Platform } from "../../../core/index.ts";
import { chooseImage, type Wish } from "../../../core/distribution/choose-image.ts";
import type { StoredImage } from "../../../core/distribution/stored-image.ts";
import { suite } from "../../harness.ts";

const test = suite("distribution/choose");

const amd64: Platform = { os: "linux", architecture: "amd64" };

function stored(names: readonly string[], platform?: Platform): StoredImage {
  return { names, ...(platform && { platform }), read: () => Promise.reject(new Error("not read")) };
}

/** The number of the image that is chosen. */
function chosen(images: readonly StoredImage[], wish: Partial<Wish>): number {
  return images.indexOf(chooseImage(images, { platform: amd64, ...wish }, "a.tar"));
}

const images = [stored(["a:10"]), stored(["registry.example:5000/a:1"]), stored(["a:1", "b:2"]), stored([])];

test("names and tags are compared whole", () => {
  assert.is(chosen(images, { name: "a", tag: "1" }), 2);
  assert.is(chosen(images, { name: "a", tag: "10" }), 0);
  assert.is(chosen(images, { name: "registry.example:5000/a" }), 1);
  assert.is(chosen(images, { name: "b" }), 2);
  assert.is(chosen(images, { tag: "1" }), 1);
  assert.is(chosen(images, {}), 0);
});

test("what engines put in front of a short name is not asked for", () => {
  assert.is(chosen([stored(["docker.io/library/redis:7"])], { name: "redis", tag: "7" }), 0);
  assert.is(chosen([stored(["localhost/redis:7"])], { name: "redis" }), 0);
  assert.is(chosen([stored(["redis:7"])], { name: "docker.io/library/redis" }), 0);
});

test("in a layout a tag alone is the whole name", () => {
  assert.is(chosen([stored(["v1"]), stored(["v2"])], { tag: "v2" }), 1);
  assert.is(chosen([stored(["v1"]), stored(["v2"])], { name: "whatever", tag: "v2" }), 1);
});

test("of several platforms the one that is built, else the first", () => {
  const arm64 = { os: "linux", architecture: "arm64" };
  const both = [stored(["a:1"], arm64), stored(["a:1"], amd64)];
  assert.is(chosen(both, { name: "a" }), 1);
  assert.is(chosen(both.slice(0, 1), { platform: { os: "linux", architecture: "riscv64" } }), 0);
  const arm = [
    stored([], { os: "linux", architecture: "arm", variant: "v6" }),
    stored([], { os: "linux", architecture: "arm", variant: "v7" }),
  ];
  assert.is(chosen(arm, { platform: { os: "linux", architecture: "arm", variant: "v7" } }), 1);
});

test("what is not there is an error that names what is", () => {
  const refusal = (all: readonly StoredImage[], wish: Partial<Wish>): ImageDslError => {
    try {
      chosen(all, wish);
    } catch (error) {
      return error as ImageDslError;
    }
    throw new Error("chosen");
  };
  const error = refusal(images, { name: "a", tag: "2" });
  assert.is(error.code, "E_BASE_IMAGE");
  assert.is(error.message, '"a.tar" holds no image "a:2"');
  assert.is(error.hint, "It has a:10, registry.example:5000/a:1, a:1, b:2");
  assert.match(refusal([stored([])], { tag: "1" }).hint ?? "", "no names");
  assert.match(refusal([], {}).message, "at all");
  const two = ["amd64", "arm64"].map((architecture) => stored(["a:1"], { os: "linux", architecture }));
  const other = refusal(two, { platform: { os: "linux", architecture: "riscv64" } });
  assert.is(other.message, '"a.tar" holds no image for linux/riscv64');
  assert.is(other.hint, "It has linux/amd64, linux/arm64");
  assert.match(refusal([stored([]), stored([])], { sole: true }).message, "2 images, where one is wanted");
  assert.match(refusal([stored(["\u001b[2J:1"])], { name: "x" }).hint ?? "", "\\x1b");
});

test.run();
