/** Layers as blobs: which bytes, what is remembered of them, and what becomes of a base's. */
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import * as assert from "uvu/assert";
import { digestOf, digestOfBlob, type Blob, type ImageDslError, type Layer } from "../../../core/index.ts";
import { packLayers } from "../../../core/distribution/pack-layer.ts";
import { openStore } from "../../../core/store/disk-store.ts";
import type { Store } from "../../../core/store/store.ts";
import { taskPool } from "../../../core/tasks/task-pool.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("distribution/pack-layer");

const { signal } = new AbortController();
const tasks = taskPool({ jobs: 2, signal, worker: new URL("../tasks/source-worker.mjs", import.meta.url) });
test.after(() => tasks.close());

const TAR = Buffer.from("what stands for a layer's tar ".repeat(1000));

/** `isKnown`: its diffID was found by an earlier build. */
function layer(bytes: Buffer, isKnown: boolean, blob?: Layer["blob"]) {
  let reads = 0;
  let known = isKnown ? digestOf(bytes) : undefined;
  const made: Layer = {
    entries: [],
    size: bytes.length,
    knownDiffID: () => known,
    diffID: () => Promise.resolve(digestOf(bytes)),
    ...(blob && { blob }),
    async *open() {
      reads++;
      yield bytes;
      known = digestOf(bytes);
    },
  };
  return { layer: made, reads: () => reads };
}

async function bytesOf(blob: Blob): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of blob.open()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function packLayer(one: Layer, ...settings: Tail<Parameters<typeof packLayers>>): Blob {
  return packLayers([one], ...settings)[0]!;
}

type Tail<List extends readonly unknown[]> = List extends readonly [unknown, ...infer Rest] ? Rest : never;

async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
  const store = await openStore(tmp(), { emit: () => {} });
  try {
    await work(store);
  } finally {
    store.close();
  }
}

test("a compressed layer is read once: the next build knows its digest and size by the diffID", async () => {
  await withStore(async (store) => {
    const options = { store, tasks, signal };
    const first = packLayer(layer(TAR, false).layer, { compression: "gzip", format: "oci" }, options);
    assert.is(await first.known(), undefined);
    const bytes = await bytesOf(first);
    assert.equal(gunzipSync(bytes), TAR);
    assert.equal(await first.known(), { digest: digestOf(bytes), size: bytes.length });
    const again = layer(TAR, true);
    const second = packLayer(again.layer, { compression: "gzip", format: "docker" }, options);
    assert.equal(await digestOfBlob(second), { digest: digestOf(bytes), size: bytes.length });
    assert.is(again.reads(), 0);
    // Another codec is another blob.
    const zstd = packLayer(again.layer, { compression: "zstd", format: "oci" }, options);
    assert.is(await zstd.known(), undefined);
    assert.is.not((await digestOfBlob(zstd)).digest, digestOf(bytes));
  });
});

test("a digest that was remembered wrongly is told when the bytes are made", async () => {
  await withStore(async (store) => {
    const wrong = { digest: digestOf("other"), size: 7 };
    const lying = { ...store, derive: store.derive.bind(store), readRecord: () => Promise.resolve(wrong) } as Store;
    const blob = packLayer(
      layer(TAR, true).layer,
      { compression: "gzip", format: "oci" },
      { store: lying, tasks, signal },
    );
    const error = await bytesOf(blob).catch((thrown: unknown) => thrown as ImageDslError);
    assert.is((error as ImageDslError).code, "E_HASH_MISMATCH");
  });
});

test("a base's layer is its blob, byte for byte, whatever the image's compression, in the manifest's own format", async () => {
  await withStore(async (store) => {
    const blobBytes = Buffer.from("compressed by somebody else");
    const blob = {
      mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
      digest: digestOf(blobBytes),
      size: blobBytes.length,
      async *open() {
        yield blobBytes;
      },
    };
    for (const compression of ["none", "gzip", "zstd"] as const) {
      const { layer: own, reads } = layer(TAR, true, blob);
      const packed = packLayer(own, { compression, format: "oci" }, { store, tasks, signal });
      assert.is(packed.mediaType, "application/vnd.oci.image.layer.v1.tar+gzip");
      assert.equal(await packed.known(), { digest: digestOf(blobBytes), size: blobBytes.length });
      assert.equal(await bytesOf(packed), blobBytes);
      assert.is(reads(), 0);
    }
    const changed = { ...blob, open: () => [Buffer.from("changed since it was read   ")] as never };
    const packed = packLayer(
      layer(TAR, true, changed).layer,
      { compression: "gzip", format: "oci" },
      { store, tasks, signal },
    );
    const error = await bytesOf(packed).catch((thrown: unknown) => thrown as ImageDslError);
    assert.is((error as ImageDslError).code, "E_HASH_MISMATCH");
  });
});

test("a plain layer is its tar, and its digest the diffID", async () => {
  await withStore(async (store) => {
    const packed = packLayer(
      layer(TAR, false).layer,
      { compression: "none", format: "docker" },
      { store, tasks, signal },
    );
    assert.is(packed.mediaType, "application/vnd.docker.image.rootfs.diff.tar");
    assert.is(await packed.known(), undefined);
    assert.is(
      createHash("sha256")
        .update(await bytesOf(packed))
        .digest("hex"),
      (await packed.known())!.digest.slice(7),
    );
  });
});

test("layers of one image are the same blobs in whichever order they are read, and each is read once", async () => {
  const tars = [50, 0, 3_000_000, 70, 5_000_000, 20].map((size, index) => Buffer.alloc(size, `layer ${index} `));
  const packing = { compression: "gzip", format: "oci" } as const;
  const alone: Buffer[] = [];
  await withStore(async (store) => {
    for (const tar of tars)
      alone.push(await bytesOf(packLayer(layer(tar, false).layer, packing, { store, tasks, signal })));
  });
  for (const order of [
    [0, 1, 2, 3, 4, 5],
    [5, 4, 3, 2, 1, 0],
    [2, 4, 5, 0, 1, 3],
  ]) {
    await withStore(async (store) => {
      const layers = tars.map((tar) => layer(tar, false));
      const packed = packLayers(
        layers.map((each) => each.layer),
        packing,
        { store, tasks, signal },
      );
      for (const index of order) assert.equal(await bytesOf(packed[index]!), alone[index]);
      if (order[0] === 0) assert.ok(layers.every(({ reads }) => reads() === 1));
    });
    await withStore(async (store) => {
      const packed = packLayers(
        tars.map((tar) => layer(tar, false).layer),
        packing,
        { store, tasks, signal },
      );
      for (const pair of [order.slice(0, 2), order.slice(2, 4), order.slice(4)]) {
        const found = await Promise.all(pair.map((index) => bytesOf(packed[index]!)));
        assert.equal(
          found,
          pair.map((index) => alone[index]),
        );
      }
    });
  }
});

test.run();
