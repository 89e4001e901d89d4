/**
 * Writing tar headers: POSIX ustar, with a pax header in front only where ustar cannot say it (long or non-ASCII
 * names, ids above 2097151, sizes from 8 GiB, times before 1970, xattrs). A function of the entry alone.
 */
import { ImageDslError } from "../error.ts";
import { decodeText, isAscii } from "../model/bytes.ts";
import { modeOf, type Entry } from "../model/entry.ts";
import { displayPath } from "../model/path.ts";
import { encodePax } from "./pax.ts";

export const BLOCK = 512;

/** The header of one entry must fit into half a piece. Linux allows 64 KiB for an xattr, so this is far away. */
export const MAX_HEADER = 512 * 1024;

const MAX_OCTAL_7 = 0o7777777;
const MAX_OCTAL_11 = 0o77777777777;

const TYPE_FLAGS: Record<Entry["type"], string> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  character: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};

/** Bytes that `size` bytes of content occupy. */
export function paddedSize(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

/** Bytes of the header(s) of an entry: 512, or more with a pax header. */
export function headerSize(entry: Entry): number {
  const pax = paxOf(entry);
  return pax === "" ? BLOCK : 2 * BLOCK + paddedSize(pax.length);
}

/** Writes the header(s) of an entry at `offset` and returns their size. `target` must have room for `headerSize`. */
export function writeHeader(target: Buffer, offset: number, entry: Entry): number {
  const pax = paxOf(entry);
  let position = offset;
  if (pax !== "") {
    const size = paddedSize(pax.length);
    if (size > MAX_HEADER - 2 * BLOCK) {
      throw new ImageDslError(
        "E_TAR_LIMIT",
        `The name or extended attributes of ${displayPath(entry.path)} are too long for a tar header`,
      );
    }
    writeBlock(target, position, PAX_FIELDS, "x", pax.length);
    position += BLOCK;
    target.fill(0, position, position + size);
    target.write(pax, position, "latin1");
    position += size;
  }
  writeBlock(target, position, fieldsOf(entry), TYPE_FLAGS[entry.type], entry.type === "file" ? entry.size : 0);
  return position + BLOCK - offset;
}

interface Fields {
  readonly name: string;
  readonly prefix: string;
  readonly linkName: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly uname: string;
  readonly gname: string;
  readonly device: { readonly major: number; readonly minor: number } | undefined;
}

const PAX_FIELDS: Fields = {
  name: "././@PaxHeader",
  prefix: "",
  linkName: "",
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 0,
  uname: "",
  gname: "",
  device: undefined,
};

function fieldsOf(entry: Entry): Fields {
  const name = nameOf(entry);
  const split = splitName(name);
  return {
    // A name that ustar cannot hold is in the pax header; what stands here is for readers that know no pax.
    name: split ? split.name : name.slice(0, 100),
    prefix: split ? split.prefix : "",
    linkName: linkNameOf(entry).slice(0, 100),
    mode: modeOf(entry),
    uid: entry.uid > MAX_OCTAL_7 ? 0 : entry.uid,
    gid: entry.gid > MAX_OCTAL_7 ? 0 : entry.gid,
    mtime: fitsTime(entry.mtime) ? entry.mtime : 0,
    uname: fitsOwner(entry.uname) ? (entry.uname ?? "") : "",
    gname: fitsOwner(entry.gname) ? (entry.gname ?? "") : "",
    device: entry.type === "character" || entry.type === "block" ? entry : undefined,
  };
}

/** What all headers share: magic and version of ustar, and the checksum's own eight blanks. */
const BLANK = Buffer.alloc(BLOCK);
BLANK.write("ustar\u000000", 257, "latin1");
BLANK.fill(" ", 148, 156);
const BLANK_SUM = BLANK.reduce((sum, byte) => sum + byte, 0);

/** Byte by byte, adding up the checksum on the way: calls into the runtime for fields this short take longer. */
function writeBlock(target: Buffer, at: number, fields: Fields, typeFlag: string, size: number): void {
  BLANK.copy(target, at);
  let sum = BLANK_SUM;
  sum += writeText(target, at, fields.name);
  sum += writeOctal(target, at + 100, 7, fields.mode);
  sum += writeOctal(target, at + 108, 7, fields.uid);
  sum += writeOctal(target, at + 116, 7, fields.gid);
  sum += writeOctal(target, at + 124, 11, size > MAX_OCTAL_11 ? 0 : size);
  sum += writeOctal(target, at + 136, 11, fields.mtime);
  sum += writeText(target, at + 156, typeFlag);
  sum += writeText(target, at + 157, fields.linkName);
  sum += writeText(target, at + 265, fields.uname);
  sum += writeText(target, at + 297, fields.gname);
  if (fields.device) {
    sum += writeOctal(target, at + 329, 7, fields.device.major);
    sum += writeOctal(target, at + 337, 7, fields.device.minor);
  }
  sum += writeText(target, at + 345, fields.prefix);
  writeOctal(target, at + 148, 6, sum);
  target[at + 154] = 0;
}

/** Gives the sum of the bytes. */
function writeText(target: Buffer, at: number, bytes: string): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes.charCodeAt(i);
    target[at + i] = byte;
    sum += byte;
  }
  return sum;
}

