/** What an entry of a shared cache holds: a result, and which blobs it is about. */
import * as v from "valibot";
import { digestOf, hexOf, isDigest, type Digest } from "../../model/digest.ts";
import { canonicalJson, type Json } from "../../model/json.ts";
import type { SharedBlob } from "./shared-cache.ts";

/** Raised where an older image-dsl would misread what a newer one writes. It is part of names, so the two do not meet. */
export const ENTRY_FORMAT = 1;

/** A blob without which the result is of no use. */
export interface NeededBlob extends SharedBlob {
  /** By which it lies in the cache, where it was published anew: behind its bytes there are `edition` − 1 more. */
  readonly stored?: Digest;
}

export interface EntryContents {
  /** Counts up where an entry takes the place of one that is damaged: a registry keeps the bytes that it has of a digest. */
  readonly edition: number;
  /** The result; undefined where it is the first of `needs`. */
  readonly facts?: Json;
  readonly needs: readonly NeededBlob[];
  /** What the result only speaks of. */
  readonly names: readonly SharedBlob[];
}

/** 64 hex digits, under which the result of this key stands. */
export function entryName(kind: string, key: string): string {
  return hexOf(digestOf(canonicalJson({ format: ENTRY_FORMAT, kind, key })));
}

export function writeContents(contents: EntryContents): string {
  return canonicalJson({ format: ENTRY_FORMAT, ...contents } as unknown as Json);
}

/** Undefined for what is none. */
export function readContents(text: string): EntryContents | undefined {
  try {
    const parsed = v.safeParse(CONTENTS, JSON.parse(text));
    return parsed.success ? (parsed.output as EntryContents) : undefined;
  } catch {
    return undefined;
  }
}

/** How the blob lies in the cache. */
export function storedBlob({ digest, size, stored }: NeededBlob, edition: number): SharedBlob {
  return { digest: stored ?? digest, size: size + edition - 1 };
}

const MAX_EDITION = 1000;
const MAX_BLOBS = 1000;

const DIGEST = v.custom<Digest>(isDigest);
const BLOB = { digest: DIGEST, size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) };
const CONTENTS = v.strictObject({
  format: v.literal(ENTRY_FORMAT),
  edition: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_EDITION)),
  facts: v.exactOptional(v.unknown()),
  needs: v.pipe(v.array(v.strictObject({ ...BLOB, stored: v.exactOptional(DIGEST) })), v.maxLength(MAX_BLOBS)),
  names: v.pipe(v.array(v.strictObject(BLOB)), v.maxLength(MAX_BLOBS)),
});
