/**
 * Directories that were derived: `KIND/KK/KEY/` holds `content`, and a record of what each entry of it was when it was made. Whatever is
 * done to an entry changes its ctime, so it is seen without reading a byte. To flush very many files takes longer than to
 * make them: these directories are believed until the machine starts again.
 */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemCodeOf } from "../error.ts";
import { bootId } from "../host.ts";
import { nextTurn } from "../tree/turns.ts";
import { noteUse } from "./last-use.ts";
import { isOwn } from "./own.ts";
import { encodeRecord, readRecordFile, RECORD } from "./record-file.ts";
import { temporaryFile } from "./temporary-files.ts";

export const CONTENT = "content";
const FACTS = `facts${RECORD}`;

interface Facts {
  readonly boot: string;
  /** 64 hex digits, of all paths and what `lstat` says of them. */
  readonly entries: string;
  readonly bytes: number;
}

export interface FoundDirectory {
  /** Of its content. */
  readonly path: string;
  /** Whether it is as it was made; looks at all of it. */
  isWhole(): Promise<boolean>;
}

/** Where it is there, and believed so far. */
export function findDerivedDirectory(place: string): FoundDirectory | undefined {
  const stat = lstatSync(place, { throwIfNoEntry: false });
  const written = writtenFacts(place);
  if (stat === undefined || !stat.isDirectory() || !isOwn(stat) || written?.boot !== (bootId() ?? "")) return undefined;
  noteUse(place, stat.mtimeMs);
  const path = join(place, CONTENT);
  return { path, isWhole: async () => (await factsOf(path).catch(() => undefined))?.entries === written.entries };
}

/** Puts `made`, whose `content` is whole, in its place. What is there and is not whole goes. */
export async function placeDerivedDirectory(made: string, place: string, store: string): Promise<void> {
  const facts = await factsOf(join(made, CONTENT));
  writeFileSync(join(made, FACTS), encodeRecord({ ...facts }), { mode: 0o600, flag: "wx" });
  try {
    renameSync(made, place);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    // Another process may have made the same meanwhile, and use it.
    if (await findDerivedDirectory(place)?.isWhole()) return;
    await removeDerivedDirectory(place, store);
    renameSync(made, place);
  }
}

/** Out of its place at once; what is killed meanwhile leaves a temporary name. */
export async function removeDerivedDirectory(place: string, store: string): Promise<void> {
  const gone = temporaryFile(store);
  renameSync(place, gone);
  const { removeDirectory } = await import("../process/remove-directory.ts");
  await removeDirectory(gone);
}

/** Bytes of its files, as it was made; undefined where it is none of ours. */
export function derivedDirectorySize(place: string): number | undefined {
  return writtenFacts(place)?.bytes;
}

function writtenFacts(place: string): Facts | undefined {
  return readRecordFile(join(place, FACTS))?.value as Facts | undefined;
}

const PAUSE_AFTER = 1024;

/** Throws where anything cannot be looked at. */
async function factsOf(directory: string): Promise<Facts> {
  const hash = createHash("sha256");
  const waiting = [""];
  let bytes = 0;
  let count = 0;
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const file = directory + path;
    const stat = lstatSync(file, { bigint: true });
    const { mode, uid, gid, ino, size, mtimeNs, ctimeNs } = stat;
    hash.update(`${path}\0${[mode, uid, gid, ino, size, mtimeNs, ctimeNs].join()}\0`);
    if (stat.isFile()) bytes += Number(size);
    if (stat.isDirectory()) for (const name of readdirSync(file).sort()) waiting.push(`${path}/${name}`);
    if (++count % PAUSE_AFTER === 0) await nextTurn();
  }
  return { boot: bootId() ?? "", entries: hash.digest("hex"), bytes };
}