/** `digits` octal digits with leading zeros; the byte behind them stays what it is. Gives the sum of the digits. */
function writeOctal(target: Buffer, at: number, digits: number, value: number): number {
  let sum = 0;
  let rest = value;
  for (let i = at + digits - 1; i >= at; i--) {
    const digit = 48 + (rest % 8);
    target[i] = digit;
    sum += digit;
    rest = Math.floor(rest / 8);
  }
  return sum;
}

/** The records that ustar's fields cannot hold, in a fixed order; empty for most entries. */
function paxOf(entry: Entry): string {
  const records: [string, string][] = [];
  const name = nameOf(entry);
  const link = linkNameOf(entry);
  const plainName = isAscii(name);
  const plainLink = isAscii(link);
  if ((!plainName && decodeText(name) === undefined) || (!plainLink && decodeText(link) === undefined)) {
    records.push(["hdrcharset", "BINARY"]);
  }
  if (!plainName || !splitName(name)) records.push(["path", name]);
  if (!plainLink || link.length > 100) records.push(["linkpath", link]);
  if (entry.type === "file" && entry.size > MAX_OCTAL_11) records.push(["size", String(entry.size)]);
  if (entry.uid > MAX_OCTAL_7) records.push(["uid", String(entry.uid)]);
  if (entry.gid > MAX_OCTAL_7) records.push(["gid", String(entry.gid)]);
  if (!fitsTime(entry.mtime)) records.push(["mtime", String(entry.mtime)]);
  if (!fitsOwner(entry.uname)) records.push(["uname", entry.uname ?? ""]);
  if (!fitsOwner(entry.gname)) records.push(["gname", entry.gname ?? ""]);
  if (entry.xattrs) {
    for (const key of Object.keys(entry.xattrs).toSorted())
      records.push([`SCHILY.xattr.${key}`, entry.xattrs[key] ?? ""]);
  }
  return records.length === 0 ? "" : encodePax(records);
}

function nameOf(entry: Entry): string {
  return entry.type === "directory" ? `${entry.path}/` : entry.path;
}

function linkNameOf(entry: Entry): string {
  return entry.type === "symlink" || entry.type === "hardlink" ? entry.target : "";
}

/** ustar's name (100) and prefix (155), split at the last slash that fits; undefined where none does. */
function splitName(name: string): { name: string; prefix: string } | undefined {
  if (name.length <= 100) return { name, prefix: "" };
  if (name.length > 256) return undefined;
  const slash = name.indexOf("/", name.length - 101);
  if (slash <= 0 || slash > 155 || slash === name.length - 1) return undefined;
  return { name: name.slice(slash + 1), prefix: name.slice(0, slash) };
}

function fitsTime(mtime: number): boolean {
  return mtime >= 0 && mtime <= MAX_OCTAL_11;
}

function fitsOwner(name: string | undefined): boolean {
  return name === undefined || (name.length <= 31 && isAscii(name));
}
