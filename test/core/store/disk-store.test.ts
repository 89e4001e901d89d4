import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../../harness.ts";
import type { ImageDslError } from "../../../core/error.ts";
import { digestOf, hexOf } from "../../../core/model/digest.ts";
import { openStore } from "../../../core/store/disk-store.ts";

const test = suite("store/disk-store");

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function leftovers(directory: string): string[] {
  return readdirSync(join(directory, "tmp"));
}

test("a blob is found after it was put, and not before", async () => {
  const store = await openStore(tmp());
  const digest = digestOf("hello");
  assert.is(await store.findBlob(digest), undefined);
  const path = await store.putBlob(digest, once("hello"), "greeting");
  assert.is(await store.findBlob(digest), path);
  assert.is(readFileSync(path, "utf8"), "hello");
});

test("other bytes than announced are refused by name, and nothing of them stays", async () => {
  const directory = tmp();
  const store = await openStore(directory);
  const error = (await store
    .putBlob(digestOf("hello"), once("hullo"), "greeting")
    .catch((thrown: unknown) => thrown)) as ImageDslError;
  assert.is(error.code, "E_HASH_MISMATCH");
  assert.match(error.message, "greeting");
  assert.is(await store.findBlob(digestOf("hello")), undefined);
  assert.equal(leftovers(directory), []);
});

test("what is derived is made once; a failing make leaves nothing", async () => {
  const directory = tmp();
  const store = await openStore(directory);
  const key = hexOf(digestOf("key"));
  let made = 0;
  const make = async (file: string): Promise<void> => {
    made++;
    writeFileSync(file, "half");
    if (made === 1) throw new Error("interrupted");
  };
  await store.derive("things", key, ".x", make).catch(() => {});
  assert.equal(leftovers(directory), []);
  const path = await store.derive("things", key, ".x", make);
  assert.is(await store.derive("things", key, ".x", make), path);
  assert.is(made, 2);
});

test("records round-trip; a broken one counts as absent", async () => {
  const directory = tmp();
  const store = await openStore(directory);
  const key = hexOf(digestOf("key"));
  await store.writeRecord("facts", key, { a: [1, null, "x"] });
  assert.equal(await store.readRecord("facts", key), { a: [1, null, "x"] });
  writeFileSync(join(directory, "facts", key.slice(0, 2), `${key}.json`), '{"a": [');
  assert.is(await store.readRecord("facts", key), undefined);
});

test("the store is private, and its temporary directories go", async () => {
  const directory = join(tmp(), "deep/store");
  const store = await openStore(directory);
  const temporary = await store.temporaryDirectory("work");
  assert.is(statSync(temporary.path).mode & 0o777, 0o700);
  mkdirSync(join(temporary.path, "sub"));
  await temporary.dispose();
  assert.equal(leftovers(directory), []);
});

test("a place that cannot be written is a clear error", async () => {
  const file = join(tmp(), "file");
  writeFileSync(file, "");
  const error = (await openStore(join(file, "store")).catch((thrown: unknown) => thrown)) as ImageDslError;
  assert.is(error.code, "E_STORE");
  assert.match(error.hint ?? "", "IMAGE_DSL_CACHE");
});

test("a store that others may write to is refused, whatever the umask it is made under", async () => {
  const before = process.umask(0);
  try {
    const directory = join(tmp(), "store");
    await openStore(directory);
    assert.is(statSync(directory).mode & 0o777, 0o700);
    chmodSync(directory, 0o777);
    const error = (await openStore(directory).catch((thrown: unknown) => thrown)) as ImageDslError;
    assert.is(error.code, "E_STORE");
    assert.match(error.hint ?? "", "chmod");
  } finally {
    process.umask(before);
  }
});

test("a blob or a derived file that was cut off counts as absent where its size is known", async () => {
  const store = await openStore(tmp());
  const digest = digestOf("hello");
  const path = await store.putBlob(digest, once("hello"), "greeting");
  const make = async (file: string): Promise<void> => writeFileSync(file, "whole");
  const derived = await store.derive("things", hexOf(digest), "", make);
  for (const file of [path, derived]) writeFileSync(file, "");
  assert.is(await store.findBlob(digest), path);
  assert.is(await store.findBlob(digest, 5), undefined);
  await store.putBlob(digest, once("hello"), "greeting");
  assert.is(await store.findBlob(digest, 5), path);
  await store.derive("things", hexOf(digest), "", make);
  assert.is(readFileSync(derived, "utf8"), "");
  await store.derive("things", hexOf(digest), "", make, (size) => size === 5);
  assert.is(readFileSync(derived, "utf8"), "whole");
});

test.run();
