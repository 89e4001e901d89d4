/** What is in an archive, with those of its bytes that planning reads: of other machines, so that the archive need not be here for that. */
import * as v from "valibot";
import type { Json } from "../../model/json.ts";
import { deferArchive, noteReads, notedReads, type Deferral } from "../../tree/deferred-archives.ts";
// For those who bring archives.
export { archiveIsHere } from "../../tree/deferred-archives.ts";
import { findRecord, type RecordPlaces } from "./shared-records.ts";

/** An archive's index, by a key of its contents and of how it is read. */
export interface ArchiveIndex {
  readonly kind: string;
  /** 64 hex digits. */
  readonly key: string;
  /** Where the decompressed archive lies, once it is here. */
  readonly file: string;
}

export interface ArchivePlaces extends RecordPlaces {
  readonly deferral?: Deferral;
}

const PART = v.tuple([v.pipe(v.number(), v.safeInteger(), v.minValue(0)), v.pipe(v.string(), v.base64())]);
const SHARED = v.strictObject({ index: v.unknown(), parts: v.array(PART) });

/** What another machine said is in it. Then `bring` brings the archive, when a layer is made of it. */
export async function findArchiveIndex(
  places: ArchivePlaces,
  { kind, key, file }: ArchiveIndex,
  bring: () => Promise<unknown>,
): Promise<Json | undefined> {
  const { deferral } = places;
  if (deferral === undefined) return undefined;
  const found = v.safeParse(SHARED, await findRecord(places, deferredKind(kind), key));
  if (!found.success) return undefined;
  const parts = found.output.parts.map(([start, text]) => [start, Buffer.from(text, "base64")] as const);
  deferArchive(file, new Map(parts), bring, deferral);
  return found.output.index as Json;
}

/** The archive is here, and this is in it: for this machine, and for others once all images are planned. */
export async function keepArchiveIndex(
  { store, shared }: RecordPlaces,
  { kind, key, file }: ArchiveIndex,
  index: Json,
): Promise<void> {
  await store.writeRecord(kind, key, index);
  const isAsked = shared?.keepPlanned(deferredKind(kind), key, () => {
    const parts = notedReads(file);
    if (parts === undefined) return undefined;
    return { index, parts: Array.from(parts, ([start, bytes]) => [start, Buffer.from(bytes).toString("base64")]) };
  });
  if (isAsked) noteReads(file);
}

function deferredKind(kind: string): string {
  return `deferred-${kind}`;
}
