/** What pax headers say of a member's fields: the header of its own, else global ones (POSIX.1-2017, pax). */
import type { PaxRecords } from "./pax.ts";
import { invalid } from "./raw-header.ts";

const FIELDS = [
  "path",
  "linkpath",
  "size",
  "uid",
  "gid",
  "uname",
  "gname",
  "mtime",
  "GNU.sparse.major",
  "GNU.sparse.map",
] as const;

type Field = (typeof FIELDS)[number];

/** Undefined is what no header says, or says emptily where a number or a time stands. All throw `E_TAR_INVALID`. */
export interface Extension {
  text(field: Field): string | undefined;
  number(field: Field): number | undefined;
  /** Whole seconds: what is behind the point is dropped towards the past, as `floor`. */
  time(field: Field): number | undefined;
  readonly xattrs: Readonly<Record<string, string>> | undefined;
}

export function extensionOf(local: PaxRecords | undefined, global: PaxRecords): Extension {
  if (local === undefined && global.size === 0) return NONE;
  const text = (field: Field) => local?.get(field) ?? global.get(field);
  return {
    text,
    number: (field) => parseNumber(field, text(field)),
    time: (field) => parseTime(field, text(field)),
    xattrs: local && xattrsOf(local),
  };
}

/** Of most members. */
const NONE: Extension = {
  text: () => undefined,
  number: () => undefined,
  time: () => undefined,
  xattrs: undefined,
};

/**
 * Keeps in `global` only what is read of such a header, so that it costs each member no more than look-ups. Throws
 * `E_TAR_INVALID` for extended attributes: no writer gives them to all members at once.
 */
export function takeGlobal(records: PaxRecords, global: PaxRecords): void {
  if (xattrsOf(records)) throw invalid("gives extended attributes to all members at once");
  for (const field of FIELDS) {
    const value = records.get(field);
    if (value !== undefined) global.set(field, value);
  }
}

function xattrsOf(records: PaxRecords): Record<string, string> | undefined {
  let xattrs: Record<string, string> | undefined;
  for (const [key, value] of records) {
    if (!key.startsWith("SCHILY.xattr.")) continue;
    xattrs ??= Object.create(null) as Record<string, string>;
    xattrs[key.slice("SCHILY.xattr.".length)] = value;
  }
  return xattrs;
}

function parseNumber(field: Field, digits: string | undefined): number | undefined {
  if (digits === undefined || digits === "") return undefined;
  if (!/^[0-9]{1,16}$/.test(digits) || !Number.isSafeInteger(Number(digits)))
    throw invalid(`has a pax ${field} that is no number`);
  return Number(digits);
}

function parseTime(field: Field, time: string | undefined): number | undefined {
  if (time === undefined || time === "") return undefined;
  if (!/^-?[0-9]{1,15}(\.[0-9]*)?$/.test(time)) throw invalid(`has a pax ${field} that is no time`);
  return Math.floor(Number(time));
}
