/** A repository of a registry as a shared cache: entries are tags, blobs lie where pushes to the same registry can mount them from. */
import {
  INDEX_TYPES,
  MANIFEST_TYPES,
  oneChunk,
  type Blob,
  type CacheContext,
  type SharedBlob,
  type SharedCache,
} from "../../../core/index.ts";
import { ownClient } from "../own-client.ts";
import type { RegistryAction } from "../client.ts";
import { bytesFrom } from "../pull/fetch-blob.ts";
import { isThere } from "../push/is-there.ts";
import { mountBlob } from "../push/mount-blob.ts";
import { putManifest } from "../push/push-target.ts";
import { refusedFeatures } from "../push/refused-features.ts";
import { uploadBlob } from "../push/upload-blob.ts";
import { manifestPathIn, scopeOf, type Repository } from "../repository.ts";
import { whereabouts } from "../whereabouts.ts";
import { wholeAnswer } from "../whole-answer.ts";
import { readPlace } from "./place.ts";
import { EMPTY, EMPTY_BYTES, entryManifest, readEntry, tagOf } from "./entry-manifest.ts";

/** Whoever builds would rather do the work than wait long for who may have done it. */
const PATIENCE = { retry: { attempts: 2, delay: 300 }, silence: 10_000 };
/** Of an entry's manifest. Results that are larger are blobs. */
const MAX_ENTRY = 1024 * 1024;

export async function openCache(text: string, context: CacheContext): Promise<SharedCache> {
  const { insecureHosts, signal, store, mayWrite } = context;
  const reference = readPlace(text);
  const actions: readonly RegistryAction[] = mayWrite ? ["pull", "push"] : ["pull"];
  let opened: Promise<Repository> | undefined;
  const open = (): Promise<Repository> =>
    (opened ??= ownClient(reference, insecureHosts, signal, PATIENCE).then((client) => ({
      client,
      name: reference.repository,
    })));
  let config: Promise<boolean> | undefined;

  async function has(blob: SharedBlob): Promise<boolean> {
    const repository = await open();
    const isWhole = await isThere(repository, blob, actions);
    if (isWhole) await whereabouts(repository, store).remember(blob.digest, "found");
    return isWhole;
  }

  async function take(blob: SharedBlob, bytes?: () => AsyncIterable<Uint8Array>): Promise<boolean> {
    if (await has(blob)) return true;
    const repository = await open();
    const places = whereabouts(repository, store);
    const refused = refusedFeatures(repository.client, store);
    const from = (await refused.has("mounts")) ? undefined : await places.elsewhere(blob.digest);
    const isMounted = from !== undefined && (await mountBlob(repository, blob, from, refused)) === "mounted";
    if (!isMounted && bytes === undefined) return false;
    if (!isMounted) await uploadBlob(repository, asBlob(blob, bytes!), { store, signal, onProgress: () => {} });
    await places.remember(blob.digest, isMounted ? "found" : "uploaded");
    return true;
  }

  return {
    place: `${reference.registry}/${reference.repository}`,
    async lookup(name) {
      const repository = await open();
      const { response, bytes } = await wholeAnswer(
        () =>
          repository.client.send({
            path: manifestPathIn(repository, tagOf(name)),
            scopes: [scopeOf(repository, ...actions)],
            headers: { accept: [...MANIFEST_TYPES, ...INDEX_TYPES].join(", ") },
            maxBytes: MAX_ENTRY,
            accepts: [404],
          }),
        signal,
      );
      return response.status === 404 ? undefined : readEntry(bytes, response.headers["docker-content-digest"]);
    },
    async *read(blob, offset) {
      yield* await bytesFrom(await open(), blob, offset);
    },
    has,
    take,
    async publish(name, entry) {
      const repository = await open();
      await (config ??= take(EMPTY, () => oneChunk(EMPTY_BYTES)));
      await putManifest(repository, tagOf(name), entryManifest(entry));
    },
  };
}

function asBlob(blob: SharedBlob, open: () => AsyncIterable<Uint8Array>): Blob {
  return {
    mediaType: "application/octet-stream",
    known: () => Promise.resolve(blob),
    bound: blob.size,
    identity: blob.digest,
    open,
  };
}
