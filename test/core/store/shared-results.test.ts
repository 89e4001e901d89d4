/** Results of other machines: who is believed, what is compared, and that whatever fails costs work only. */
import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { digestOf, type Digest } from "../../../core/model/digest.ts";
import type { BuildEvent } from "../../../core/model/event.ts";
import { openStore } from "../../../core/store/disk-store.ts";
import {
  newKeyPair,
  publicKeyOf,
  readPrivateKey,
  readPublicKey,
} from "../../../core/store/shared-cache/entry-signature.ts";
import { entryName } from "../../../core/store/shared-cache/entry-contents.ts";
import { sharedResults } from "../../../core/store/shared-cache/open-results.ts";
import type { SharedBlob, SharedCache, SharedEntry } from "../../../core/store/shared-cache/shared-cache.ts";
import type { ResultBlobs } from "../../../core/store/shared-cache/shared-results.ts";
import { ImageDslError } from "../../../core/error.ts";
import { gathered } from "../../../core/index.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("store/shared-results");
const KEY = "0".repeat(64);
const pair = newKeyPair();
const own = readPrivateKey(pair.privateKey, "the test");
const other = readPrivateKey(newKeyPair().privateKey, "the test");

interface Memory extends SharedCache {
  readonly entries: Map<string, SharedEntry & { readonly blobs: readonly SharedBlob[] }>;
  readonly blobs: Map<Digest, Buffer>;
}

/** As a registry: what has a digest keeps its bytes, also where they are others by now. */
function memory(): Memory {
  const [entries, blobs] = [new Map(), new Map<Digest, Buffer>()];
  return {
    place: "memory",
    entries,
    blobs,
    async lookup(name) {
      return entries.get(name);
    },
    async *read({ digest }, offset) {
      const bytes = blobs.get(digest);
      if (bytes === undefined) throw new ImageDslError("E_REGISTRY", "404");
      yield bytes.subarray(offset);
    },
    has: async ({ digest, size }) => blobs.get(digest)?.length === size,
    async take({ digest }, open) {
      if (!blobs.has(digest) && open === undefined) return false;
      if (!blobs.has(digest)) blobs.set(digest, await gathered(open!()));
      return true;
    },
    async publish(name, entry) {
      entries.set(name, entry);
    },
  };
}

/** A machine with a store of its own. */
async function machine(cache: SharedCache, keys: { reads?: readonly string[]; writes?: typeof own } = {}) {
  const { reads = [pair.publicKey], writes } = keys;
  const store = await openStore(tmp(), { emit: () => {} });
  const warnings: string[] = [];
  const notes: string[] = [];
  const emit = (event: BuildEvent): void => {
    if (event.type === "warning") warnings.push(event.code);
    if (event.type === "note") notes.push(event.message);
  };
  const trusted = [...reads.map(readPublicKey), ...(writes ? [publicKeyOf(writes)] : [])];
  const { signal } = new AbortController();
  const results = sharedResults({
    cache,
    keys: { trusted, ...(writes && { own: writes }) },
    store,
    emit,
    signal,
    stop: () => {},
    reads: true,
  });
  return { ...results, store, warnings, notes };
}

/** What somebody published, and its name. */
async function published(
  cache: SharedCache,
  value: string,
  blobs: readonly Buffer[] = [],
  writes = own,
): Promise<string> {
  const { store, keep, settle } = await machine(cache, { reads: [], writes });
  const needs = blobs.map((bytes) => digestOf(bytes));
  for (const [index, bytes] of blobs.entries()) await store.putBlob(needs[index]!, chunk(bytes), "a blob");
  keep("kind", KEY, value, { needs } satisfies ResultBlobs);
  await settle();
  return entryName("kind", KEY);
}

async function* chunk(bytes: Buffer) {
  yield bytes;
}

test("a result comes back with its blobs; nothing is found under another kind or key", async () => {
  const cache = memory();
  const bytes = Buffer.from("some bytes");
  await published(cache, "result", [bytes]);
  const reader = await machine(cache);
  assert.is(await reader.find("kind", KEY), "result");
  assert.equal(readFileSync((await reader.store.findBlob(digestOf(bytes)))!), bytes);
  assert.is(await reader.find("kind", "1".repeat(64)), undefined);
  assert.is(await reader.find("other", KEY), undefined);
  await reader.settle();
  assert.equal(reader.notes, ["Shared cache memory: 1 of 3 results found (10 bytes fetched)"]);
  assert.equal(reader.warnings, []);
});

test("a large result is a blob, as registries bound their manifests", async () => {
  const cache = memory();
  const large = "x".repeat(100_000);
  const name = await published(cache, large);
  assert.ok(cache.entries.get(name)!.contents.length < 1000);
  assert.is(await (await machine(cache)).find("kind", KEY), large);
});

