import { chmodSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../../harness.ts";
import { digestOf, hexOf } from "../../../core/model/digest.ts";
import { collectGarbage } from "../../../core/store/collect-garbage.ts";
import { openStore } from "../../../core/store/disk-store.ts";
import { listStore } from "../../../core/store/inventory.ts";
import { enter } from "../../../core/store/presence.ts";
import type { Store } from "../../../core/store/store.ts";

const test = suite("store/collect-garbage");

const { signal } = new AbortController();
const HOURS = 60 * 60 * 1000;
const TEXT = "x".repeat(1000);

/** Its blobs, derived files and records, each named by a number, were used so many hours ago. */
async function storeOf(ages: Readonly<Record<string, number>>): Promise<{ directory: string; store: Store }> {
  const directory = join(tmp(), "store");
  const store = await openStore(directory);
  for (const [name, hours] of Object.entries(ages)) {
    const then = (Date.now() - hours * HOURS) / 1000;
    utimesSync(await put(store, name), then, then);
  }
  return { directory, store };
}

/** Gives the file whose time is the last use. */
async function put(store: Store, name: string): Promise<string> {
  const key = hexOf(digestOf(name));
  if (name.startsWith("record")) {
    await store.writeRecord("facts", key, TEXT);
    return join(store.directory, "facts", key.slice(0, 2), `${key}.record`);
  }
  const text = TEXT + name;
  if (name.startsWith("blob")) {
    const bytes = (async function* () {
      yield Buffer.from(text);
    })();
    return `${await store.putBlob(digestOf(text), bytes, name)}.seal`;
  }
  const make = async (file: string) => {
    writeFileSync(file, text);
    return digestOf(text);
  };
  return `${await store.derive("things", key, ".x", make)}.seal`;
}

async function left(store: Store, names: readonly string[]): Promise<readonly string[]> {
  const files = new Set(listStore(store.directory).map(({ file }) => file));
  const places = await Promise.all(
    names.map(async (name) => {
      const key = hexOf(digestOf(name.startsWith("blob") ? TEXT + name : name));
      const [kind, extension] = name.startsWith("blob")
        ? ["blobs", ""]
        : name.startsWith("record")
          ? ["facts", ".record"]
          : ["things", ".x"];
      return [name, join(store.directory, kind!, key.slice(0, 2), key + extension!)] as const;
    }),
  );
  return places.filter(([, file]) => files.has(file)).map(([name]) => name);
}

test("derived files go first, then what was not used for longest, and only as much as has to", async () => {
  const ages = { blob1: 900, blob2: 100, derived1: 50, derived2: 400, record1: 500, record2: 1 };
  const { directory, store } = await storeOf(ages);
  store.close();
  const total = listStore(directory).reduce((sum, { size }) => sum + size, 0);
  for (const [less, expected] of [
    [0, ["blob1", "blob2", "derived1", "derived2", "record1", "record2"]],
    [1, ["blob1", "blob2", "derived1", "record1", "record2"]],
    [1300, ["blob1", "blob2", "record1", "record2"]],
    [2600, ["blob2", "record1", "record2"]],
    [3900, ["blob2", "record2"]],
    [total, []],
  ] as const) {
    const collected = await collectGarbage(directory, total - less, signal);
    assert.equal(await left(store, Object.keys(ages)), expected, `${less} less`);
    assert.ok(collected.left <= total - less);
    assert.is(collected.isSpared, false);
  }
  assert.equal(listStore(directory), []);
});

test("what a running build may use stays: all that was used since a day before it began", async () => {
  const ages = { blob1: 30, blob2: 20, derived1: 300, derived2: 0, record1: 26, record2: 23 };
  const { directory, store } = await storeOf(ages);
  const collected = await collectGarbage(directory, 0, signal);
  assert.equal(await left(store, Object.keys(ages)), ["blob2", "derived2", "record2"]);
  assert.ok(collected.isSpared);
  assert.is(collected.files, 3);
  store.close();
  assert.is((await collectGarbage(directory, 0, signal)).left, 0);
});

test("a use is noted, so what a build has just looked at stays", async () => {
  const ages = { blob1: 300, derived1: 300, record1: 300, blob2: 300, derived2: 300, record2: 300 };
  const { directory, store } = await storeOf(ages);
  assert.ok(await store.findBlob(digestOf(`${TEXT}blob1`)));
  await put(store, "derived1");
  assert.ok(await store.readRecord("facts", hexOf(digestOf("record1"))));
  await collectGarbage(directory, 0, signal);
  assert.equal(await left(store, Object.keys(ages)), ["blob1", "derived1", "record1"]);
});

test("a build waits for a collection that is under way, and not for one whose process is gone", async () => {
  const directory = join(tmp(), "store");
  (await openStore(directory)).close();
  const collection = enter(directory, "gc");
  let isOpen = false;
  const opening = openStore(directory).then((store) => {
    isOpen = true;
    return store;
  });
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.is(isOpen, false);
  collection.leave();
  (await opening).close();
  const name = readdirSync(join(directory, "running"));
  assert.equal(name, []);
  // No process has this number and this start.
  const dead = enter(directory, "gc");
  const [mark] = readdirSync(join(directory, "running"));
  dead.leave();
  writeFileSync(join(directory, "running", mark!.replace(/-\d+\./, "-1.")), "1\n");
  (await openStore(directory)).close();
  assert.equal(readdirSync(join(directory, "running")), []);
});

test("what killed processes left goes, and kept work directories after a day", async () => {
  const { directory, store } = await storeOf({});
  const fresh = await (await store.temporaryDirectory("script")).keep();
  const old = await (await store.temporaryDirectory("script")).keep();
  mkdirSync(join(old, "sub"));
  const then = (Date.now() - 25 * HOURS) / 1000;
  utimesSync(old, then, then);
  const elsewhere = join(directory, "tmp/file.0123456789ab-12-345.12-abc");
  writeFileSync(elsewhere, "");
  utimesSync(elsewhere, then, then);
  const { workDirectories } = await collectGarbage(directory, 1e9, signal);
  assert.is(workDirectories, 2);
  assert.equal(
    readdirSync(join(directory, "kept")).map((name) => join(directory, "kept", name)),
    [fresh],
  );
  assert.equal(readdirSync(join(directory, "tmp")), []);
});

test("a cache that is set to where other files lie: these are none of ours", async () => {
  const home = join(tmp(), "home");
  const hex = "0123456789abcdef".repeat(4);
  const files = ["letters/2024/a.txt", `photos/01/a.jpg`, `photos/ab/${hex}.jpg`, "tmp/a", "kept/b", "running/c", "d"];
  for (const file of files) {
    mkdirSync(dirname(join(home, file)), { recursive: true, mode: 0o700 });
    writeFileSync(join(home, file), "mine");
    utimesSync(join(home, file), 1, 1);
  }
  chmodSync(home, 0o700);
  (await openStore(home)).close();
  await collectGarbage(home, 0, signal);
  for (const file of files) assert.ok(existsSync(join(home, file)), file);
});

test.run();
