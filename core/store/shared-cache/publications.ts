/** Results on their way into a shared cache: a few at a time, blobs before the entry that names them, while the build goes on. */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { messageOf } from "../../error.ts";
import { pause } from "../../http/retry.ts";
import { digestFromHex, digestOf, type Digest } from "../../model/digest.ts";
import { canonicalJson, type Json } from "../../model/json.ts";
import { semaphore } from "../../model/semaphore.ts";
import { streamRegular } from "../../regular-file.ts";
import type { WarningCode } from "../../warning-codes.ts";
import { oneChunk } from "../../model/one-chunk.ts";
import { storedBlob, writeContents, type EntryContents, type NeededBlob } from "./entry-contents.ts";
import { isSigned, signature } from "./entry-signature.ts";
import type { SharedBlob } from "./shared-cache.ts";
import type { ResultBlobs, SharedResultsOptions } from "./shared-results.ts";
import { tryWriting } from "./try-cache.ts";

export interface PublicationOptions extends SharedResultsOptions {
  tell(code: WarningCode, message: string, hint: string): void;
  /** Above 1 where an entry of that name is damaged. */
  editionOf(name: string): number;
}

export interface Publications {
  /** Says at once where nothing can be published. */
  tryOut(): Promise<void>;
  add(name: string, value: Json, about: ResultBlobs): void;
  /** Waits for what is on its way, but not for ever. */
  settle(): Promise<{ readonly entries: number; readonly bytes: number }>;
  /** Nothing more is published, without a word. */
  end(): void;
}

interface Publication {
  readonly name: string;
  readonly value: Json;
  readonly about: ResultBlobs;
}

const AT_ONCE = 4;
/** How long the end of a build waits, in milliseconds. */
const PATIENCE = 30_000;
/** Larger results are blobs: registries bound their manifests. */
const MAX_INLINE = 64 * 1024;
/** A damaged entry's place may hold further ones that are damaged. */
const MAX_TRIES = 5;

export function publications(options: PublicationOptions): Publications {
  const { cache, keys, store, signal, stop, tell, editionOf } = options;
  const { own } = keys;
  const limited = semaphore(AT_ONCE);
  const names = new Set<string>();
  const running = new Set<Promise<void>>();
  /** What speaks of blobs that the cache cannot have yet: they are being pushed. */
  const waiting: Publication[] = [];
  let isOff = own === undefined;
  let [entries, bytes] = [0, 0];

  function begin(publication: Publication, isLast: boolean): void {
    const work = limited(() => publish(publication, isLast)).catch(giveUp);
    running.add(work);
    void work.then(() => running.delete(work));
  }

  function giveUp(error: unknown): void {
    if (isOff || signal.aborted) return;
    isOff = true;
    const message = `Results are not published in the shared cache ${cache.place}: ${messageOf(error)}`;
    tell("W_SHARED_CACHE_WRITE", message, "image-dsl doctor --cache PLACE says whether it may be written");
  }

  async function publish(publication: Publication, isLast: boolean): Promise<void> {
    if (isOff || signal.aborted) return;
    const { name, about } = publication;
    const placed: SharedBlob[] = [];
    for (const blob of about.names ?? []) {
      if (await cache.take(blob)) placed.push(blob);
      else if (!isLast) return void waiting.push(publication);
    }
    if (about.isTrue !== undefined && !(await about.isTrue())) return;
    for (let edition = editionOf(name); edition < editionOf(name) + MAX_TRIES; edition++) {
      const contents = await contentsOf(publication, edition);
      if (contents === undefined) return;
      await put(name, contents, placed);
      if (edition === 1 || (await isThere(name))) break;
    }
    entries++;
  }

  /** Undefined where what it needs is gone. */
  async function contentsOf({ value, about }: Publication, edition: number): Promise<EntryContents | undefined> {
    const facts = Buffer.from(canonicalJson(value));
    const isInline = facts.length <= MAX_INLINE;
    const digests = [...(isInline ? [] : [await kept(facts)]), ...(about.needs ?? [])];
    const needs: NeededBlob[] = [];
    for (const digest of digests) {
      const file = await store.findBlob(digest);
      if (file === undefined) return undefined;
      const { size } = await stat(file);
      const stored = edition === 1 ? undefined : await digestOfStored(file, edition);
      needs.push({ digest, size, ...(stored && { stored }) });
    }
    return { edition, ...(isInline && { facts: value }), needs, names: about.names ?? [] };
  }

  async function kept(facts: Buffer): Promise<Digest> {
    const digest = digestOf(facts);
    await store.putBlob(digest, oneChunk(facts), "A result");
    return digest;
  }

  async function put(name: string, contents: EntryContents, placed: readonly SharedBlob[]): Promise<void> {
    const blobs = [...placed];
    for (const blob of contents.needs) {
      const file = await store.findBlob(blob.digest);
      if (file === undefined) return;
      const stored = storedBlob(blob, contents.edition);
      await cache.take(stored, () => storedBytes(file, contents.edition));
      blobs.push(stored);
      bytes += stored.size;
    }
    const text = writeContents(contents);
    await cache.publish(name, { contents: text, signature: signature(name, text, own!), blobs });
  }

  async function isThere(name: string): Promise<boolean> {
    const entry = await cache.lookup(name).catch(() => undefined);
    return entry !== undefined && isSigned(name, entry, keys.trusted);
  }

  return {
    tryOut: async () => void (isOff || (await tryWriting(cache).catch(giveUp))),
    end: () => void (isOff = true),
    add(name, value, about) {
      if (isOff || names.has(name)) return;
      names.add(name);
      begin({ name, value, about }, false);
      // What one waited for may be there by now.
      const next = waiting.shift();
      if (next) begin(next, false);
    },
    async settle() {
      const everything = async (): Promise<void> => {
        await settled(running);
        for (const each of waiting.splice(0)) begin(each, true);
        await settled(running);
      };
      if (!(await inTime(everything(), signal))) {
        giveUp(new Error(`${running.size} of them were not there ${PATIENCE / 1000} s after the build's end`));
        stop();
      }
      return { entries, bytes };
    },
  };
}

async function settled(running: ReadonlySet<Promise<void>>): Promise<void> {
  while (running.size > 0) await Promise.all(running);
}

/** False where it takes longer than we wait. */
async function inTime(work: Promise<void>, signal: AbortSignal): Promise<boolean> {
  const late = new AbortController();
  const timeout = pause(PATIENCE, AbortSignal.any([signal, late.signal])).then(
    () => false,
    () => true,
  );
  try {
    return await Promise.race([work.then(() => true), timeout]);
  } finally {
    late.abort();
  }
}

async function* storedBytes(file: string, edition: number): AsyncGenerator<Uint8Array, void, undefined> {
  yield* streamRegular(file);
  if (edition > 1) yield Buffer.alloc(edition - 1);
}

async function digestOfStored(file: string, edition: number): Promise<Digest> {
  const hash = createHash("sha256");
  for await (const chunk of storedBytes(file, edition)) hash.update(chunk);
  return digestFromHex(hash.digest("hex"));
}
