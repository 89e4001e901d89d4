/** A registry that has a tag's manifest and not what is behind it: the next push of the same image brings it back. */
import * as assert from "uvu/assert";
import { digestOf, type PackedTarget } from "../../../core/index.ts";
import { documentBlob } from "../../../core/distribution/blob.ts";
import { previewPush } from "../../../plugins/registry/push/preview-push.ts";
import { pushTarget } from "../../../plugins/registry/push/push-target.ts";
import { suite } from "../../harness.ts";
import { clientOf } from "./support/asking.ts";
import { blobRegistry, type BlobRegistry } from "./support/blob-registry.ts";
import { onTestHost } from "./support/host-credentials.ts";
import { layerOf, pushContext, random, targetOf, type TestContext } from "./support/pushing.ts";

const test = suite("registry/lost");

const LAYER = random(1000);
const image = () => targetOf([layerOf(random(10), true), layerOf(LAYER, true)]);

async function pushed(
  work: (
    registry: BlobRegistry,
    push: (target: PackedTarget) => Promise<number>,
    context: TestContext,
  ) => Promise<void>,
) {
  await onTestHost(async () => {
    await using registry = await blobRegistry();
    await using context = await pushContext();
    const push = async (target: PackedTarget) =>
      (await pushTarget(target, { client: clientOf(registry), name: "app" }, ["1"], context)).sentBlobs;
    await work(registry, push, context);
  });
}

/** All their images under one index. */
function indexOf(targets: readonly PackedTarget[]): PackedTarget {
  const images = targets.flatMap((each) => each.images);
  const top = async () => {
    const manifests = await Promise.all(images.map(async (each) => (await each.manifest()).descriptor));
    const type = "application/vnd.oci.image.index.v1+json";
    return documentBlob(type, Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })));
  };
  return { ...targets[0]!, images, top, parts: () => Promise.resolve({ manifests: images, indexes: [] }) };
}

test("a config or a top layer that is gone is sent again, and no other layer", async () => {
  await pushed(async (registry, push) => {
    const target = image();
    assert.is(await push(target), 3);
    const { descriptor } = await target.images[0]!.config();
    // With a layer goes the config, unasked.
    for (const [digest, sent] of [
      [descriptor.digest, 1],
      [digestOf(LAYER), 2],
    ] as const) {
      registry.blobs.delete(digest);
      assert.is(await push(target), sent, digest);
      assert.ok(registry.blobs.has(digest));
    }
    const before = registry.requests.length;
    assert.is(await push(target), 0);
    assert.is(registry.requests.length - before, 3);
  });
});

test("an image of an index that is gone is there again, with its blobs", async () => {
  await pushed(async (registry, push) => {
    const target = indexOf([image(), targetOf([layerOf(random(2000), true)], { of: "another" })]);
    assert.is(await push(target), 5);
    const { descriptor } = await target.images[1]!.manifest();
    registry.manifests.delete(descriptor.digest);
    const { digest } = (await target.images[1]!.config()).descriptor;
    registry.blobs.delete(digest);
    assert.is(await push(target), 1);
    assert.ok(registry.manifests.has(descriptor.digest) && registry.blobs.has(digest));
    const before = registry.requests.length;
    assert.is(await push(target), 0);
    assert.is(registry.requests.length - before, 3);
  });
});

test("--dry-run foretells what is lost behind a tag, and no mount from a repository that is gone", async () => {
  await pushed(async (registry, push, context) => {
    const target = image();
    const repository = { client: clientOf(registry), name: "app" };
    await push(target);
    registry.blobs.delete(digestOf(LAYER));
    assert.equal(await previewPush(target, repository, context), {
      sentBlobs: 1,
      sentBytes: 1000,
      mounted: 0,
      present: 2,
    });
    // What is remembered of "app" is no place to mount from any more.
    registry.blobs.clear();
    const elsewhere = { client: repository.client, name: "other" };
    assert.is((await previewPush(target, elsewhere, context)).mounted, 0);
    assert.ok(registry.lines().some((line) => line.startsWith("HEAD /v2/app/blobs/")));
  });
});

test.run();
