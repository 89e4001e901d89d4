/** The store on disk. Everything is written below `tmp/` and renamed into place, so nothing half-written is ever seen. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, open, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ImageDslError } from "../error.ts";
import { uniqueSuffix } from "../host.ts";
import { hexOf, type Digest } from "../model/digest.ts";
import type { Json } from "../model/json.ts";
import { privateDirectory } from "./private-directory.ts";
import { makeParent, replaceFile } from "./replace-file.ts";
import type { Store, TemporaryDirectory } from "./store.ts";

/** Opens (and makes, mode 0700) the store at an absolute path. Throws `E_STORE` where it cannot be written, or others may write to it. */
export async function openStore(directory: string): Promise<Store> {
  privateDirectory(directory);
  privateDirectory(join(directory, "tmp"));
  return new DiskStore(directory);
}

class DiskStore implements Store {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  findBlob(digest: Digest, size?: number): Promise<string | undefined> {
    return existing(this.#place("blobs", hexOf(digest)), (found) => size === undefined || found === size);
  }

  async putBlob(digest: Digest, bytes: AsyncIterable<Uint8Array>, expected: string): Promise<string> {
    const place = this.#place("blobs", hexOf(digest));
    await this.#write(place, async (temporary) => {
      const hash = createHash("sha256");
      const file = await open(temporary, "wx", 0o600);
      try {
        for await (const chunk of bytes) {
          hash.update(chunk);
          await writeAll(file, chunk);
        }
        await file.sync();
      } finally {
        await file.close();
      }
      const found = hash.digest("hex");
      if (found !== hexOf(digest)) {
        throw new ImageDslError(
          "E_HASH_MISMATCH",
          `${expected} has the sha256 ${found}, but ${hexOf(digest)} was announced`,
          {
            hint: "Try again; if it stays, the mirror or a proxy on the way changes files",
          },
        );
      }
    });
    return place;
  }

  async derive(
    kind: string,
    key: string,
    extension: string,
    make: (temporaryFile: string) => Promise<void>,
    isWhole: (size: number) => boolean = () => true,
  ): Promise<string> {
    const place = this.#place(kind, key, extension);
    if ((await existing(place, isWhole)) !== undefined) return place;
    await this.#write(place, async (temporary) => {
      await make(temporary);
      await flush(temporary);
    });
    return place;
  }

  async readRecord(kind: string, key: string): Promise<Json | undefined> {
    try {
      // Small files, and often hundreds of them: a trip to the thread pool would take longer than the reading.
      return JSON.parse(readFileSync(this.#place(kind, key, ".json"), "utf8")) as Json;
    } catch {
      return undefined;
    }
  }

  async writeRecord(kind: string, key: string, value: Json): Promise<void> {
    await this.#write(this.#place(kind, key, ".json"), (temporary) =>
      writeFile(temporary, JSON.stringify(value), { mode: 0o600, flag: "wx" }),
    );
  }

  async temporaryDirectory(purpose: string): Promise<TemporaryDirectory> {
    const path = join(this.directory, "tmp", `${purpose}-${uniqueSuffix()}`);
    await mkdir(path, { mode: 0o700 });
    return { path, dispose: () => rm(path, { recursive: true, force: true }) };
  }

  #place(kind: string, key: string, extension = ""): string {
    return join(this.directory, kind, key.slice(0, 2), key + extension);
  }

  async #write(place: string, make: (temporaryFile: string) => Promise<void>): Promise<void> {
    await makeParent(place, 0o700);
    await replaceFile(place, make, join(this.directory, "tmp", uniqueSuffix()));
  }
}

async function existing(place: string, isWhole: (size: number) => boolean): Promise<string | undefined> {
  try {
    return isWhole((await stat(place)).size) ? place : undefined;
  } catch {
    return undefined;
  }
}

/** A rename may reach the disk before the file's bytes do. */
async function flush(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeAll(
  file: { write(b: Uint8Array, o: number): Promise<{ bytesWritten: number }> },
  chunk: Uint8Array,
): Promise<void> {
  let written = 0;
  while (written < chunk.length) written += (await file.write(chunk, written)).bytesWritten;
}
