/** One header block of a tar stream as it stands there: ustar, GNU's numbers in base 256, old v7. */
import { ImageDslError } from "../error.ts";
import { BLOCK } from "./header.ts";

export interface RawHeader {
  readonly flag: string;
  readonly name: string;
  readonly linkName: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly uname: string;
  readonly gname: string;
  readonly major: number;
  readonly minor: number;
}

const BLANK = 0x20;
const ZERO = 0x30;

/** Where the checksum stands. */
const CHECKSUM = 148;
const CHECKSUM_BYTES = 8;

/** Throws `E_TAR_INVALID`. */
export function parseHeader(block: Buffer): RawHeader {
  checkSum(block);
  const magic = text(block, 257, 6);
  const posix = magic === "ustar";
  const ustar = posix || magic === "ustar ";
  const prefix = posix ? text(block, 345, 155) : "";
  const name = text(block, 0, 100);
  return {
    flag: block[156] === 0 ? "0" : String.fromCharCode(block[156]!),
    name: prefix === "" ? name : `${prefix}/${name}`,
    linkName: text(block, 157, 100),
    mode: number(block, 100, 8, "mode") & 0o7777,
    uid: number(block, 108, 8, "uid"),
    gid: number(block, 116, 8, "gid"),
    size: number(block, 124, 12, "size"),
    mtime: signedNumber(block, 136, 12, "mtime"),
    uname: ustar ? text(block, 265, 32) : "",
    gname: ustar ? text(block, 297, 32) : "",
    major: ustar ? number(block, 329, 8, "devmajor") : 0,
    minor: ustar ? number(block, 337, 8, "devminor") : 0,
  };
}

function checkSum(block: Buffer): void {
  const stated = number(block, CHECKSUM, CHECKSUM_BYTES, "checksum");
  // Its own bytes count as blanks.
  let sum = CHECKSUM_BYTES * BLANK;
  for (let i = 0; i < CHECKSUM; i++) sum += block[i]!;
  for (let i = CHECKSUM + CHECKSUM_BYTES; i < BLOCK; i++) sum += block[i]!;
  // Some old writers summed signed bytes.
  if (stated !== sum && stated !== sum - 256 * negativeBytes(block))
    throw invalid("has a header whose checksum is wrong; it is damaged or no tar");
}

function negativeBytes(block: Buffer): number {
  return block.reduce((count, byte, i) => {
    const isCounted = byte > 127 && (i < CHECKSUM || i >= CHECKSUM + CHECKSUM_BYTES);
    return isCounted ? count + 1 : count;
  }, 0);
}

/** Most fields are empty or end long before they could: nothing is made of what lies behind. */
function text(block: Buffer, at: number, length: number): string {
  let end = at;
  while (end < at + length && block[end] !== 0) end++;
  return end === at ? "" : block.toString("latin1", at, end);
}

export function beforeNul(bytes: string): string {
  const nul = bytes.indexOf("\0");
  return nul < 0 ? bytes : bytes.slice(0, nul);
}

function number(block: Buffer, at: number, length: number, field: string): number {
  const value = signedNumber(block, at, length, field);
  if (value < 0) throw invalid(`has a negative ${field}`);
  return value;
}

/** Octal text, or GNU's base-256: the top bit of the first byte set, two's complement. */
function signedNumber(block: Buffer, at: number, length: number, field: string): number {
  const first = block[at]!;
  if (first & 0x80) {
    let value = BigInt.asIntN(7, BigInt(first & 0x7f));
    for (let i = at + 1; i < at + length; i++) value = (value << 8n) | BigInt(block[i]!);
    const result = Number(value);
    if (!Number.isSafeInteger(result)) throw invalid(`has a ${field} that is out of range`);
    return result;
  }
  return octal(block, at, at + length, field);
}

/** Digits up to the field's end or a NUL, blanks around them. Byte by byte: a header has seven of them, and texts of each take longer than all else. */
function octal(block: Buffer, from: number, end: number, field: string): number {
  let at = from;
  while (at < end && isBlank(block[at]!)) at++;
  let value = 0;
  for (; at < end && block[at]! >= ZERO && block[at]! < ZERO + 8; at++) value = value * 8 + block[at]! - ZERO;
  while (at < end && isBlank(block[at]!)) at++;
  if (at < end && block[at] !== 0) throw invalid(`has a ${field} that is no octal number`);
  return value;
}

function isBlank(byte: number): boolean {
  return byte === BLANK || (byte >= 9 && byte <= 13);
}

export function invalid(what: string): ImageDslError {
  return new ImageDslError("E_TAR_INVALID", `The tar archive ${what}`);
}
