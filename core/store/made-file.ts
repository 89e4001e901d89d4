/**
 * Files that our own code makes of data, kept under their own digests: what uses one depends on what it is, and on no number that
 * somebody has to raise. Only the same code finds one again without making it; run from the sources, it is made each time.
 */
import { writeFile } from "node:fs/promises";
import { codeIdentity } from "../code-identity.ts";
import { digestOf, hexOf, isDigest, type Digest } from "../model/digest.ts";
import { canonicalJson } from "../model/json.ts";
import type { Store } from "./store.ts";

/** A file in the store that our own code made. */
export interface MadeFile {
  /** Absolute; not to be written to. */
  readonly path: string;
  /** Of its bytes: what keys of results that use it hang on. */
  readonly digest: Digest;
}

/** `from`: the digest of all that `make` reads. `code`: who makes it. */
export async function madeFile(
  store: Store,
  kind: string,
  from: Digest,
  make: () => Promise<Uint8Array>,
  code: string | undefined = codeIdentity,
): Promise<MadeFile> {
  const key = code === undefined ? undefined : hexOf(digestOf(canonicalJson({ code, from })));
  const known = key && (await store.readRecord(`known-${kind}`, key));
  const kept = isDigest(known) ? await store.findDerived(kind, hexOf(known), "") : undefined;
  if (isDigest(known) && kept !== undefined) return { path: kept, digest: known };
  const bytes = await make();
  const digest = digestOf(bytes);
  const path = await store.derive(kind, hexOf(digest), "", async (file) => {
    await writeFile(file, bytes, { mode: 0o600 });
    return digest;
  });
  if (key !== undefined) await store.writeRecord(`known-${kind}`, key, digest);
  return { path, digest };
}
