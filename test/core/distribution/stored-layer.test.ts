/** Layers of images from elsewhere: that they are what was said of them, now and while the build runs. */
import { createHash } from "node:crypto";
import { readFileSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as assert from "uvu/assert";
import { digestFromHex, digestOf } from "../../../core/index.ts";
import { readAt, storedLayer } from "../../../core/distribution/stored-layer.ts";
import { openStore } from "../../../core/store/disk-store.ts";
import { taskPool } from "../../../core/tasks/task-pool.ts";
import { readingContext } from "../../fixtures/base-images/context.ts";
import { file } from "../../fixtures/base-images/root.ts";
import { writeTar } from "../../fixtures/base-images/tar.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("distribution/stored-layer");

for (const how of ["renamed over it", "written into it"] as const) {
  test(`other bytes with the same size and time, ${how}, are not handed on as the layer`, async () => {
    const folder = tmp();
    const tar = writeTar(join(folder, "layer.tar"), [file("a", "good")]);
    const good = readFileSync(tar);
    utimesSync(tar, 1, 1);
    const diffID = digestFromHex(createHash("sha256").update(good).digest("hex"));
    const layer = await storedLayer({ file: tar, offset: 0, size: good.length }, diffID, readingContext);

    const other = Buffer.from(good);
    other.write("evil", good.indexOf("good"));
    // File systems tell times in ticks of some milliseconds.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const target = how === "renamed over it" ? join(folder, "other.tar") : tar;
    writeFileSync(target, other);
    utimesSync(target, 1, 1);
    if (target !== tar) renameSync(target, tar);
    assert.is(statSync(tar).mtimeMs, 1000);

    let code: unknown;
    try {
      for await (const piece of layer.open()) assert.ok(piece);
    } catch (error) {
      ({ code } = error as { code: unknown });
    }
    assert.is(code, "E_CONTENT_CHANGED");
  });
}

const { signal } = new AbortController();
const tasks = taskPool({ jobs: 1, signal, worker: new URL("../tasks/source-worker.mjs", import.meta.url) });
test.after(() => tasks.close());

test("a blob that claims to hold a layer which the store has already is compared with both digests all the same", async () => {
  const folder = tmp();
  const store = await openStore(join(folder, "store"), { emit: () => {} });
  const context = { ...readingContext, store, tasks };
  const compressed = (text: string) => {
    const tar = readFileSync(writeTar(join(folder, `${text}.tar`), [file("a", text)]));
    const bytes = gzipSync(tar);
    const path = join(folder, `${text}.tar.gz`);
    writeFileSync(path, bytes);
    const blob = {
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      digest: digestOf(bytes),
      size: bytes.length,
      open: () => readAt({ file: path, offset: 0, size: bytes.length }),
    };
    return { place: { file: path, offset: 0, size: bytes.length }, blob, diffID: digestOf(tar) };
  };
  const good = compressed("good");
  const evil = compressed("evil");
  const codeOf = async (place: typeof good.place, blob: typeof good.blob) =>
    storedLayer(place, good.diffID, context, blob).then(
      () => "read",
      ({ code }: { code: string }) => code,
    );
  assert.is(await codeOf(good.place, good.blob), "read");
  assert.is(await codeOf(evil.place, evil.blob), "E_HASH_MISMATCH");
  assert.is(await codeOf(good.place, evil.blob), "E_HASH_MISMATCH");
  store.close();
});

test.run();
