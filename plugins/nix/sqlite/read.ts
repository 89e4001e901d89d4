/**
 * Reads whole tables out of a SQLite database file (fileformat2). The file may come from a foreign image, so every page
 * is visited once at most and everything stays inside it.
 */
import { cellParts } from "./page.ts";
import { decodeRecord, readVarint, type SqlValue } from "./record.ts";
import type { SqlRow } from "./write.ts";

const LEAF = 13;
const INTERIOR = 5;

/** The rows of tables by the tables' names; one that the file lacks has none. Throws `RangeError` for what is no database. */
export function readTables(bytes: Uint8Array, names: readonly string[]): ReadonlyMap<string, readonly SqlRow[]> {
  const file = openFile(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const roots = new Map<SqlValue, number>();
  for (const { values } of rowsOf(file, 1)) {
    const [type, name, , root] = values;
    if (type === "table" && typeof root === "number") roots.set(name ?? null, root);
  }
  return new Map(
    names.map((name) => {
      const root = roots.get(name);
      return [name, root === undefined ? [] : rowsOf(file, root)];
    }),
  );
}

/** Bytes that a row takes beside its content: its length, its number and where it lies, at least. */
const BESIDE = 4;

interface DatabaseFile {
  readonly bytes: Buffer;
  /** Bytes of the rows that were read. Many pointers may lead to one row, so that they come to more than the file. */
  spent: number;
  readonly pageSize: number;
  /** Bytes of a page that hold content. */
  readonly usable: number;
}

function openFile(bytes: Buffer): DatabaseFile {
  if (bytes.length < 512 || bytes.toString("latin1", 0, 16) !== "SQLite format 3\0") {
    throw new RangeError("It does not begin as a database does");
  }
  const said = bytes.readUInt16BE(16);
  const pageSize = said === 1 ? 65_536 : said;
  const usable = pageSize - bytes.readUInt8(20);
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0 || usable < 480) {
    throw new RangeError(`Its pages cannot have ${pageSize} bytes`);
  }
  if (bytes.readUInt32BE(56) > 1) throw new RangeError("Its texts are not UTF-8");
  return { bytes, spent: 0, pageSize, usable };
}

function rowsOf(file: DatabaseFile, root: number): SqlRow[] {
  const rows: SqlRow[] = [];
  const visited = new Set<number>();
  const pending = [root];
  while (pending.length > 0) {
    const number = pending.pop()!;
    const page = pageAt(file, number, visited);
    const start = number === 1 ? 100 : 0;
    const type = page.readUInt8(start);
    if (type !== LEAF && type !== INTERIOR) throw new RangeError(`Page ${number} is no part of a table`);
    const pointers = start + (type === LEAF ? 8 : 12);
    const cells = Array.from({ length: page.readUInt16BE(start + 3) }, (_, index) =>
      page.readUInt16BE(pointers + 2 * index),
    );
    if (type === LEAF) for (const cell of cells) rows.push(rowAt(file, page, cell, visited));
    // The last one comes out first.
    else pending.push(page.readUInt32BE(start + 8), ...cells.map((cell) => page.readUInt32BE(cell)).reverse());
  }
  return rows;
}

function rowAt(file: DatabaseFile, page: Buffer, offset: number, visited: Set<number>): SqlRow {
  const length = readVarint(page, offset);
  const rowid = readVarint(page, length.end);
  const { local, pageBytes } = cellParts(length.value, "table", file.usable);
  file.spent += length.value + BESIDE;
  if (file.spent > file.bytes.length) throw new RangeError("Its rows are larger than the file");
  const parts = [page.subarray(rowid.end, rowid.end + local)];
  if (local < length.value) {
    let next = page.readUInt32BE(rowid.end + local);
    for (let rest = length.value - local; rest > 0; rest -= pageBytes) {
      const overflow = pageAt(file, next, visited);
      parts.push(overflow.subarray(4, 4 + Math.min(rest, pageBytes)));
      next = overflow.readUInt32BE(0);
    }
  }
  return { rowid: rowid.value, values: decodeRecord(Buffer.concat(parts)) };
}

function pageAt({ bytes, pageSize }: DatabaseFile, number: number, visited: Set<number>): Buffer {
  const start = (number - 1) * pageSize;
  if (number < 1 || start + pageSize > bytes.length) throw new RangeError(`It has no page ${number}`);
  if (visited.has(number)) throw new RangeError(`Page ${number} is reached twice`);
  visited.add(number);
  return bytes.subarray(start, start + pageSize);
}
