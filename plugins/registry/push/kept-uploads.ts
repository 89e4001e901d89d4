/** Where a registry has an upload is kept until it is done: a process that follows one that was killed goes on with it. */
import { digestOf, hexOf, isRecord, ownOwner, ownerState, type Store } from "../../../core/index.ts";
import { wholeName, type Repository } from "../repository.ts";

const KIND = "uploads";

export interface KeptUpload {
  /** Where one is that an ended process began; of one that another process goes on with nothing is told. */
  find(): Promise<URL | undefined>;
  keep(location: URL): Promise<void>;
  drop(): Promise<void>;
}

/** `identity`: of the blob. */
export function keptUpload(repository: Repository, identity: string, store: Store): KeptUpload {
  const key = hexOf(digestOf(`${wholeName(repository)}\n${identity}`));
  let isKept = false;
  return {
    async find() {
      const record = await store.readRecord(KIND, key);
      if (!isRecord(record)) return undefined;
      const { location, owner } = record;
      if (typeof location !== "string" || typeof owner !== "string" || ownerState(owner) !== "dead") return undefined;
      isKept = true;
      try {
        // It was found harmless when it was kept, but perhaps with more hosts named as insecure.
        return repository.client.locationFor({ headers: { location }, url: location });
      } catch {
        return undefined;
      }
    },
    async keep(location) {
      isKept = true;
      await store.writeRecord(KIND, key, { location: location.href, owner: ownOwner() });
    },
    async drop() {
      if (isKept) await store.writeRecord(KIND, key, null);
      isKept = false;
    },
  };
}
