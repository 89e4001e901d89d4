/**
 * Which repositories of a registry have a blob, as far as this machine knows: what it pushed there, or pulled from there.
 * A registry may have lost it since; then it refuses the manifest, and what was believed is looked at again.
 */
import { digestOf, hexOf, isTexts, type Digest, type Store } from "../../core/index.ts";
import { wholeName, type Repository } from "./repository.ts";

const KIND = "registry-blobs";
/** More places to mount a blob from gain nothing. */
const MAX_PLACES = 8;

export interface Whereabouts {
  /** Names of repositories, the latest first. */
  find(digest: Digest): Promise<readonly string[]>;
  has(digest: Digest): Promise<boolean>;
  remember(digest: Digest): Promise<void>;
}

/** Of the repository's registry. */
export function whereabouts(repository: Repository, store: Store): Whereabouts {
  const { client, name } = repository;
  const keyOf = (digest: Digest): string => hexOf(digestOf(`${client.registry}\n${digest}`));

  async function find(digest: Digest): Promise<readonly string[]> {
    const record = await store.readRecord(KIND, keyOf(digest));
    return isTexts(record) ? record : [];
  }

  return {
    find,
    has: async (digest) => (await find(digest)).includes(name),
    async remember(digest) {
      const others = (await find(digest)).filter((each) => each !== name);
      await store.writeRecord(KIND, keyOf(digest), [name, ...others].slice(0, MAX_PLACES));
    },
  };
}

/** The name in `HOST/NAME`, where it is of this repository's registry and another one. */
export function otherRepository(repository: Repository, place: string | undefined): string | undefined {
  const { client } = repository;
  if (place === undefined || !place.startsWith(`${client.registry}/`) || place === wholeName(repository))
    return undefined;
  return place.slice(client.registry.length + 1);
}
