import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { suite, tmp } from "../../harness.ts";
import type { ImageDslError } from "../../../core/error.ts";
import { digestOf, hexOf } from "../../../core/model/digest.ts";
import type { BuildEvent } from "../../../core/model/event.ts";
import { openStore } from "../../../core/store/disk-store.ts";
import { encodeRecord } from "../../../core/store/record-file.ts";
import type { Store } from "../../../core/store/store.ts";

const test = suite("store/disk-store");
/** Milliseconds: more than the steps in which a kernel tells times. */
const LATER = 20;
const KEY = hexOf(digestOf("key"));

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function leftovers(directory: string): string[] {
  return readdirSync(join(directory, "tmp"));
}

/** Makes the derived file, and counts how often it had to. */
function maker(text: string): ((store: Store) => Promise<string>) & { made: number } {
  const derive = async (store: Store): Promise<string> =>
    store.derive("things", KEY, ".x", async (file) => {
      derive.made++;
      writeFileSync(file, text, { flag: "wx" });
      return digestOf(text);
    });
  derive.made = 0;
  return derive;
}

/** Changes one byte in place, as a bad disk or `dd conv=notrunc` does. */
function flip(file: string, offset: number): void {
  const descriptor = openSync(file, "r+");
  const { [offset]: byte = 0 } = readFileSync(file);
  writeSync(descriptor, Uint8Array.of(byte ^ 1), 0, 1, offset);
  closeSync(descriptor);
}

/** As a seal tells it. */
function statText(file: string): string {
  const { size, mtimeNs, ctimeNs, ino } = statSync(file, { bigint: true });
  return `${size} ${mtimeNs} ${ctimeNs} ${ino}`;
}

function warnings(): { readonly events: BuildEvent[]; readonly emit: (event: BuildEvent) => void } {
  const events: BuildEvent[] = [];
  return { events, emit: (event) => void events.push(event) };
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

test("a file of a temporary directory becomes a blob without being copied", async () => {
  const store = await openStore(tmp());
  const temporary = await store.temporaryDirectory("made");
  const made = join(temporary.path, "file");
  writeFileSync(made, "hello");
  const { ino } = statSync(made);
  const blob = await store.takeBlob(digestOf("hello"), made);
  await temporary.dispose();
  assert.is(await store.findBlob(digestOf("hello")), blob);
  assert.is(readFileSync(blob, "utf8"), "hello");
  assert.is(statSync(blob).ino, ino);
});

test("what is derived is made once; a failing make leaves nothing", async () => {
  const directory = tmp();
  const store = await openStore(directory);
  const failing = async (file: string): Promise<never> => {
    writeFileSync(file, "half");
    throw new Error("interrupted");
  };
  await store.derive("things", KEY, ".x", failing).catch(() => {});
  assert.equal(leftovers(directory), []);
  const derive = maker("whole");
  const path = await derive(store);
  assert.is(await derive(store), path);
  assert.is(derive.made, 1);
});

test("a byte that was changed in a file: it counts as absent and is told of; so for one that was cut off", async () => {
  const directory = tmp();
  const { events, emit } = warnings();
  const store = await openStore(directory, { emit });
  const derive = maker("derived");
  const blob = await store.putBlob(digestOf("hello"), once("hello"), "greeting");
  const derived = await derive(store);
  for (const harm of [(file: string) => flip(file, 3), (file: string) => truncateSync(file, 2)]) {
    await delay(LATER);
    harm(blob);
    assert.is(await store.findBlob(digestOf("hello")), undefined);
    await store.putBlob(digestOf("hello"), once("hello"), "greeting");
    await delay(LATER);
    harm(derived);
    await derive(store);
    assert.is(readFileSync(derived, "utf8"), "derived");
    assert.is(await store.findBlob(digestOf("hello")), blob);
  }
  assert.is(derive.made, 3);
  assert.equal(
    events.map((event) => event.type === "warning" && event.message.includes(directory)),
    [true, true, true, true],
  );
});

test("who wants everything read finds what no stat tells", async () => {
  const directory = tmp();
  const store = await openStore(directory);
  const derive = maker("derived");
  const derived = await derive(store);
  // As if the disk had lost a bit: the seal is that of the changed file.
  flip(derived, 3);
  writeFileSync(`${derived}.seal`, encodeRecord([digestOf("derived"), statText(derived)]));
  await derive(store);
  assert.is(derive.made, 1);
  const { events, emit } = warnings();
  await derive(await openStore(directory, { emit, readAll: true }));
  assert.is(derive.made, 2);
  assert.is(readFileSync(derived, "utf8"), "derived");
  assert.is(events.length, 1);
});

test("a copied store is read once, and then trusted again", async () => {
  const directory = tmp();
  const derive = maker("derived");
  const store = await openStore(directory);
  await derive(store);
  await store.putBlob(digestOf("hello"), once("hello"), "greeting");
  const copy = join(tmp(), "copy");
  cpSync(directory, copy, { recursive: true });
  const { events, emit } = warnings();
  const elsewhere = await openStore(copy, { emit });
  const seal = async (): Promise<string> => readFileSync(`${await derive(elsewhere)}.seal`, "utf8");
  const renewed = await seal();
  assert.is.not(renewed, readFileSync(`${await derive(store)}.seal`, "utf8"));
  assert.is(await seal(), renewed);
  assert.match((await elsewhere.findBlob(digestOf("hello"))) ?? "", copy);
  assert.is(derive.made, 1);
  assert.equal(events, []);
});

test("a file without a seal: a blob is known by its name, a derived file was never finished", async () => {
  const store = await openStore(tmp());
  const derive = maker("derived");
  const blob = await store.putBlob(digestOf("hello"), once("hello"), "greeting");
  const derived = await derive(store);
  for (const file of [blob, derived]) writeFileSync(`${file}.seal`, "nonsense");
  assert.is(await store.findBlob(digestOf("hello")), blob);
  assert.match(readFileSync(`${blob}.seal`, "utf8"), hexOf(digestOf("hello")));
  await derive(store);
  assert.is(derive.made, 2);
});

test("records round-trip; one that is cut off or has another byte anywhere counts as absent", async () => {
  const directory = tmp();
  const store = await openStore(directory);
  const value = { a: [1, null, "x"] };
  const file = join(directory, "facts", KEY.slice(0, 2), `${KEY}.record`);
  await store.writeRecord("facts", KEY, value);
  assert.equal(await store.readRecord("facts", KEY), value);
  for (let offset = 0; offset < statSync(file).size; offset++) {
    flip(file, offset);
    assert.is(await store.readRecord("facts", KEY), undefined, `byte ${offset}`);
    flip(file, offset);
  }
  assert.equal(await store.readRecord("facts", KEY), value);
  for (const size of [70, 64, 1, 0]) {
    truncateSync(file, size);
    assert.is(await store.readRecord("facts", KEY), undefined);
  }
});

test("the store is private, and its temporary directories go, but for those that are kept", async () => {
  const directory = join(tmp(), "deep/store");
  const store = await openStore(directory);
  const temporary = await store.temporaryDirectory("work");
  assert.is(statSync(temporary.path).mode & 0o777, 0o700);
  mkdirSync(join(temporary.path, "sub"));
  await temporary.dispose();
  const kept = await store.temporaryDirectory("work");
  mkdirSync(join(kept.path, "sub"));
  assert.ok(existsSync(join(await kept.keep(), "sub")));
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

test.run();
