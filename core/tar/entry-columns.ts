/**
 * The entries of an indexed tar as JSON, in columns, as parsing few long arrays is what JSON is fastest at. Contents stay
 * where they are: in the decompressed tar.
 */
import { holdFile } from "../limits/held-memory.ts";
import type { Digest } from "../model/digest.ts";
import { textsOf, type Entry } from "../model/entry.ts";
import { isRecord, type Json } from "../model/json.ts";
import { isTreePath, type TreePath } from "../model/path.ts";

/** Where the decompressed tar is, and the archive it was made from. */
export interface TarPlace {
  /** Absolute; slices of it are the entries' contents. */
  readonly file: string;
  /** Of the archive as it was fetched or found, compressed: what layers' keys hang on. */
  readonly archive: Digest;
}

interface Columns {
  /** One letter for each entry. */
  readonly types: string;
  readonly paths: readonly string[];
  readonly modes: readonly number[];
  readonly mtimes: readonly number[];
  /** For each file in order, its size and its offset. */
  readonly contents: readonly number[];
  /** For each symbolic and hard link in order, its target; for each device, `major:minor`. */
  readonly targets: readonly string[];
  /** What few entries have, by the entry's number. */
  readonly extras: Readonly<Record<string, Extra>>;
}

interface Extra {
  readonly uid?: number;
  readonly gid?: number;
  readonly uname?: string;
  readonly gname?: string;
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** Contents have to be slices. */
export function encodeEntries(entries: readonly Entry[]): Json {
  // Filled in one pass: the way back, below, says why.
  const contents: number[] = [];
  const targets: string[] = [];
  const extras: Record<string, Extra> = {};
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index]!;
    if (entry.type === "file") {
      if (entry.content.kind !== "slice") throw new Error(`${entry.path} is no slice of a tar`);
      contents.push(entry.size, entry.content.offset);
    } else if (entry.type === "symlink" || entry.type === "hardlink") targets.push(entry.target);
    else if (entry.type === "character" || entry.type === "block") targets.push(`${entry.major}:${entry.minor}`);
    if (hasExtra(entry)) extras[index] = extraOf(entry);
  }
  const columns: Columns = {
    types: entries.map(letterOf).join(""),
    paths: entries.map((entry) => entry.path),
    modes: entries.map((entry) => entry.mode),
    mtimes: entries.map((entry) => entry.mtime),
    contents,
    targets,
    extras,
  };
  return columns as unknown as Json;
}

/** Undefined where the record is not whole: it is then made anew. */
export function decodeEntries(record: Json, place: TarPlace): Entry[] | undefined {
  if (!isColumns(record)) return undefined;
  const { types, paths, contents, targets, extras } = record;
  const entries: Entry[] = [];
  let content = 0;
  let target = 0;
  for (let index = 0; index < paths.length; index++) {
    const letter = types.charAt(index);
    let entry: Entry | undefined;
    if (letter === "f") {
      entry = fileEntry(record, index, contents[content]!, contents[content + 1]!, place);
      content += 2;
    } else {
      entry = otherEntry(record, index, letter, targets[target]);
      if (HAS_TARGET.has(letter)) target++;
    }
    if (entry === undefined || !isTreePath(entry.path)) return undefined;
    const extra = extras[index];
    if (extra !== undefined) entry = { ...entry, ...extraOf(extra) };
    holdFile(textsOf(entry));
    entries.push(entry);
  }
  return entries;
}

// Whole literals here and below: spreading a common part costs more than all the rest, and warm starts wait for this.
function fileEntry(
  { paths, modes, mtimes }: Columns,
  index: number,
  size: number,
  offset: number,
  place: TarPlace,
): Entry {
  return {
    path: paths[index] as TreePath,
    mode: modes[index]!,
    uid: 0,
    gid: 0,
    mtime: mtimes[index]!,
    type: "file",
    size,
    content: { kind: "slice", file: place.file, archive: place.archive, offset },
  };
}

function otherEntry(
  { paths, modes, mtimes }: Columns,
  index: number,
  letter: string,
  target: string | undefined,
): Entry | undefined {
  const path = paths[index] as TreePath;
  const mode = modes[index]!;
  const mtime = mtimes[index]!;
  switch (letter) {
    case "d":
      return { path, mode, uid: 0, gid: 0, mtime, type: "directory" };
    case "i":
      return { path, mode, uid: 0, gid: 0, mtime, type: "directory", implicit: true };
    case "l":
      return { path, mode, uid: 0, gid: 0, mtime, type: "symlink", target: target! };
    case "h":
      return { path, mode, uid: 0, gid: 0, mtime, type: "hardlink", target: target as TreePath };
    case "p":
      return { path, mode, uid: 0, gid: 0, mtime, type: "fifo" };
    case "c":
    case "b": {
      const [major, minor] = target!.split(":").map(Number);
      return {
        path,
        mode,
        uid: 0,
        gid: 0,
        mtime,
        type: letter === "c" ? "character" : "block",
        major: major!,
        minor: minor!,
      };
    }
    default:
      return undefined;
  }
}

const HAS_TARGET = new Set(["l", "h", "c", "b"]);
const LETTERS = {
  file: "f",
  directory: "d",
  symlink: "l",
  hardlink: "h",
  character: "c",
  block: "b",
  fifo: "p",
} as const;

function letterOf(entry: Entry): string {
  return entry.type === "directory" && entry.implicit ? "i" : LETTERS[entry.type];
}

function hasExtra({ uid, gid, uname, gname, xattrs }: Entry): boolean {
  return uid !== 0 || gid !== 0 || uname !== undefined || gname !== undefined || xattrs !== undefined;
}

/** Nothing else of a record: what a file holds is where the archive is, whoever wrote it. */
function extraOf({ uid = 0, gid = 0, uname, gname, xattrs }: Extra): Extra {
  return {
    ...(uid !== 0 && { uid }),
    ...(gid !== 0 && { gid }),
    ...(uname !== undefined && { uname }),
    ...(gname !== undefined && { gname }),
    ...(xattrs && { xattrs }),
  };
}

/** The store is the user's own, but what it has of a shared cache is another's: whole, and of the right kinds. */
function isColumns(record: Json): record is Json & Columns {
  if (!isRecord(record)) return false;
  const { types, paths, modes, mtimes, contents, targets, extras } = record;
  if (typeof types !== "string" || !isRecord(extras)) return false;
  return (
    isList(paths, types.length, isText) &&
    isList(modes, types.length, isCount) &&
    isList(mtimes, types.length, Number.isSafeInteger) &&
    isList(contents, 2 * countOf(types, /f/g), isCount) &&
    isList(targets, countOf(types, /[lhcb]/g), isText) &&
    Object.values(extras).every(isExtra)
  );
}

function isList(value: unknown, length: number, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length === length && value.every(isItem);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isExtra(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { uid = 0, gid = 0, uname = "", gname = "", xattrs = {} } = value;
  return (
    [uid, gid].every(isCount) && [uname, gname].every(isText) && isRecord(xattrs) && Object.values(xattrs).every(isText)
  );
}

function countOf(types: string, letter: RegExp): number {
  return types.match(letter)?.length ?? 0;
}
