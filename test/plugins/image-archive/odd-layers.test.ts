/** Layers that no tool writes, each told of in words or harmless; and nothing of an archive gets at the terminal. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { ImageDslError, treePath, type BaseImage } from "../../../core/index.ts";
import { readImage } from "../../../plugins/image-archive/read-image.ts";
import { dockerArchive, layerTars } from "../../fixtures/base-images/archives.ts";
import { readingContext } from "../../fixtures/base-images/context.ts";
import { file } from "../../fixtures/base-images/root.ts";
import { writeTar, type Member } from "../../fixtures/base-images/tar.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("image-archive/odd-layers");

/** The image, or the error that its reader is told. */
async function outcome(archive: string): Promise<BaseImage | Error> {
  try {
    return await readImage({ file: archive }, readingContext);
  } catch (error) {
    return error as Error;
  }
}

function over(second: readonly Member[]): string {
  const folder = tmp();
  const first = [file("a", "a"), { path: "w", type: "directory" } as const, file("w/x", "x")];
  return dockerArchive(join(folder, "base.tar"), { layers: layerTars(join(folder, "tars"), [first, second]) });
}

test("a whiteout of no name, or of . or .., hides nothing: Docker refuses it", async () => {
  for (const name of [".wh.", ".wh..", ".wh...", "w/.wh.", "w/.wh..", "w/.wh..."]) {
    const found = await outcome(over([file(name, "")]));
    if (found instanceof Error) assert.instance(found, ImageDslError, name);
    else for (const path of ["a", "w", "w/x"]) assert.ok(found.tree.has(treePath(path)), `${name} hides ${path}`);
  }
});

test("a second name of a whiteout is told of, or a file", async () => {
  const found = await outcome(over([file(".wh.a", ""), { path: "b", type: "hardlink", target: ".wh.a" }]));
  if (found instanceof Error) assert.instance(found, ImageDslError, found.message);
  else assert.is(found.tree.get(treePath("b"))?.type, "file");
});

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f]/;

test("names in a manifest are shown without their control characters", async () => {
  for (const field of ["Config", "Layers"] as const) {
    const name = "\u001b[31mred\u0007";
    const manifest = [{ Config: "c", RepoTags: [], Layers: [], [field]: field === "Layers" ? [name] : name }];
    const archive = writeTar(join(tmp(), "base.tar"), [
      { path: "c", text: "{}" },
      { path: "manifest.json", text: JSON.stringify(manifest) },
    ]);
    const found = await outcome(archive);
    assert.instance(found, ImageDslError);
    assert.not.match((found as Error).message, CONTROL);
  }
});

test("a platform with control characters is none", async () => {
  const tar = writeTar(join(tmp(), "layer.tar"), [file("a", "a")]);
  const digest = createHash("sha256").update(readFileSync(tar)).digest("hex");
  const config = { os: "linux", architecture: "\u001b[31mred", rootfs: { diff_ids: [`sha256:${digest}`] } };
  const archive = writeTar(join(tmp(), "base.tar"), [
    { path: "l", host: tar },
    { path: "c", text: JSON.stringify(config) },
    { path: "manifest.json", text: JSON.stringify([{ Config: "c", RepoTags: [], Layers: ["l"] }]) },
  ]);
  const found = await outcome(archive);
  if (found instanceof Error) assert.not.match(found.message, CONTROL);
  else assert.not.match(found.platform.architecture, CONTROL);
});

test("a config that cannot be written again is refused as the base's", async () => {
  const tar = writeTar(join(tmp(), "layer.tar"), [file("a", "a")]);
  const digest = createHash("sha256").update(readFileSync(tar)).digest("hex");
  const rootfs = `"rootfs":{"diff_ids":["sha256:${digest}"]}`;
  const deep = 100_000;
  for (const value of ["1e999", `${'{"a":'.repeat(deep)}1${"}".repeat(deep)}`]) {
    const archive = writeTar(join(tmp(), "base.tar"), [
      { path: "l", host: tar },
      { path: "c", text: `{"config":{"Own":${value}},${rootfs}}` },
      { path: "manifest.json", text: JSON.stringify([{ Config: "c", RepoTags: [], Layers: ["l"] }]) },
    ]);
    const found = await outcome(archive);
    assert.is((found as Partial<ImageDslError>).code, "E_BASE_IMAGE", value.slice(0, 10));
  }
});

test.run();
