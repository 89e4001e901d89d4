/** `--no-cache`: a store that knows no results of earlier builds. What this build finds out is kept all the same. */
import type { Store } from "./store.ts";

/** What the kinds of records begin with that are no results: what the host can do, which file our code made. */
const KNOWN = "known-";

export function withoutRecords(store: Store): Store {
  return {
    directory: store.directory,
    findBlob: (digest) => store.findBlob(digest),
    derivedPath: (...place) => store.derivedPath(...place),
    findDerived: (...place) => store.findDerived(...place),
    putBlob: (digest, bytes, expected) => store.putBlob(digest, bytes, expected),
    takeBlob: (digest, file) => store.takeBlob(digest, file),
    fetchBlob: (blob, from, expected) => store.fetchBlob(blob, from, expected),
    derive: (kind, key, extension, make) => store.derive(kind, key, extension, make),
    deriveDirectory: async () => undefined,
    readRecord: async (kind, key) => (kind.startsWith(KNOWN) ? store.readRecord(kind, key) : undefined),
    writeRecord: (kind, key, value) => store.writeRecord(kind, key, value),
    temporaryDirectory: (purpose) => store.temporaryDirectory(purpose),
    close: () => store.close(),
  };
}
