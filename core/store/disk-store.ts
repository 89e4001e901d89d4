/** The store on disk. Everything is written below `tmp/` and renamed into place, so nothing half-written is ever seen. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, open, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ImageDslError, messageOf } from "../error.ts";
import { uniqueSuffix } from "../host.ts";
import { hexOf, type Digest } from "../model/digest.ts";
import type { Json } from "../model/json.ts";
import { makeParent, replaceFile } from "./replace-file.ts";
import type { Store, TemporaryDirectory } from "./store.ts";

/** Opens (and makes, mode 0700) the store at an absolute path. Throws `E_STORE` where it cannot be written. */
export async function openStore(directory: string): Promise<Store> {
  try {
    await mkdir(join(directory, "tmp"), { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new ImageDslError("E_STORE", `Cannot make the cache folder ${directory}: ${messageOf(cause)}`, {
      hint: "Set IMAGE_DSL_CACHE to a folder that you may write to",
      cause,
    });
  }
  return new DiskStore(directory);
}

class DiskStore implements Store {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  findBlob(digest: Digest): Promise<string | undefined> {
    return existing(this.#place("blobs", hexOf(digest)));
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
  ): Promise<string> {
    const place = this.#place(kind, key, extension);
    if ((await existing(place)) === undefined) await this.#write(place, make);
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

async function existing(place: string): Promise<string | undefined> {
  try {
    await stat(place);
    return place;
  } catch {
    return undefined;
  }
}

async function writeAll(
  file: { write(b: Uint8Array, o: number): Promise<{ bytesWritten: number }> },
  chunk: Uint8Array,
): Promise<void> {
  let written = 0;
  while (written < chunk.length) written += (await file.write(chunk, written)).bytesWritten;
}
