/**
 * The user databases of passwd(5), group(5), shadow(5) and gshadow(5): read strictly, written as the shadow tools
 * write them. Texts are byte strings; order is kept, since it is the order in which look-ups answer.
 */
import { ImageDslError } from "../error.ts";
import { displayBytes } from "../model/bytes.ts";

/** One line of /etc/passwd (passwd(5)). */
export interface PasswdEntry {
  /** Without spaces, colons, commas and slashes; each once in a file. */
  readonly name: string;
  /** `x` where the password is in shadow. */
  readonly password: string;
  /** 0 to 2^32 − 2. */
  readonly uid: number;
  /** The group that the user's processes start with; 0 to 2^32 − 2. */
  readonly gid: number;
  /** The full name and what else is known of the user, with commas between. */
  readonly gecos: string;
  /** Absolute by custom; may be empty. */
  readonly home: string;
  /** What a login starts, such as /usr/sbin/nologin; empty means /bin/sh. */
  readonly shell: string;
}

/** One line of /etc/group (group(5)). */
export interface GroupEntry {
  /** Without spaces, colons, commas and slashes; each once in a file. */
  readonly name: string;
  /** `x` where it is in gshadow; empty or `*` where there is none. */
  readonly password: string;
  /** 0 to 2^32 − 2. */
  readonly gid: number;
  /** Names of users, without those who have it as their first group. */
  readonly members: readonly string[];
}

/** Ages are whole days; undefined where the field is empty. */
export interface ShadowEntry {
  /** Of a user in passwd. */
  readonly name: string;
  /** Encrypted as crypt(5) says; `*` and what begins with `!` let nobody log in by one. */
  readonly password: string;
  /** Of the password, in days since 1970; 0 asks for a new one at the next login. */
  readonly lastChange: number | undefined;
  /** Days before the password may be changed again. */
  readonly minimum: number | undefined;
  /** Days after which it has to be changed. */
  readonly maximum: number | undefined;
  /** Days before `maximum` in which the user is warned. */
  readonly warning: number | undefined;
  /** Days after `maximum` in which the old one is still taken. */
  readonly inactive: number | undefined;
  /** Days since 1970, after which the account is closed. */
  readonly expires: number | undefined;
}

/** One line of /etc/gshadow (gshadow(5)). */
export interface GshadowEntry {
  /** Of a group in group. */
  readonly name: string;
  /** Encrypted as crypt(5) says; `*` and what begins with `!` let nobody in by one. */
  readonly password: string;
  /** Names of users who may change the password and the members. */
  readonly administrators: readonly string[];
  /** Names of users, the same as in group. */
  readonly members: readonly string[];
}

const MAX_TEXT = 16 * 1024 * 1024;
const MAX_LINES = 100_000;
/** 2^32 - 1 means "no id" to the kernel. */
const MAX_ID = 0xffff_fffe;

/** Throws `E_PASSWD_INVALID` with the line: wrong number of fields, an id that is none, a name given twice. */
export function parsePasswd(text: string, file = "/etc/passwd"): readonly PasswdEntry[] {
  return parseLines(text, file, 7, (field, fail) => ({
    name: field[0]!,
    password: field[1]!,
    uid: parseID(field[2]!, fail),
    gid: parseID(field[3]!, fail),
    gecos: field[4]!,
    home: field[5]!,
    shell: field[6]!,
  }));
}

/** Lines in the order given. Throws `E_PASSWD_INVALID` for a field with a colon or a line end in it. */
export function formatPasswd(entries: readonly PasswdEntry[]): string {
  return formatLines(entries, (entry) => [
    entry.name,
    entry.password,
    String(entry.uid),
    String(entry.gid),
    entry.gecos,
    entry.home,
    entry.shell,
  ]);
}

/** Throws `E_PASSWD_INVALID`, as `parsePasswd` does. */
export function parseGroup(text: string, file = "/etc/group"): readonly GroupEntry[] {
  return parseLines(text, file, 4, (field, fail) => ({
    name: field[0]!,
    password: field[1]!,
    gid: parseID(field[2]!, fail),
    members: parseList(field[3]!),
  }));
}

/** Throws `E_PASSWD_INVALID`, as `formatPasswd` does. */
export function formatGroup(entries: readonly GroupEntry[]): string {
  return formatLines(entries, (entry) => [entry.name, entry.password, String(entry.gid), entry.members.join(",")]);
}

