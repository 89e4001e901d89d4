/** Pax extended header records (POSIX.1-2017, pax, "pax Extended Header"): `LENGTH KEY=VALUE\n`, bytes throughout. */
import { ImageDslError } from "../error.ts";
import { requireWithin } from "../limits/limits.ts";

export type PaxRecords = Map<string, string>;

/** Keys and values are byte strings. */
export function encodePax(records: Iterable<readonly [string, string]>): string {
  let text = "";
  for (const [key, value] of records) text += encodeRecord(key, value);
  return text;
}

/** Parses strictly: a bad length, a missing `=` or a NUL in a name throws `E_TAR_INVALID`, too many `E_TAR_LIMIT`. */
export function decodePax(bytes: string): PaxRecords {
  const records: PaxRecords = new Map();
  let position = 0;
  for (let count = 1; position < bytes.length; count++) {
    requireWithin("tar.records", count, "A pax header");
    const space = bytes.indexOf(" ", position);
    const digits = space < 0 ? "" : bytes.slice(position, space);
    if (!/^[1-9][0-9]{0,9}$/.test(digits)) throw invalid("has a record without a length");
    const end = position + Number(digits);
    const equals = bytes.indexOf("=", space);
    if (end > bytes.length || bytes[end - 1] !== "\n" || equals < 0 || equals >= end) {
      throw invalid("has a record whose length is wrong");
    }
    const key = bytes.slice(space + 1, equals);
    const value = bytes.slice(equals + 1, end - 1);
    if (value.includes("\0") && /^(path|linkpath|uname|gname)$/.test(key)) throw invalid(`holds a NUL in ${key}`);
    records.set(key, value);
    position = end;
  }
  return records;
}

function encodeRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  // The length counts its own digits.
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

function invalid(what: string): ImageDslError {
  return new ImageDslError("E_TAR_INVALID", `A pax header ${what}`);
}