test("what is not signed, signed by another key, for another name or changed is not believed, and said once", async () => {
  for (const spoil of [
    (entry: SharedEntry) => ({ ...entry, signature: undefined }),
    (entry: SharedEntry) => ({ ...entry, signature: "AAAA" }),
    (entry: SharedEntry) => ({ ...entry, contents: entry.contents.replace("result", "resulT") }),
  ]) {
    const cache = memory();
    const name = await published(cache, "result");
    cache.entries.set(name, { ...spoil(cache.entries.get(name)!), blobs: [] });
    cache.entries.set(entryName("kind", "2".repeat(64)), cache.entries.get(name)!);
    const reader = await machine(cache);
    assert.is(await reader.find("kind", KEY), undefined);
    assert.is(await reader.find("kind", "2".repeat(64)), undefined);
    assert.equal(reader.warnings, ["W_SHARED_CACHE_UNSIGNED"]);
    assert.match(reader.reason("kind", KEY)!, /not believed: r1-/);
  }
  const cache = memory();
  const name = await published(cache, "result");
  cache.entries.set(entryName("kind", "2".repeat(64)), cache.entries.get(name)!);
  const reader = await machine(cache);
  assert.is(await reader.find("kind", "2".repeat(64)), undefined, "poisoned");
  assert.is(await reader.find("kind", KEY), "result");
  await published(cache, "theirs", [], other);
  assert.is(await (await machine(cache)).find("kind", KEY), undefined, "another's key");
});

test("a rotten, a cut and a lost blob are no result, and what is made anew takes their place under another digest", async () => {
  for (const spoil of [
    (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 1)),
    (bytes: Buffer) => bytes.subarray(1),
    () => undefined,
  ]) {
    const cache = memory();
    const bytes = Buffer.from("some bytes");
    const digest = digestOf(bytes);
    await published(cache, "result", [bytes]);
    const spoilt = spoil(bytes);
    if (spoilt === undefined) cache.blobs.delete(digest);
    else cache.blobs.set(digest, spoilt);
    const writer = await machine(cache, { writes: own });
    assert.is(await writer.find("kind", KEY), undefined);
    assert.equal(writer.warnings, ["W_SHARED_CACHE_DAMAGED"]);
    await writer.store.putBlob(digest, chunk(bytes), "a blob");
    writer.keep("kind", KEY, "result", { needs: [digest] });
    await writer.settle();
    const reader = await machine(cache);
    assert.is(await reader.find("kind", KEY), "result");
    assert.equal(readFileSync((await reader.store.findBlob(digest))!), bytes);
    assert.equal(reader.warnings, []);
  }
});

test("a signed entry that holds what is no result is none", async () => {
  const { signature } = await import("../../../core/store/shared-cache/entry-signature.ts");
  const name = entryName("kind", KEY);
  for (const contents of ["", "null", "{}", '{"format":1,"edition":0,"needs":[],"names":[]}', '{"format":2}']) {
    const cache = memory();
    cache.entries.set(name, { contents, signature: signature(name, contents, own), blobs: [] });
    const reader = await machine(cache);
    assert.is(await reader.find("kind", KEY), undefined);
    assert.equal(reader.warnings, ["W_SHARED_CACHE_DAMAGED"]);
  }
});

test("a cache that cannot be asked is asked no more, and one that takes nothing is sent no more", async () => {
  const cache = memory();
  const refuse = () => Promise.reject(new ImageDslError("E_NETWORK", "nobody there"));
  const reader = await machine({ ...cache, lookup: refuse });
  assert.equal(await Promise.all(["1", "2", "3"].map((key) => reader.find("kind", key.repeat(64)))), [
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(reader.warnings, ["W_SHARED_CACHE"]);
  const writer = await machine({ ...cache, publish: refuse }, { writes: own });
  for (const key of ["1", "2"]) writer.keep("kind", key.repeat(64), "result");
  await writer.settle();
  assert.equal(writer.warnings, ["W_SHARED_CACHE_WRITE"]);
});

test("without a private key nothing is published, nor what is not true any more", async () => {
  const cache = memory();
  const reader = await machine(cache);
  reader.keep("kind", KEY, "result");
  await reader.settle();
  const writer = await machine(cache, { writes: own });
  writer.keep("kind", KEY, "result", { isTrue: async () => false });
  await writer.settle();
  assert.is(cache.entries.size, 0);
});

test("a blob that a result speaks of is kept with it as soon as it can be had; without it the result is there all the same", async () => {
  const cache = memory();
  const blob = { digest: digestOf("pushed"), size: 6 };
  const writer = await machine(cache, { writes: own });
  writer.keep("kind", KEY, "result", { names: [blob] });
  writer.keep("kind", "1".repeat(64), "lost", { names: [{ digest: digestOf("lost"), size: 4 }] });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.is(cache.entries.size, 0);
  cache.blobs.set(blob.digest, Buffer.from("pushed"));
  await writer.settle();
  assert.equal(cache.entries.get(entryName("kind", KEY))!.blobs, [blob]);
  assert.equal(cache.entries.get(entryName("kind", "1".repeat(64)))!.blobs, []);
  assert.is(await (await machine(cache)).find("kind", "1".repeat(64)), "lost");
});

test("keys: what is none is refused, and the message holds nothing of a private one", () => {
  assert.throws(() => readPublicKey("MCowBQYDK2VwAyEA"), /no public key/);
  assert.throws(() => readPublicKey(pair.privateKey), /no public key/);
  assert.throws(
    () => readPrivateKey("secret words", "key.pem"),
    (error: Error) => !error.message.includes("secret"),
  );
});

test.run();
