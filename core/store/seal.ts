/**
 * Seals: how the store knows that a file still is what was written. Beside each blob and each derived file stands
 * `FILE.seal`, a record of the file's sha256 and of its stat after writing. The same stat is trusted, and nothing is
 * read; with another one the file is read again. A seal's own mtime tells when its file was last used.
 */
import { createHash } from "node:crypto";
import { lstatSync, statSync, type BigIntStats } from "node:fs";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { runtime } from "../host.ts";
import { digestFromHex, type Digest } from "../model/digest.ts";
import { isOwn } from "./own.ts";
import { encodeRecord, readRecordFile } from "./record-file.ts";

export const SEAL = ".seal";

const READ_BYTES = 1024 * 1024;

export type FileState =
  | {
      readonly state: "whole";
      /** Milliseconds since 1970. */
      readonly usedAt: number;
    }
  /** Not there, or never finished: no seal, and no other way to know what it should be. */
  | { readonly state: "absent" }
  /** Somebody else put it there, or may have changed it. */
  | { readonly state: "foreign" }
  | { readonly state: "corrupt"; readonly expected: Digest };

/**
 * Looks at a sealed file. `expected` is a blob's digest; what another file must be only its seal knows. A file whose
 * stat differs is read; the seal of one that is what it should be is renewed, by way of `temporary`. `always` reads
 * files with the sealed stat too. `onRead` gets the numbers of bytes as they are read.
 */
export async function checkSealed(
  file: string,
  { expected, temporary, always = false, onRead }: CheckOptions,
): Promise<FileState> {
  const stat = statOf(file);
  if (stat === undefined) return { state: "absent" };
  if (!stat.isFile() || !isOwn(stat)) return { state: "foreign" };
  const seal = readSeal(file);
  const digest = expected ?? seal?.sha256;
  const isSealed = seal !== undefined && seal.sha256 === digest && sameStat(seal.stat, stat);
  if (isSealed && !always) return { state: "whole", usedAt: seal.usedAt };
  if (digest === undefined) return { state: "absent" };
  const found = await digestOfFile(file, onRead);
  const after = statOf(file);
  // Another process has just put the same thing in its place; what that one says of it holds.
  if (after?.ino !== stat.ino)
    return after === undefined ? { state: "absent" } : checkSealed(file, { expected, temporary });
  if (found !== digest || !sameStat(statText(stat), after)) return { state: "corrupt", expected: digest };
  if (!isSealed) {
    // A store that cannot be written to, as it is full, is still read.
    await writeSeal(file, digest, stat, temporary()).catch(() => {});
  }
  return { state: "whole", usedAt: seal?.usedAt ?? Number(stat.mtimeMs) };
}

export interface CheckOptions {
  readonly expected?: Digest | undefined;
  /** A path to write a seal to before it is renamed. */
  readonly temporary: () => string;
  readonly always?: boolean;
  readonly onRead?: ((bytes: number) => void) | undefined;
}

/** Renames a finished file to its place and seals it. A process that is ended in between leaves a file that is absent. */
export async function placeSealed(from: string, file: string, sha256: Digest, temporary: string): Promise<void> {
  const { ino } = statSync(from, { bigint: true });
  await rename(from, file);
  // Only now, as the rename has changed its ctime.
  const stat = statOf(file);
  // Another process has put its own there meanwhile, and seals that.
  if (stat?.ino === ino) await writeSeal(file, sha256, stat, temporary);
}

/** Seals a file as it is now. */
export async function sealFile(file: string, temporary: string): Promise<void> {
  const stat = statOf(file);
  if (stat?.isFile()) await writeSeal(file, await digestOfFile(file), stat, temporary);
}

/** The file first: a seal without a file is nothing. */
export async function removeSealed(file: string): Promise<void> {
  await rm(file, { force: true });
  await rm(file + SEAL, { force: true });
}

/** A record beside the file: its sha256 and its stat. Undefined where there is none that is whole. */
function readSeal(
  file: string,
): { readonly sha256: Digest; readonly stat: string; readonly usedAt: number } | undefined {
  const found = readRecordFile(file + SEAL);
  if (!Array.isArray(found?.value)) return undefined;
  const [sha256, stat] = found.value as readonly unknown[];
  if (typeof sha256 !== "string" || typeof stat !== "string") return undefined;
  return { sha256: sha256 as Digest, stat, usedAt: found.usedAt };
}

async function writeSeal(file: string, sha256: Digest, stat: BigIntStats, temporary: string): Promise<void> {
  try {
    await writeFile(temporary, encodeRecord([sha256, statText(stat)]), { mode: 0o600, flag: "wx" });
    await rename(temporary, file + SEAL);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Times in nanoseconds. */
function statText({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return `${size} ${mtimeNs} ${ctimeNs} ${ino}`;
}

function sameStat(sealed: string, stat: BigIntStats): boolean {
  const text = statText(stat);
  return sealed === text || (runtime() === "deno" && rounded(sealed) === rounded(text));
}

/** As Deno 2 tells times: an mtime in milliseconds, a ctime in seconds. */
function rounded(stat: string): string {
  const [size, mtime, ctime, ino] = stat.split(" ");
  return `${size} ${mtime?.slice(0, -6)} ${ctime?.slice(0, -9)} ${ino}`;
}

async function digestOfFile(file: string, onRead?: (bytes: number) => void): Promise<Digest> {
  const hash = createHash("sha256");
  const handle = await open(file, "r");
  try {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      onRead?.(bytesRead);
    }
  } finally {
    await handle.close();
  }
  return digestFromHex(hash.digest("hex"));
}

function statOf(file: string): BigIntStats | undefined {
  // Sooner done than a trip to the thread pool, and often done hundreds of times.
  return lstatSync(file, { bigint: true, throwIfNoEntry: false });
}