/** Throws `E_PASSWD_INVALID`, as `parsePasswd` does. */
export function parseShadow(text: string, file = "/etc/shadow"): readonly ShadowEntry[] {
  return parseLines(text, file, 9, (field, fail) => ({
    name: field[0]!,
    password: field[1]!,
    lastChange: parseDays(field[2]!, fail),
    minimum: parseDays(field[3]!, fail),
    maximum: parseDays(field[4]!, fail),
    warning: parseDays(field[5]!, fail),
    inactive: parseDays(field[6]!, fail),
    expires: parseDays(field[7]!, fail),
  }));
}

/** Throws `E_PASSWD_INVALID`, as `formatPasswd` does; the last field, which is reserved, stays empty. */
export function formatShadow(entries: readonly ShadowEntry[]): string {
  return formatLines(entries, (entry) => [
    entry.name,
    entry.password,
    ...[entry.lastChange, entry.minimum, entry.maximum, entry.warning, entry.inactive, entry.expires].map((days) =>
      days === undefined ? "" : String(days),
    ),
    "",
  ]);
}

/** Throws `E_PASSWD_INVALID`, as `parsePasswd` does. */
export function parseGshadow(text: string, file = "/etc/gshadow"): readonly GshadowEntry[] {
  return parseLines(text, file, 4, (field) => ({
    name: field[0]!,
    password: field[1]!,
    administrators: parseList(field[2]!),
    members: parseList(field[3]!),
  }));
}

/** Throws `E_PASSWD_INVALID`, as `formatPasswd` does. */
export function formatGshadow(entries: readonly GshadowEntry[]): string {
  return formatLines(entries, (entry) => [
    entry.name,
    entry.password,
    entry.administrators.join(","),
    entry.members.join(","),
  ]);
}

type Fail = (what: string) => never;

function parseLines<Entry extends { readonly name: string }>(
  text: string,
  file: string,
  fields: number,
  parse: (field: readonly string[], fail: Fail) => Entry,
): readonly Entry[] {
  if (text.length > MAX_TEXT) throw invalid(file, undefined, `is larger than ${MAX_TEXT} bytes`);
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (lines.length > MAX_LINES) throw invalid(file, undefined, `has more than ${MAX_LINES} lines`);
  const names = new Set<string>();
  return lines.map((line, index) => {
    const fail: Fail = (what) => {
      throw invalid(file, index + 1, what);
    };
    const field = line.split(":");
    if (field.length !== fields) fail(`has ${field.length} fields where ${fields} are due`);
    if (!/^[^\s:,/]+$/.test(field[0]!)) fail(`has the name "${displayBytes(field[0]!)}", which is not one`);
    // oxlint-disable-next-line no-control-regex -- NUL would cut the line for every C program that reads it
    if (/[\x00\r]/.test(line)) fail("holds a control character");
    if (names.has(field[0]!)) fail(`names "${displayBytes(field[0]!)}" a second time`);
    names.add(field[0]!);
    return parse(field, fail);
  });
}

function formatLines<Entry>(entries: readonly Entry[], fields: (entry: Entry) => readonly string[]): string {
  return entries
    .map((entry) => {
      const values = fields(entry);
      const odd = values.find((value) => /[:\n]/.test(value));
      if (odd !== undefined) {
        throw new ImageDslError("E_PASSWD_INVALID", `Cannot write "${displayBytes(odd)}" into a user database`, {
          hint: "Leave out colons and line ends",
        });
      }
      return `${values.join(":")}\n`;
    })
    .join("");
}

function parseID(text: string, fail: Fail): number {
  const value = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value <= MAX_ID ? value : fail(`has "${displayBytes(text)}" where an id is due`);
}

function parseDays(text: string, fail: Fail): number | undefined {
  if (text === "") return undefined;
  return /^(-1|[0-9]{1,9})$/.test(text) ? Number(text) : fail(`has "${displayBytes(text)}" where days are due`);
}

function parseList(text: string): readonly string[] {
  return text === "" ? [] : text.split(",");
}

function invalid(file: string, line: number | undefined, what: string): ImageDslError {
  const where = line === undefined ? file : `${file}:${line}`;
  return new ImageDslError("E_PASSWD_INVALID", `Cannot read ${where}: it ${what}`, {
    place: line === undefined ? { file } : { file, line },
  });
}
