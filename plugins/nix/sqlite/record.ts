/** Values and records of the SQLite file format (fileformat2, sections 1.6 and 2.1): what stands in a cell. */

/** Integers are whole numbers up to 2^53. */
export type SqlValue = null | number | string;

/** One row, or one key of an index: a header with the values' types, then their bytes. */
export function encodeRecord(values: readonly SqlValue[]): Buffer {
  const encoded = values.map(encodeValue);
  const types = Buffer.concat(encoded.map(({ type }) => encodeVarint(type)));
  // The header's length counts itself, and its own length may grow by that.
  const length = types.length + 1 < 0x80 ? types.length + 1 : types.length + 2;
  return Buffer.concat([encodeVarint(length), types, ...encoded.map(({ bytes }) => bytes)]);
}

/** The reverse. Blobs are read as byte strings. Throws `RangeError` for what is no record. */
export function decodeRecord(record: Buffer): SqlValue[] {
  const header = readVarint(record, 0);
  const values: SqlValue[] = [];
  let at = header.end;
  let body = header.value;
  while (at < header.value) {
    const { value: type, end } = readVarint(record, at);
    at = end;
    const length = lengthOf(type);
    if (body + length > record.length) throw new RangeError("A record is shorter than its header says");
    values.push(decodeValue(type, record.subarray(body, body + length)));
    body += length;
  }
  return values;
}

/** Seven bits a byte, the most significant first; up to 2^53 here. */
export function encodeVarint(value: number): Buffer {
  const bytes = [value % 0x80];
  for (let rest = Math.floor(value / 0x80); rest > 0; rest = Math.floor(rest / 0x80))
    bytes.unshift((rest % 0x80) | 0x80);
  return Buffer.from(bytes);
}

/** Throws `RangeError` at the end of the bytes, and above 2^53. */
export function readVarint(bytes: Buffer, offset: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = offset; at < offset + 8; at++) {
    const byte = bytes.readUInt8(at);
    value = value * 0x80 + (byte & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER) break;
    if (byte < 0x80) return { value, end: at + 1 };
  }
  throw new RangeError("A number is too large");
}

/** Bytes of the integer types 1 to 6. */
const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8] as const;

function encodeValue(value: SqlValue): { readonly type: number; readonly bytes: Buffer } {
  if (value === null) return { type: 0, bytes: Buffer.alloc(0) };
  if (typeof value === "string") {
    const bytes = Buffer.from(value, "utf8");
    return { type: 13 + 2 * bytes.length, bytes };
  }
  if (value === 0 || value === 1) return { type: 8 + value, bytes: Buffer.alloc(0) };
  const type = INTEGER_BYTES.findIndex((bytes) => value >= -(2 ** (8 * bytes - 1)) && value < 2 ** (8 * bytes - 1));
  const whole = Buffer.alloc(8);
  whole.writeBigInt64BE(BigInt(value));
  return { type, bytes: whole.subarray(8 - INTEGER_BYTES[type]!) };
}

function lengthOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  if (type === 7) return 8;
  if (type >= 8) return 0;
  return INTEGER_BYTES[type]!;
}

function decodeValue(type: number, bytes: Buffer): SqlValue {
  if (type >= 12) return bytes.toString(type % 2 === 1 ? "utf8" : "latin1");
  if (type === 0) return null;
  if (type === 7) return bytes.readDoubleBE(0);
  if (type === 8 || type === 9) return type - 8;
  if (type > 9) throw new RangeError("A value has a type that is none");
  return bytes.length === 8 ? Number(bytes.readBigInt64BE(0)) : bytes.readIntBE(0, bytes.length);
}
