/**
 * Results that machines share: found by keys that mean the same on each of them, signed by who made them, compared with their digests
 * when they are read. What cannot be believed or had is made here, and told once.
 */
import { readFile } from "node:fs/promises";
import { ImageDslError, messageOf } from "../../error.ts";
import type { WarningCode } from "../../warning-codes.ts";
import type { Digest } from "../../model/digest.ts";
import type { Json } from "../../model/json.ts";
import { semaphore } from "../../model/semaphore.ts";
import { entryName, readContents, storedBlob, type EntryContents, type NeededBlob } from "./entry-contents.ts";
import { isSigned } from "./entry-signature.ts";
import { publications } from "./publications.ts";
import type { SharedBlob } from "./shared-cache.ts";
import type { SharedResults, SharedResultsOptions } from "./shared-results.ts";
import { tryReading } from "./try-cache.ts";

/** Requests at a time, as to any server. */
const AT_ONCE = 8;
/** So many answers that make no sense are not one damaged entry. */
const MAX_REFUSALS = 3;

export function sharedResults(options: SharedResultsOptions): SharedResults {
  const { cache, keys, store, emit, signal, stop } = options;
  const found = new Map<string, Promise<Json | undefined>>();
  const reasons = new Map<string, string>();
  /** Of damaged entries, the edition that would take their place. */
  const editions = new Map<string, number>();
  const unplanned = new Map<string, () => Json | undefined>();
  const told = new Set<WarningCode>();
  const limited = semaphore(AT_ONCE);
  let isOff = !options.reads;
  let arePlanned = false;
  let [asked, hits, bytes, refusals] = [0, 0, 0, 0];

  function tell(code: WarningCode, message: string, hint: string): void {
    if (told.has(code)) return;
    told.add(code);
    emit({ type: "warning", code, message, hint });
  }
  const published = publications({ ...options, tell, editionOf: (name) => editions.get(name) ?? 1 });
  // Said while images are planned, not after the long work.
  void (isOff ? Promise.resolve() : tryReading(cache)).then(published.tryOut).catch(doWithout);

  function doWithout(error: unknown): void {
    if (isOff || signal.aborted) return;
    isOff = true;
    published.end();
    const message = `The shared cache ${cache.place} cannot be asked, so the build does without: ${messageOf(error)}`;
    tell("W_SHARED_CACHE", message, MEND);
  }

  async function look(name: string): Promise<Json | undefined> {
    if (isOff) return undefined;
    asked++;
    try {
      const value = await limited(() => lookNow(name));
      if (value === undefined) reasons.set(name, "the shared cache does not have it");
      else hits++;
      return value;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Doubt) {
        reasons.set(name, `the shared cache's entry is not believed: ${error.message}`);
        tell(error.code, `An entry of the shared cache ${cache.place} is not believed: ${error.message}`, error.hint);
      } else doWithout(error);
      return undefined;
    }
  }

  async function lookNow(name: string): Promise<Json | undefined> {
    // Others may have found meanwhile that nobody answers.
    if (isOff) return undefined;
    const entry = await cache.lookup(name).catch((error: unknown) => {
      if (!isOfEntry(error) || ++refusals > MAX_REFUSALS) throw error;
      editions.set(name, 2);
      throw new Doubt("W_SHARED_CACHE_DAMAGED", `${tagOf(name)}: ${messageOf(error)}`);
    });
    if (entry === undefined) return undefined;
    if (!isSigned(name, entry, keys.trusted)) {
      const what =
        entry.signature === undefined ? "has no signature" : "is signed by nobody who is believed, or for another key";
      throw new Doubt("W_SHARED_CACHE_UNSIGNED", `${tagOf(name)} ${what}`);
    }
    const contents = readContents(entry.contents);
    if (contents === undefined) throw new Doubt("W_SHARED_CACHE_DAMAGED", `${tagOf(name)} holds what is no result`);
    for (const blob of contents.needs) await bring(name, blob, contents);
    for (const blob of contents.names) await lookAt(blob);
    return contents.facts === undefined ? factsOf(contents.needs[0]?.digest) : contents.facts;
  }

  async function bring(name: string, blob: NeededBlob, { edition }: EntryContents): Promise<void> {
    if ((await store.findBlob(blob.digest)) !== undefined) return;
    const from = (offset: number) => counted(upTo(cache.read(storedBlob(blob, edition), offset), blob.size - offset));
    try {
      await store.fetchBlob(blob, from, `The blob ${blob.digest} of the shared cache`);
    } catch (error) {
      if (!isOfEntry(error)) throw error;
      editions.set(name, edition + 1);
      throw new Doubt("W_SHARED_CACHE_DAMAGED", `${tagOf(name)}: ${messageOf(error)}`);
    }
  }

  async function* counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  }

  /** The result is true without it. */
  async function lookAt(blob: SharedBlob): Promise<void> {
    if (await cache.has(blob)) return;
    reasons.set(blob.digest, `the shared cache does not have ${blob.digest} whole`);
  }

  async function factsOf(digest: Digest | undefined): Promise<Json | undefined> {
    const file = digest && (await store.findBlob(digest));
    return file === undefined ? undefined : (JSON.parse(await readFile(file, "utf8")) as Json);
  }

  return {
    find(kind, key) {
      const name = entryName(kind, key);
      const known = found.get(name) ?? look(name);
      found.set(name, known);
      return known;
    },
    reason: (kind, key) => reasons.get(entryName(kind, key)),
    keep: (kind, key, value, about = {}) => published.add(entryName(kind, key), value, about),
    keepPlanned(kind, key, result) {
      if (keys.own === undefined || arePlanned) return false;
      unplanned.set(entryName(kind, key), result);
      return true;
    },
    planned() {
      for (const [name, result] of unplanned) {
        const value = result();
        if (value !== undefined) published.add(name, value, {});
      }
      unplanned.clear();
      arePlanned = true;
    },
    async settle() {
      const { entries, bytes: sent } = await published.settle();
      stop();
      const made = entries === 0 ? "" : `, ${entries} published (${sent} bytes)`;
      const message = `Shared cache ${cache.place}: ${hits} of ${asked} results found (${bytes} bytes fetched)${made}`;
      if (asked > 0 || entries > 0) emit({ type: "note", message });
    },
  };
}

/** An entry is there, and is not what it should be. */
class Doubt extends Error {
  readonly code: WarningCode;

  constructor(code: WarningCode, message: string) {
    super(message);
    this.code = code;
  }

  get hint(): string {
    return this.code === "W_SHARED_CACHE_UNSIGNED"
      ? "See who may write to the cache, and whether the public key is that of who publishes"
      : "It is made here, and published anew by who may; whoever runs the registry should look at its disk";
  }
}

const MEND = "image-dsl doctor --cache PLACE says what is wrong with it";

function tagOf(name: string): string {
  return `r1-${name.slice(0, 12)}…`;
}

/** The server answered, and what it has is of no use; other things may be. */
function isOfEntry(error: unknown): boolean {
  return error instanceof ImageDslError && OF_ENTRY.has(error.code);
}

const OF_ENTRY = new Set(["E_SHARED_CACHE", "E_REGISTRY", "E_HASH_MISMATCH"]);

async function* upTo(chunks: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  let left = size;
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left);
    left -= Math.min(left, chunk.length);
    if (left === 0) return;
  }
}
