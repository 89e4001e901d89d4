/** A record on the disk: the sha256 of its text in a first line, then the text, so that one changed byte is seen. */
import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import type { Json } from "../model/json.ts";
import { isOwn } from "./own.ts";

export const RECORD = ".record";

const HEX_LENGTH = 64;
const NEWLINE = 0x0a;

export interface FoundRecord {
  readonly value: Json;
  /** The file's mtime: records that are used are touched. Milliseconds since 1970. */
  readonly usedAt: number;
}

export function encodeRecord(value: Json): Uint8Array {
  const text = JSON.stringify(value);
  // Records may be large: their text is copied once.
  const start = HEX_LENGTH + 1;
  const bytes = Buffer.allocUnsafe(start + Buffer.byteLength(text));
  bytes.write(text, start);
  bytes.write(`${checksum(bytes.subarray(start))}\n`);
  return bytes;
}

/** Undefined where there is none, or not what was written by this user. */
export function readRecordFile(file: string): FoundRecord | undefined {
  let descriptor: number | undefined;
  try {
    // Small files, and often hundreds of them: a trip to the thread pool would take longer than the reading.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    if (!stat.isFile() || !isOwn(stat)) return undefined;
    const { mtimeMs } = stat;
    const bytes = readFileSync(descriptor);
    const text = bytes.subarray(HEX_LENGTH + 1);
    if (bytes[HEX_LENGTH] !== NEWLINE || bytes.toString("latin1", 0, HEX_LENGTH) !== checksum(text)) return undefined;
    return { value: JSON.parse(text.toString("utf8")) as Json, usedAt: mtimeMs };
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function checksum(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
