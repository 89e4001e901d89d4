/**
 * A layout in one tar. A member's name is its digest and stands before its bytes, so layers whose digest is not known are
 * made for that first; what was compressed is then in the store.
 */
import {
  archiveEnd,
  blobPath,
  digestOfBlob,
  member,
  smallMember,
  type Digest,
  type DocumentBlob,
  type PackedTarget,
} from "../../core/index.ts";
import { mergeIndex, namedTargets } from "./index-json.ts";
import { INDEX_FILE, LAYOUT_FILE, LAYOUT_JSON } from "./open-layout.ts";

/** In chunks, each valid until the one after the next is asked for. */
export async function* layoutArchive(
  targets: readonly PackedTarget[],
  name: string | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const written = new Set<Digest>();
  const isNew = (digest: Digest): boolean => !written.has(digest) && written.add(digest).has(digest);
  function* document({ descriptor, bytes }: DocumentBlob): Generator<Uint8Array> {
    if (isNew(descriptor.digest)) yield* smallMember(blobPath(descriptor.digest), bytes);
  }

  // All of it first: a chunk that was handed out must not be overtaken by reading for a digest.
  const added = await namedTargets(targets, name);
  yield* smallMember(LAYOUT_FILE, LAYOUT_JSON);
  for (const { parts, top } of targets) {
    const { manifests, indexes } = await parts();
    for (const { layers, config, manifest } of manifests) {
      for (const layer of layers) {
        const { digest, size } = await digestOfBlob(layer);
        if (isNew(digest)) yield* member(blobPath(digest), size, layer.open());
      }
      yield* document(await config());
      yield* document(await manifest());
    }
    for (const each of [...indexes, await top()]) yield* document(each);
  }
  yield* smallMember(INDEX_FILE, mergeIndex(INDEX_FILE, undefined, added));
  yield archiveEnd();
}
