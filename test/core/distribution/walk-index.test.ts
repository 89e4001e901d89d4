/** What indexes within an index come to. */
import * as assert from "uvu/assert";
import { descriptorJson, type Descriptor, type ImageDslError } from "../../../core/index.ts";
import { documentBlob, type DocumentBlob } from "../../../core/distribution/blob.ts";
import { MEDIA_TYPE } from "../../../core/distribution/media-types.ts";
import { walkIndex } from "../../../core/distribution/walk-index.ts";
import { suite } from "../../harness.ts";

const test = suite("distribution/walk-index");

const { index: INDEX, manifest: MANIFEST } = MEDIA_TYPE.oci;

function indexOf(manifests: readonly Descriptor[]): DocumentBlob {
  const json = { schemaVersion: 2, mediaType: INDEX, manifests: manifests.map(descriptorJson) };
  return documentBlob(INDEX, Buffer.from(JSON.stringify(json)));
}

function image(text: string, architecture: string): Descriptor {
  return { ...documentBlob(MANIFEST, Buffer.from(text)).descriptor, platform: { os: "linux", architecture } };
}

function named(descriptor: Descriptor, name: string): Descriptor {
  return { ...descriptor, annotations: { "org.opencontainers.image.ref.name": name } };
}

function walk(top: DocumentBlob, inner: readonly DocumentBlob[]) {
  const blobs = new Map(inner.map(({ descriptor, bytes }) => [descriptor.digest, bytes]));
  return walkIndex("layout", top.bytes, INDEX, ({ digest }) => Promise.resolve(blobs.get(digest)));
}

test("an index under two names brings its images under both", async () => {
  const both = indexOf([image("one", "amd64"), image("two", "arm64")]);
  const found = await walk(indexOf([named(both.descriptor, "1.0"), named(both.descriptor, "latest")]), [both]);
  assert.equal(
    found.map(({ names, descriptor }) => `${names.join()} ${descriptor.platform?.architecture}`),
    ["1.0 amd64", "1.0 arm64", "latest amd64", "latest arm64"],
  );
});

test("indexes that multiply are refused, however few and small they are", async () => {
  const levels = [indexOf([image("one", "amd64")])];
  for (let level = 0; level < 20; level++) {
    levels.push(indexOf(Array.from({ length: 10 }, () => levels.at(-1)!.descriptor)));
  }
  const error = await walk(levels.at(-1)!, levels).catch((thrown: unknown) => thrown as ImageDslError);
  assert.match((error as ImageDslError).message, /has more than 10000 images/);
});

test.run();
