import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { dockerArchive, readTarFiles, treePath, type Image } from "../../../core/index.ts";
import { randomImage } from "../../../core/testing/index.ts";
import { requireTool, suite, tmp } from "../../harness.ts";

const test = suite("format/docker-archive");

async function archived(images: readonly Image[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const named = images.map((image) => ({ image, reference: () => image.reference() }));
  // A chunk stays valid until the one after the next is asked for.
  for await (const chunk of dockerArchive(named)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

interface Manifest {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  readonly Layers: readonly string[];
}

async function read(tar: Buffer): Promise<{ files: Map<string, Uint8Array>; manifest: Manifest[] }> {
  const files = await readTarFiles([tar]);
  return { files, manifest: JSON.parse(Buffer.from(files.get(treePath("manifest.json"))!).toString()) as Manifest[] };
}

test("layers come first, then the config under its digest, then the manifest", async () => {
  const image = randomImage(1);
  const { files, manifest } = await read(await archived([image]));
  const config = `${(await image.configDigest()).slice(7)}.json`;
  const layers = image.layers.map((_, index) => `layer-${String(index).padStart(3, "0")}/layer.tar`);
  assert.equal([...files.keys()], [...layers, config, "manifest.json"]);
  assert.equal(manifest, [{ Config: config, RepoTags: [await image.reference()], Layers: layers }]);
  const parsed = JSON.parse(Buffer.from(files.get(config)!).toString()) as {
    rootfs: { diff_ids: string[] };
    history: unknown[];
  };
  assert.equal(parsed.rootfs.diff_ids, await Promise.all(image.layers.map((layer) => layer.diffID())));
  assert.is(parsed.history.length, image.layers.length);
});

test("a bundle holds each shared layer once, numbered over all images", async () => {
  const [one, two] = [randomImage(2), randomImage(3)];
  const { files, manifest } = await read(await archived([one, two, one]));
  const members = [...files.keys()].filter((name) => name.endsWith("layer.tar"));
  assert.is(members.length, one.layers.length + two.layers.length);
  assert.equal(manifest[2]!.Layers, manifest[0]!.Layers);
  assert.is(manifest[2]!.Config, manifest[0]!.Config);
  assert.is(manifest[1]!.Layers[0], `layer-${String(one.layers.length).padStart(3, "0")}/layer.tar`);
});

test("skopeo reads random images and finds the same digests", async () => {
  requireTool("skopeo");
  for (const seed of [11, 12, 13]) {
    const image = randomImage(seed);
    const file = join(tmp(), "image.tar");
    writeFileSync(file, await archived([image]));
    const config = execFileSync("skopeo", ["inspect", "--config", "--raw", `docker-archive:${file}`]);
    assert.is(config.toString(), Buffer.from(await image.configBytes()).toString());
  }
});

test.run();
