/** Finding store paths in bytes, the way Nix finds an output's references: by the hash in a path's name. */
import { encodeText, openContent, type Entry, type FileEntry } from "../../core/index.ts";
import { HASH_DIGITS, HASH_LENGTH } from "./store-path.ts";

/** Bytes that are looked at together. */
const PIECE = 1024 * 1024;

/**
 * The store paths that a text names, sorted, each once. A path is its folder, hash and name; what stands behind the
 * name in the text could be a part of it, so a full stop at the end of a sentence is: tell paths apart by their hashes.
 */
export function findStorePaths(data: string | Uint8Array, storeDir: string): string[] {
  const text = typeof data === "string" ? encodeText(data) : bytesAsText(data);
  const store = encodeText(storeDir);
  const found = new Set<string>();
  const rest = new RegExp(`/[${HASH_DIGITS}]{${HASH_LENGTH}}-[0-9A-Za-z+\\-._?=]{1,211}`, "y");
  for (let at = text.indexOf(store); at >= 0; at = text.indexOf(store, at + 1)) {
    rest.lastIndex = at + store.length;
    const match = rest.exec(text);
    if (match !== null) found.add(storeDir + match[0]);
  }
  return [...found].sort();
}

/** A set; or what is like one, and costs nothing before it is asked. */
export type KnownHashes = Pick<ReadonlySet<string>, "has"> & Iterable<string>;

/** The hashes out of `known` that stand anywhere in `data`, sorted: Nix's own rule. No byte is looked at twice, and most not once. */
export function findHashes(data: Uint8Array, known: KnownHashes): string[] {
  const found = new Set<string>();
  let ends: Uint8Array | undefined;
  /** Where a hash could end; all of it before `digits` is known to be digits. */
  let last = HASH_LENGTH - 1;
  let digits = 0;
  while (last < data.length) {
    // From its end: what is no digit there rules out all places before it.
    let at = last;
    while (at >= digits && DIGITS[data[at]!] !== NO_DIGIT) at--;
    const isRuledOut = at >= digits;
    digits = last + 1;
    if (isRuledOut) {
      last = at + HASH_LENGTH;
      continue;
    }
    ends ??= endsOf(known);
    if (ends[endOf(data, last)] === 1) {
      const hash = bytesAsText(data.subarray(last + 1 - HASH_LENGTH, last + 1));
      if (known.has(hash)) found.add(hash);
    }
    last++;
  }
  return [...found].sort();
}

/** The last four digits of a hash as a number. */
function endOf(data: Uint8Array, last: number): number {
  let end = 0;
  for (let at = last + 1 - END_DIGITS; at <= last; at++) end = (end << DIGIT_BITS) | DIGITS[data[at]!]!;
  return end;
}

const NO_DIGIT = 255;
const DIGIT_BITS = 5;
const END_DIGITS = 4;
const END_MASK = (1 << (DIGIT_BITS * END_DIGITS)) - 1;

const DIGITS = Uint8Array.from({ length: 256 }, (_, code) => {
  const digit = HASH_DIGITS.indexOf(String.fromCharCode(code));
  return digit < 0 ? NO_DIGIT : digit;
});

const knownEnds = new WeakMap<KnownHashes, Uint8Array>();

/** Which last four digits hashes have: by these, nearly all places are passed over without making a text of each. */
function endsOf(known: KnownHashes): Uint8Array {
  let ends = knownEnds.get(known);
  if (ends === undefined) {
    ends = new Uint8Array(END_MASK + 1);
    for (const hash of known) {
      let end = 0;
      for (let at = HASH_LENGTH - END_DIGITS; at < HASH_LENGTH; at++) {
        end = (end << DIGIT_BITS) | (DIGITS[hash.charCodeAt(at)] ?? 0);
      }
      ends[end & END_MASK] = 1;
    }
    knownEnds.set(known, ends);
  }
  return ends;
}

/** The hashes out of `known` in files and targets of links, sorted. */
export function findHashesInEntries(entries: Iterable<Entry>, known: KnownHashes): string[] {
  const found = new Set<string>();
  for (const entry of entries) {
    if (entry.type === "symlink")
      for (const hash of findHashes(Buffer.from(entry.target, "latin1"), known)) found.add(hash);
    if (entry.type === "file") for (const hash of hashesInFile(entry, known)) found.add(hash);
  }
  return [...found].sort();
}

/** A hash may lie across two pieces, so each begins with the end of the one before. */
function hashesInFile(entry: FileEntry, known: KnownHashes): Set<string> {
  const found = new Set<string>();
  const buffer = Buffer.allocUnsafe(Math.min(entry.size, PIECE) + HASH_LENGTH);
  const reader = openContent(entry);
  try {
    let kept = 0;
    for (let left = entry.size; left > 0;) {
      const count = reader.read(buffer, kept, Math.min(left, buffer.length - kept));
      left -= count;
      for (const hash of findHashes(buffer.subarray(0, kept + count), known)) found.add(hash);
      const end = kept + count;
      kept = Math.min(HASH_LENGTH - 1, end);
      buffer.copyWithin(0, end - kept, end);
    }
  } finally {
    reader.close();
  }
  return found;
}

function bytesAsText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
