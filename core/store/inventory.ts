/** What lies in the store: every blob, derived file or directory, and record, with its size and its last use. */
import { lstatSync, readdirSync, type Dirent } from "node:fs";
import { basename, join } from "node:path";
import { digestFromHex, type Digest } from "../model/digest.ts";
import { derivedDirectorySize } from "./derived-directory.ts";
import { BLOBS } from "./disk-store.ts";
import { COMPILED, TRANSLATED } from "./location.ts";
import { RUNNING } from "./presence.ts";
import { RECORD } from "./record-file.ts";
import { SEAL } from "./seal.ts";
import { KEPT, TEMPORARY } from "./temporary-files.ts";

export interface StoredItem {
  /** The folder's name: `blobs`, `packages`, … */
  readonly kind: string;
  readonly file: string;
  readonly type: "blob" | "derived" | "directory" | "record";
  /** Of a blob. */
  readonly digest: Digest | undefined;
  /** Bytes, with its seal. */
  readonly size: number;
  /** Milliseconds since 1970; a day too early at most. */
  readonly usedAt: number;
}

/** By kind and name. What goes while it is looked at is left out. */
export function listStore(directory: string): readonly StoredItem[] {
  return foldersIn(directory)
    .filter((kind) => !NO_KINDS.has(kind))
    .flatMap((kind) => foldersIn(join(directory, kind)).flatMap((part) => itemsIn(kind, join(directory, kind, part))));
}

/** Work under way and what was kept of it, marks, and what other programs keep here. */
const NO_KINDS = new Set([TEMPORARY, KEPT, RUNNING, TRANSLATED, COMPILED]);

const KEY_LENGTH = 64;
/** Other files are none of ours, wherever the store may be set to lie. */
const NAME = /^[0-9a-f]{64}(\.|$)/;

function itemsIn(kind: string, folder: string): readonly StoredItem[] {
  const part = basename(folder);
  const entries = entriesIn(folder).filter(({ name }) => NAME.test(name) && name.startsWith(part));
  const directories = namesOf(entries.filter((entry) => entry.isDirectory()));
  const names = namesOf(entries.filter((entry) => entry.isFile()));
  return [...directories.flatMap((name) => directoryAt(kind, join(folder, name))), ...filesIn(kind, folder, names)];
}

function directoryAt(kind: string, file: string): readonly StoredItem[] {
  const stat = statOf(file);
  const size = derivedDirectorySize(file);
  if (stat === undefined || size === undefined) return [];
  return [{ kind, file, type: "directory", digest: undefined, size, usedAt: stat.mtimeMs }];
}

function filesIn(kind: string, folder: string, names: readonly string[]): readonly StoredItem[] {
  return names.flatMap((name): readonly StoredItem[] => {
    if (name.endsWith(SEAL) && names.includes(name.slice(0, -SEAL.length))) return [];
    const file = join(folder, name);
    const stat = statOf(file);
    if (stat === undefined) return [];
    const seal = name.endsWith(RECORD) ? undefined : statOf(file + SEAL);
    const isBlob = kind === BLOBS && name.length === KEY_LENGTH;
    return [
      {
        kind,
        file,
        type: isBlob ? "blob" : name.endsWith(RECORD) ? "record" : "derived",
        digest: isBlob ? digestFromHex(name) : undefined,
        size: stat.size + (seal?.size ?? 0),
        usedAt: (seal ?? stat).mtimeMs,
      },
    ];
  });
}

function foldersIn(directory: string): readonly string[] {
  return namesOf(entriesIn(directory).filter((entry) => entry.isDirectory()));
}

function namesOf(entries: readonly Dirent[]): readonly string[] {
  return entries.map(({ name }) => name).sort();
}

function entriesIn(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

function statOf(path: string): { readonly size: number; readonly mtimeMs: number } | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
