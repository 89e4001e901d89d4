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

/** Throws `E_TAR_INVALID`. */
export function parseHeader(block: Buffer): RawHeader {
  checkSum(block);
  const magic = block.toString("latin1", 257, 263);
  const posix = magic === "ustar\0";
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
  let unsigned = 256;
  let signed = 256;
  for (let i = 0; i < BLOCK; i++) {
    if (i >= 148 && i < 156) continue;
    const byte = block[i]!;
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const stated = number(block, 148, 8, "checksum");
  // Some old writers summed signed bytes.
  if (stated !== unsigned && stated !== signed)
    throw invalid("has a header whose checksum is wrong; it is damaged or no tar");
}

function text(block: Buffer, at: number, length: number): string {
  return beforeNul(block.toString("latin1", at, at + length));
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
  const digits = beforeNul(block.toString("latin1", at, at + length)).trim();
  if (digits === "") return 0;
  if (!/^[0-7]+$/.test(digits)) throw invalid(`has a ${field} that is no octal number`);
  return Number.parseInt(digits, 8);
}

export function invalid(what: string): ImageDslError {
  return new ImageDslError("E_TAR_INVALID", `The tar archive ${what}`);
}
