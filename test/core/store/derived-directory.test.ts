/** Directories that the store keeps: found again while nothing in them changed, and removed like all else. */
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../../harness.ts";
import { digestOf, hexOf } from "../../../core/model/digest.ts";
import { collectGarbage } from "../../../core/store/collect-garbage.ts";
import { openStore } from "../../../core/store/disk-store.ts";
import { listStore } from "../../../core/store/inventory.ts";
import { verifyStore } from "../../../core/store/verify-store.ts";
import { withoutRecords } from "../../../core/store/without-records.ts";

const test = suite("store/derived-directory");

const KEY = hexOf(digestOf("key"));
const { signal } = new AbortController();
let made = 0;

async function make(directory: string): Promise<void> {
  made++;
  mkdirSync(join(directory, "folder"));
  writeFileSync(join(directory, "folder/file"), "text");
  chmodSync(join(directory, "folder"), 0o555);
}

/** As each build does it. */
async function derived(directory: string): Promise<string> {
  const store = await openStore(directory);
  const found = await store.deriveDirectory("things", KEY, make, signal);
  const { path } = (await found!.isWhole()) ? found! : (await store.deriveDirectory("things", KEY, make, signal))!;
  store.close();
  assert.is(readFileSync(join(path, "folder/file"), "utf8"), "text");
  assert.equal(readdirSync(join(path, "folder")), ["file"]);
  assert.equal(readdirSync(join(directory, "tmp")), []);
  return path;
}

test("it is made once, and again where anything in it was changed, added or removed", async () => {
  const directory = join(tmp(), "store");
  made = 0;
  const content = await derived(directory);
  assert.is(await derived(directory), content);
  assert.is(made, 1);
  const folder = join(content, "folder");
  const changes = [
    () => {
      writeFileSync(join(folder, "file"), "TEXT");
      utimesSync(join(folder, "file"), 1, 1);
    },
    () => writeFileSync(join(folder, "another"), ""),
    () => rmSync(join(folder, "file")),
    () => chmodSync(join(folder, "file"), 0o600),
    () => appendFileSync(join(dirname(content), "facts.record"), " "),
  ];
  for (const [index, change] of changes.entries()) {
    chmodSync(folder, 0o755);
    change();
    assert.is(await derived(directory), content);
    assert.is(made, index + 2);
  }
});

test("one that cannot be made leaves nothing; two that make it at once both have it", async () => {
  const directory = join(tmp(), "store");
  const store = await openStore(directory);
  const failing = async (path: string) => {
    await make(path);
    throw new Error("as it happens");
  };
  const failed = await store.deriveDirectory("things", KEY, failing, signal).catch((error: Error) => error.message);
  assert.is(failed, "as it happens");
  assert.equal(readdirSync(join(directory, "tmp")), []);
  assert.equal(listStore(directory), []);
  const both = [1, 2].map(() => store.deriveDirectory("things", KEY, make, signal));
  const [first, second] = await Promise.all(both);
  assert.is(first!.path, second!.path);
  store.close();
  assert.is(await derived(directory), first!.path);
});

test("it is counted, verified and collected with all else", async () => {
  const directory = join(tmp(), "store");
  const content = await derived(directory);
  assert.equal(
    listStore(directory).map(({ kind, type, size }) => ({ kind, type, size })),
    [{ kind: "things", type: "directory", size: 4 }],
  );
  assert.equal((await verifyStore(directory, signal, () => {})).corrupt, []);
  chmodSync(join(content, "folder/file"), 0o600);
  assert.equal((await verifyStore(directory, signal, () => {})).corrupt, [`things/${KEY.slice(0, 2)}/${KEY}`]);
  await derived(directory);
  assert.is((await collectGarbage(directory, 0, signal)).files, 1);
  assert.equal(listStore(directory), []);
  assert.equal(readdirSync(join(directory, "tmp")), []);
});

test("who wants everything read, or nothing of earlier builds, gets none", async () => {
  const store = await openStore(join(tmp(), "store"), { readAll: true });
  assert.is(await store.deriveDirectory("things", KEY, make, signal), undefined);
  assert.is(await withoutRecords(store).deriveDirectory("things", KEY, make, signal), undefined);
  store.close();
});

test.run();
