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
import { writeTar } from "../../fixtures/base-images/tar.ts";
import type { ImageDslError } from "../../../core/index.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("image-archive/manifests");

interface Descriptor {
  readonly mediaType?: unknown;
  readonly size?: unknown;
  readonly digest: string;
  readonly platform?: object;
  readonly annotations?: object;
}

/** A layout of one image with one layer. */
function layout() {
  const folder = tmp();
  const path = ociLayout(join(folder, "layout"), { layers: layerTars(join(folder, "tars"), [[file("a", "a")]]) });
  const blob = ({ digest }: Descriptor) => join(path, "blobs", digest.replace(":", "/"));
  /** A manifest, or an index where it has manifests. */
  const add = (json: object): Descriptor => {
    const text = JSON.stringify(json);
    const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
    writeFileSync(blob({ digest }), text);
    const kind = "manifests" in json ? "index" : "manifest";
    return { mediaType: `application/vnd.oci.image.${kind}.v1+json`, digest, size: Buffer.byteLength(text) };
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
    writeFileSync(
      changed,
      readFileSync(changed, "utf8").replace(/linux|"layers"/, (word) => word.toUpperCase()),
    );
    assert.is(await codeOf(() => read(path)), "E_HASH_MISMATCH", which);
  }
});

const WRONG: Readonly<Record<string, readonly [where: string, more: object, reason: RegExp]>> = {
  "a size that is too large": ["manifest", { size: 4711 }, /has \d+ bytes, and its descriptor says 4711/],
  "a layer's size that is too small": ["layer", { size: 1 }, /has 10240 bytes, and its descriptor says 1/],
  "a config's size": ["config", { size: 3 }, /its descriptor says 3/],
  "a negative size": ["manifest", { size: -1 }, /a size that is none in its index/],
  "a size beyond all numbers": ["layer", { size: 1e300 }, /a size that is none in a manifest/],
  "a size that is a text": ["config", { size: "600" }, /a size that is none/],
  "no size": ["layer", { size: undefined }, /has no size in a manifest/],
  "no media type": ["manifest", { mediaType: undefined }, /has no media type in its index/],
  "a layer without a media type": ["layer", { mediaType: "" }, /has no media type in a manifest/],
  "an unknown media type": ["manifest", { mediaType: "text/x" }, /its index speaks of text\/x, and of no image/],
  "a layer of an unknown type": [
    "layer",
    { mediaType: "application/wasm" },
    /a layer of it is of the type application\/wasm/,
  ],
  "a config of something else": [
    "config",
    { mediaType: "application/vnd.cncf.helm.config.v1+json" },
    /is no image: its config/,
  ],
  "an index that is a manifest": [
    "manifest",
    { mediaType: "application/vnd.oci.image.index.v1+json" },
    /says application\/vnd.oci.image.manifest.v1\+json of its type/,
  ],
};

for (const [what, [where, more, reason]] of Object.entries(WRONG)) {
  test(`${what} of a descriptor is refused, with the reason`, async () => {
    const { path, add, manifest, descriptor, setIndex } = layout();
    const { config, layers } = manifest;
    const changed = add({
      ...manifest,
      ...(where === "config" && { config: { ...config, ...more } }),
      ...(where === "layer" && { layers: layers.map((layer) => ({ ...layer, ...more })) }),
    });
    setIndex([{ ...(where === "manifest" ? descriptor : changed), ...(where === "manifest" && more) }]);
    const error = await read(path).catch((thrown: unknown) => thrown as ImageDslError);
    assert.match((error as ImageDslError).message, reason);
    assert.is((error as ImageDslError).place?.file, path);
  });
}

test("a document that is index and manifest, of another type than was said, or of another schema is refused", async () => {
  const { path, add, manifest, descriptor, setIndex } = layout();
  const both = { ...manifest, mediaType: undefined, manifests: [descriptor] };
  const cases: readonly (readonly [Descriptor, RegExp])[] = [
    [add(both), /has manifests and layers/],
    [{ ...add(both), mediaType: "application/vnd.oci.image.manifest.v1+json" }, /has manifests and layers/],
    [
      add({ ...manifest, mediaType: "application/vnd.docker.distribution.manifest.v2+json" }),
      /says application\/vnd.docker.* of its type/,
    ],
    [add({ ...manifest, mediaType: 5 }), /says no text of its type/],
    [add({ ...manifest, schemaVersion: 1 }), /of Docker.s schema 1/],
    [add({ ...manifest, schemaVersion: 3 }), /another schema than 2/],
  ];
  for (const [each, reason] of cases) {
    setIndex([each]);
    const error = await read(path).catch((thrown: unknown) => thrown as ImageDslError);
    assert.match((error as ImageDslError).message, reason);
  }
  setIndex([add({ ...manifest, schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json" })]);
  assert.is((await read(path)).layers.length, 1);
});

test("what an index has beside images is passed over, as the specification says", async () => {
  const { path, add, descriptor, setIndex } = layout();
  setIndex([{ ...add({ any: "thing" }), mediaType: "application/vnd.example+json" }, descriptor]);
  assert.is((await read(path, { sole: true })).layers.length, 1);
});

test("one layer ninety thousand times over is refused before it is read", async () => {
  const { path, add, manifest, setIndex } = layout();
  const [layer] = manifest.layers;
  setIndex([add({ ...manifest, layers: Array.from({ length: 30_000 }, () => layer) })]);
  const error = await read(path).catch((thrown: unknown) => thrown as ImageDslError);
  assert.match((error as ImageDslError).message, /it has 30000 layers, and 127 is the most/);
  const archive = writeTar(join(tmp(), "base.tar"), [
    { path: "c", text: "{}" },
    {
      path: "manifest.json",
      text: JSON.stringify([{ Config: "c", Layers: Array.from({ length: 90_000 }, () => "c") }]),
    },
  ]);
  const other = await read(archive).catch((thrown: unknown) => thrown as ImageDslError);
  assert.match((other as ImageDslError).message, /it has 90000 layers/);
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
