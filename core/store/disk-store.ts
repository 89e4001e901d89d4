/** The store on disk: `KIND/KK/KEY…`, where KK are the first two digits of the key. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hexOf, type Digest } from "../model/digest.ts";
import type { BuildEvent } from "../model/event.ts";
import type { Json } from "../model/json.ts";
import {
  CONTENT,
  findDerivedDirectory,
  placeDerivedDirectory,
  removeDerivedDirectory,
  type FoundDirectory,
} from "./derived-directory.ts";
import { fullStore } from "./full-disk.ts";
import { noteUse } from "./last-use.ts";
import { makeDirectory } from "./make-directory.ts";
import { requireOwnFolders } from "./own.ts";
import { claimPartial, completePartial, mismatch, PARTIAL, type BytesFrom } from "./partial-blobs.ts";
import { enter, RUNNING, sweepMarks, untilCollected, type Presence } from "./presence.ts";
import { privateDirectory } from "./private-directory.ts";
import { encodeRecord, readRecordFile, RECORD } from "./record-file.ts";
import { checkSealed, placeSealed, SEAL } from "./seal.ts";
import type { DerivedDirectory, Store, TemporaryDirectory } from "./store.ts";
import { makeTemporaryDirectory, sweepTemporary, TEMPORARY, temporaryFile } from "./temporary-files.ts";
import { writeHashed } from "./write-hashed.ts";

export const BLOBS = "blobs";

export interface StoreOptions {
  /** Hears of what was found corrupt. */
  readonly emit?: (event: BuildEvent) => void;
  /** Read files before they are given out, whatever their stat says. */
  readonly readAll?: boolean;
}

/**
 * Opens (and makes, mode 0700) the store at an absolute path, and removes what killed processes left in it. Waits while
 * another process collects garbage there. Throws `E_STORE` where it cannot be
 * written, or others may write to it.
 */
export async function openStore(directory: string, options: StoreOptions = {}): Promise<Store> {
  for (const folder of [directory, join(directory, TEMPORARY), join(directory, RUNNING)]) privateDirectory(folder);
  const presence = enter(directory, "build");
  await untilCollected(directory);
  sweepMarks(directory);
  await sweepTemporary(directory);
  return new DiskStore(directory, presence, options);
}

/** Of this process, by the blob's place. */
const fetching = new Map<string, Promise<string>>();

class DiskStore implements Store {
  readonly directory: string;
  readonly #presence: Presence;
  readonly #options: StoreOptions;
  /** Folders that were looked at. */
  readonly #own = new Set<string>();
  #hasToldOfForeign = false;

  constructor(directory: string, presence: Presence, options: StoreOptions) {
    this.directory = directory;
    this.#presence = presence;
    this.#options = options;
  }

  async findBlob(digest: Digest): Promise<string | undefined> {
    return this.#find(this.#place(BLOBS, hexOf(digest)), digest);
  }

