/** What an OCI layout says of itself, and what of it may be believed. */
import { createHash } from "node:crypto";
import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { openImageFiles, type ImageFiles } from "../../../plugins/image-archive/files.ts";
import { listImages } from "../../../plugins/image-archive/manifests.ts";
import { readImage } from "../../../plugins/image-archive/read-image.ts";
import { ociLayout, layerTars } from "../../fixtures/base-images/archives.ts";
import { readingContext } from "../../fixtures/base-images/context.ts";
import { file } from "../../fixtures/base-images/root.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("image-archive/manifests");

interface Descriptor {
  readonly digest: string;
  readonly platform?: object;
  readonly annotations?: object;
}

/** A layout of one image with one layer. */
function layout() {
  const folder = tmp();
  const path = ociLayout(join(folder, "layout"), { layers: layerTars(join(folder, "tars"), [[file("a", "a")]]) });
  const blob = ({ digest }: Descriptor) => join(path, "blobs", digest.replace(":", "/"));
  const add = (json: unknown): Descriptor => {
    const text = JSON.stringify(json);
    const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
    writeFileSync(blob({ digest }), text);
    return { digest };
  };
  const index = JSON.parse(readFileSync(join(path, "index.json"), "utf8")) as { manifests: Descriptor[] };
  const manifest = JSON.parse(readFileSync(blob(index.manifests[0]!), "utf8")) as {
    config: Descriptor;
    layers: Descriptor[];
  };
  const setIndex = (manifests: readonly Descriptor[]) =>
    writeFileSync(join(path, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
  return { folder, path, blob, add, manifest, descriptor: index.manifests[0]!, setIndex };
}

const read = (path: string, more: object = {}) => readImage({ file: path, ...more }, readingContext);

async function codeOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
    return "none";
  } catch (error) {
    return (error as { code: unknown }).code;
  }
}

test("the untouched layout is read", async () => {
  assert.is((await read(layout().path)).layers.length, 1);
});

test("a config or a manifest that is not what its digest says is refused", async () => {
  for (const which of ["config", "manifest"] as const) {
    const { path, blob, manifest, descriptor } = layout();
    const changed = blob(which === "config" ? manifest.config : descriptor);
    writeFileSync(changed, `${readFileSync(changed, "utf8")} `);
    assert.is(await codeOf(() => read(path)), "E_HASH_MISMATCH", which);
  }
});

test("no link of a layout's folder is followed out of it", async () => {
  for (const which of ["blobs", "layer", "manifest.json"] as const) {
    const { folder, path, blob, manifest } = layout();
    const inside =
      which === "layer" ? blob(manifest.layers[0]!) : join(path, which === "blobs" ? "blobs" : "manifest.json");
    const outside = join(folder, "outside");
    if (which === "manifest.json") writeFileSync(outside, "secret of the host");
    else renameSync(inside, outside);
    symlinkSync(outside, inside);
    const error = await read(path).then(
      () => undefined,
      (cause: Error) => cause,
    );
    assert.ok(error, `${which}: followed`);
    const shown = `${error.message} ${String((error as { cause?: unknown }).cause)}`;
    assert.not.match(shown, /secret/, which);
  }
});

test("a link inside a layout's folder is followed", async () => {
  const { path, blob, manifest } = layout();
  const layer = blob(manifest.layers[0]!);
  renameSync(layer, join(path, "layer"));
  symlinkSync(join("..", "..", "layer"), layer);
  assert.is((await read(path)).layers.length, 1);
});

test("a small layout cannot say an image a million times over", async () => {
  const { path, descriptor, add, setIndex } = layout();
  const wide = 30;
  const many = (one: Descriptor) => Array.from({ length: wide }, () => one);
  setIndex(many(add({ manifests: many(add({ manifests: many(descriptor) })) })));
  const files = await openImageFiles(path, readingContext);
  let reads = 0;
  const counted: ImageFiles = { ...files, find: (name) => (reads++, files.find(name)) };
  await codeOf(() => listImages(counted));
  assert.ok(reads < 20_000, `${reads} files were looked for`);
});

test("blobs of other platforms may be missing (image-layout.md), of the wanted one not", async () => {
  const { path, blob, add, manifest, descriptor, setIndex } = layout();
  const other = add({ ...manifest, annotations: { of: "arm64" } });
  rmSync(blob(other));
  const platform = (architecture: string) => ({ platform: { os: "linux", architecture } });
  setIndex([
    { ...other, ...platform("arm64") },
    { ...descriptor, ...platform("amd64") },
  ]);
  assert.is((await read(path)).layers.length, 1);
  rmSync(blob(descriptor));
  assert.is(await codeOf(() => read(path)), "E_BASE_IMAGE");
});

test("an image's attestation is no second image, and one image for two platforms is one (mergeImages)", async () => {
  const { path, add, manifest, descriptor, setIndex } = layout();
  const platform = (os: string, architecture: string) => ({ platform: { os, architecture } });
  const attestation = {
    ...add({ ...manifest, annotations: { of: "unknown" } }),
    ...platform("unknown", "unknown"),
    annotations: { "vnd.docker.reference.type": "attestation-manifest" },
  };
  setIndex([{ ...descriptor, ...platform("linux", "amd64") }, attestation]);
  assert.is((await read(path, { sole: true })).layers.length, 1);
  const arm = { ...add({ ...manifest, annotations: { of: "arm64" } }), ...platform("linux", "arm64") };
  setIndex([add({ manifests: [{ ...descriptor, ...platform("linux", "amd64") }, arm] })]);
  assert.is((await read(path, { sole: true })).layers.length, 1);
});

test.run();
