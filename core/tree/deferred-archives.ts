/**
 * Archives whose entries are known before their bytes are here, since another machine has said what is in them and what planning reads of
 * them. All of one is brought before a layer is made of it. Whoever reads anything else of it meanwhile misses it: what was made since
 * then may be wrong, whatever was caught, and is not to be used (`Deferral.hasMissed`).
 */
import type { Entry } from "../model/entry.ts";
import { semaphore } from "../model/semaphore.ts";

/** Some bytes of an archive, by their beginnings in it; no two of them touch. */
export type ArchiveParts = ReadonlyMap<number, Uint8Array>;

/** Ends the planning in which something was missed. */
export class ArchiveMissed extends Error {}

/** One planning with archives that are not here. */
export interface Deferral {
  /** The decompressed archives' places. */
  readonly files: Set<string>;
  /** Something of one of them was missed. */
  hasMissed: boolean;
}

interface DeferredArchive {
  readonly parts: ArchiveParts;
  readonly bring: () => Promise<unknown>;
  brought?: Promise<unknown>;
}

interface NotedReads {
  readonly parts: Map<number, Uint8Array>;
  /** Bytes of all of them. */
  size: number;
}

/** By the decompressed archive's place. */
const deferred = new Map<string, DeferredArchive>();
const noted = new Map<string, NotedReads>();
/** Those that have not ended. */
const deferrals = new Set<Deferral>();

/** Not by the build's tasks: who asks may have one of their connections already, as for the blob that it sends. */
const limited = semaphore(4);

/** More than planning needs; then it is better fetched whole. */
const MAX_NOTED = 1024 * 1024;

/** Until `endDeferral`, it hears of what is missed. */
export function beginDeferral(): Deferral {
  const deferral = { files: new Set<string>(), hasMissed: false };
  deferrals.add(deferral);
  return deferral;
}

export function endDeferral(deferral: Deferral): void {
  deferrals.delete(deferral);
}

/** `bring` puts it where it belongs. */
export function deferArchive(
  file: string,
  parts: ArchiveParts,
  bring: () => Promise<unknown>,
  { files }: Pick<Deferral, "files">,
): void {
  deferred.set(file, { parts, bring });
  files.add(file);
}

/** What was read of it before it was here is read of itself now. */
export function archiveIsHere(file: string): void {
  deferred.delete(file);
}

export function isDeferred(entry: Entry): boolean {
  return deferred.size > 0 && deferred.has(archiveOf(entry) ?? "");
}

/** Brings the archives that these entries are slices of. */
export async function bringArchives(entries: readonly Entry[]): Promise<void> {
  if (deferred.size === 0) return;
  const files = new Set(
    entries.flatMap((entry) => {
      const file = archiveOf(entry);
      return file !== undefined && deferred.has(file) ? [file] : [];
    }),
  );
  await Promise.all(Array.from(files, bringArchive));
}

async function bringArchive(file: string): Promise<void> {
  const archive = deferred.get(file);
  if (archive === undefined) return;
  await (archive.brought ??= limited(archive.bring));
  deferred.delete(file);
}

/** Reads of one deferred archive; undefined where it is none. Each gives all that is asked for, or throws. */
export function deferredReader(file: string): ((position: number, length: number) => Uint8Array) | undefined {
  const archive = deferred.get(file);
  if (archive === undefined) return undefined;
  return (position, length) => {
    for (const [start, bytes] of archive.parts) {
      if (start <= position && position + length <= start + bytes.length)
        return bytes.subarray(position - start, position - start + length);
    }
    for (const deferral of deferrals) if (deferral.files.has(file)) deferral.hasMissed = true;
    throw new ArchiveMissed(`Bytes ${position} to ${position + length} of ${file} are not here yet`);
  };
}

/** From now on it is noted what is read of this archive. */
export function noteReads(file: string): void {
  noted.set(file, { parts: new Map(), size: 0 });
}

export function noteRead(file: string, position: number, bytes: Uint8Array): void {
  const reads = noted.get(file);
  if (reads === undefined) return;
  const before = reads.parts.get(position);
  if (before !== undefined && before.length >= bytes.length) return;
  reads.parts.set(position, new Uint8Array(bytes));
  reads.size += bytes.length - (before?.length ?? 0);
  if (reads.size > MAX_NOTED) noted.delete(file);
}

/** What was read of it so far, and ends noting it; undefined where that was much. */
export function notedReads(file: string): ArchiveParts | undefined {
  const reads = noted.get(file);
  noted.delete(file);
  return reads && joined(reads.parts);
}

function archiveOf(entry: Entry): string | undefined {
  return entry.type === "file" && entry.content.kind === "slice" ? entry.content.file : undefined;
}

function joined(reads: ArchiveParts): ArchiveParts {
  const parts = new Map<number, Uint8Array>();
  let last: number | undefined;
  for (const [start, bytes] of [...reads].toSorted(([one], [other]) => one - other)) {
    const before = last === undefined ? undefined : parts.get(last)!;
    const overlap = last === undefined ? -1 : last + before!.length - start;
    if (overlap < 0) parts.set((last = start), bytes);
    else if (overlap < bytes.length) parts.set(last!, Buffer.concat([before!, bytes.subarray(overlap)]));
  }
  return parts;
}