  async putBlob(digest: Digest, bytes: AsyncIterable<Uint8Array>, expected: string): Promise<string> {
    const place = this.#place(BLOBS, hexOf(digest));
    await this.#write(place, async (temporary) => {
      const found = await writeHashed(temporary, bytes);
      if (found !== digest) throw mismatch(expected, found, digest);
      return digest;
    });
    return place;
  }

  async takeBlob(digest: Digest, file: string): Promise<string> {
    const place = this.#place(BLOBS, hexOf(digest));
    await this.#write(place, async (temporary) => {
      await rename(file, temporary);
      return digest;
    });
    return place;
  }

  async fetchBlob(blob: { digest: Digest; size: number }, from: BytesFrom, expected: string): Promise<string> {
    const place = this.#place(BLOBS, hexOf(blob.digest));
    // An image may have a layer twice, and two images of one build the same base: their file on its way is one.
    const running = fetching.get(place);
    if (running !== undefined) return running;
    const work = this.#fetch(place, blob, from, expected).finally(() => fetching.delete(place));
    fetching.set(place, work);
    return work;
  }

  async derive(
    kind: string,
    key: string,
    extension: string,
    make: (temporaryFile: string) => Promise<Digest>,
  ): Promise<string> {
    const place = this.#place(kind, key, extension);
    for (;;) {
      const found = await this.#find(place);
      if (found !== undefined) return found;
      await this.#write(place, make);
      // Whoever collects garbage may have removed it for what was there before.
      if (!(await untilCollected(this.directory))) return place;
    }
  }

  derivedPath(kind: string, key: string, extension: string): string {
    return this.#place(kind, key, extension);
  }

  async findDerived(kind: string, key: string, extension: string): Promise<string | undefined> {
    return this.#find(this.#place(kind, key, extension));
  }

  async deriveDirectory(
    kind: string,
    key: string,
    make: (directory: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<DerivedDirectory | undefined> {
    // No stat tells all that reading would.
    if (this.#options.readAll) return undefined;
    const place = this.#place(kind, key);
    for (;;) {
      this.#requireOwn(place);
      const found = findDerivedDirectory(place);
      if (found !== undefined && !(await untilCollected(this.directory))) return this.#derivedDirectory(place, found);
      if (found === undefined) await this.#makeDirectory(place, make, signal);
    }
  }

  async readRecord(kind: string, key: string): Promise<Json | undefined> {
    const place = this.#place(kind, key, RECORD);
    this.#requireOwn(place);
    const found = readRecordFile(place);
    if (found !== undefined) noteUse(place, found.usedAt);
    return found?.value;
  }

  async writeRecord(kind: string, key: string, value: Json): Promise<void> {
    const place = this.#place(kind, key, RECORD);
    // Small files, and often hundreds of them: trips to the thread pool would take longer than the writing.
    await this.#inTemporary(async (temporary) => {
      writeFileSync(temporary, encodeRecord(value), { mode: 0o600, flag: "wx" });
      this.#makeParent(place);
      renameSync(temporary, place);
    });
  }

  async temporaryDirectory(purpose: string): Promise<TemporaryDirectory> {
    try {
      return await makeTemporaryDirectory(this.directory, purpose);
    } catch (error) {
      throw fullStore(error, this.directory) ?? error;
    }
  }

  close(): void {
    this.#presence.leave();
  }

  #place(kind: string, key: string, extension = ""): string {
    return join(this.directory, kind, key.slice(0, 2), key + extension);
  }

  async #find(place: string, expected?: Digest): Promise<string | undefined> {
    this.#requireOwn(place);
    const temporary = () => temporaryFile(this.directory);
    const found = await checkSealed(place, { expected, temporary, always: this.#options.readAll ?? false });
    if (found.state === "whole") {
      noteUse(place + SEAL, found.usedAt);
      // Whoever collects garbage may have looked before this or another build noted its use: then see what is left.
      return (await untilCollected(this.directory)) ? this.#find(place, expected) : place;
    }
    if (found.state === "foreign") this.#tellOfForeign(place);
    if (found.state === "corrupt") {
      // It stays until a whole one takes its place: what another process has just put there is not to be removed.
      this.#options.emit?.({
        type: "warning",
        code: "W_STORE_CORRUPT",
        message: `${place} in the cache is not what was written there; it is made anew`,
        hint: "image-dsl cache verify reads all of the cache; if this comes again, see whether the disk is sound",
      });
    }
    return undefined;
  }

  #derivedDirectory(place: string, found: FoundDirectory): DerivedDirectory {
    const check = async (): Promise<boolean> => {
      if (await found.isWhole()) return true;
      await removeDerivedDirectory(place, this.directory);
      return false;
    };
    let checked: Promise<boolean> | undefined;
    return { path: found.path, isWhole: () => (checked ??= check()) };
  }

  async #makeDirectory(place: string, make: (directory: string) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { removeDirectory } = await import("../process/remove-directory.ts");
    const made = await this.temporaryDirectory("derived");
    try {
      const content = join(made.path, CONTENT);
      mkdirSync(content, { mode: 0o700 });
      await make(content);
      this.#makeParent(place);
      await placeDerivedDirectory(made.path, place, this.directory);
    } finally {
      // Nothing where all went well; else it may be read-only.
      if (await removeDirectory(made.path, signal)) await made.dispose();
    }
  }

  #tellOfForeign(place: string): void {
    if (this.#hasToldOfForeign) return;
    this.#hasToldOfForeign = true;
    this.#options.emit?.({
      type: "warning",
      code: "W_STORE_FOREIGN",
      message: `${place} in the cache is another user's, or others may write to it; this and its like are made anew`,
      hint: "image-dsl cache verify removes all of them; then see who could write to the cache",
    });
  }

  #makeParent(place: string): void {
    this.#requireOwn(place);
    makeDirectory(dirname(place), 0o700);
  }

  async #fetch(
    place: string,
    blob: { digest: Digest; size: number },
    from: BytesFrom,
    expected: string,
  ): Promise<string> {
    const key = hexOf(blob.digest);
    this.#requireOwn(join(this.directory, PARTIAL, key.slice(0, 2), key));
    await this.#write(place, async (temporary) => {
      const partial = await claimPartial(this.directory, key);
      await completePartial(partial, blob, from, expected);
      await rename(partial, temporary);
      return blob.digest;
    });
    return place;
  }

  /** Both folders that a place lies in. Those that are not there yet are looked at again. */
  #requireOwn(place: string): void {
    const folder = dirname(place);
    if (this.#own.has(folder)) return;
    requireOwnFolders(place);
    if (existsSync(folder)) this.#own.add(folder);
  }

  /** Lets `make` write a file, which is then put in its place. */
  async #write(place: string, make: (temporaryFile: string) => Promise<Digest>): Promise<void> {
    await this.#inTemporary(async (temporary) => {
      const sha256 = await make(temporary);
      await flush(temporary);
      this.#makeParent(place);
      await placeSealed(temporary, place, sha256, temporaryFile(this.directory));
    });
  }

  /** Whatever fails, the temporary file is gone afterwards. */
  async #inTemporary(work: (temporaryFile: string) => Promise<void>): Promise<void> {
    const temporary = temporaryFile(this.directory);
    try {
      await work(temporary);
    } catch (error) {
      await rm(temporary, { force: true });
      throw fullStore(error, this.directory) ?? error;
    }
  }
}

/** A rename may reach the disk before the file's bytes do. What others may write to would not be believed later. */
async function flush(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.chmod(0o600);
    await file.sync();
  } finally {
    await file.close();
  }
}
