import { appendFileSync, existsSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../../harness.ts";
import { digestOf, hexOf } from "../../../core/model/digest.ts";
import { openStore } from "../../../core/store/disk-store.ts";
import { encodeRecord, readRecordFile } from "../../../core/store/record-file.ts";
import { checkSealed } from "../../../core/store/seal.ts";
import { verifyStore } from "../../../core/store/verify-store.ts";

const test = suite("store/verify-store");

const { signal } = new AbortController();
const KEY = hexOf(digestOf("key"));

async function filledStore() {
  const directory = join(tmp(), "store");
  const store = await openStore(directory);
  const bytes = (async function* () {
    yield Buffer.from("hello");
  })();
  const blob = await store.putBlob(digestOf("hello"), bytes, "greeting");
  const derived = await store.derive("things", KEY, ".x", async (file) => {
    writeFileSync(file, "derived");
    return digestOf("derived");
  });
  await store.writeRecord("facts", KEY, { a: 1 });
  store.close();
  return { directory, blob, derived, record: join(directory, "facts", KEY.slice(0, 2), `${KEY}.record`) };
}

test("a whole store is whole, read to its last byte", async () => {
  const { directory } = await filledStore();
  const progress: (readonly [number, number])[] = [];
  const { files, bytes, corrupt } = await verifyStore(directory, signal, (...each) => void progress.push(each));
  assert.is(files, 3);
  assert.equal(corrupt, []);
  assert.equal(progress.at(-1), [bytes, bytes]);
  assert.ok(progress.every(([done, total], index) => total === bytes && done >= (progress[index - 1]?.[0] ?? 0)));
});

test("what is not what was written is removed and named, also where its stat says nothing", async () => {
  const { directory, blob, derived, record } = await filledStore();
  appendFileSync(blob, "!");
  truncateSync(record, 70);
  // As of a disk that gives other bytes than were written: the seal's stat is the one that the file has now.
  writeFileSync(derived, "deRived");
  rmSync(`${derived}.seal`);
  const seen = { expected: digestOf("deRived"), temporary: () => join(directory, "tmp/seal") };
  assert.is((await checkSealed(derived, seen)).state, "whole");
  const [, stat] = readRecordFile(`${derived}.seal`)!.value as readonly string[];
  writeFileSync(`${derived}.seal`, encodeRecord([digestOf("derived"), stat!]));
  assert.is((await checkSealed(derived, { temporary: seen.temporary })).state, "whole");

  const harmed = [blob, record, derived];
  const { corrupt } = await verifyStore(directory, signal, () => {});
  assert.equal(
    corrupt,
    harmed.map((file) => file.slice(directory.length + 1)),
  );
  for (const file of harmed) assert.not.ok(existsSync(file));
  assert.equal(await verifyStore(directory, signal, () => {}), { files: 0, bytes: 0, corrupt: [] });
});

test("a file without a seal was never finished: it is neither whole nor corrupt, and may be somebody's yet", async () => {
  const { directory, derived } = await filledStore();
  rmSync(`${derived}.seal`);
  assert.equal((await verifyStore(directory, signal, () => {})).corrupt, []);
  assert.ok(existsSync(derived));
});

test("it stops when it is told to", async () => {
  const { directory } = await filledStore();
  const stopped = AbortSignal.abort(new Error("stop"));
  assert.match(String(await verifyStore(directory, stopped, () => {}).catch((error: unknown) => error)), "stop");
});

test.run();
