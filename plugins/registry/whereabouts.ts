/**
 * What a repository has, and where else in its registry a blob can be mounted from, as far as this machine knows: what it pushed
 * there, or pulled from there. A registry may have lost it since; then it refuses the manifest, and what was believed is looked at again.
 */
import { digestOf, hexOf, isTexts, type Digest, type Store } from "../../core/index.ts";
import { wholeName, type Repository } from "./repository.ts";

/** Digests, the latest last. */
const OF_REPOSITORY = "registry-repository";
/** Names of repositories, the latest first. */
const OF_BLOB = "registry-blobs";
/** About what was pushed before the latest of these the registry is asked again. */
const MAX_BLOBS = 5000;
/** More places to mount a blob from gain nothing: one that was no place any more is followed by what was uploaded for it. */
const MAX_PLACES = 3;

export interface Whereabouts {
  has(digest: Digest): Promise<boolean>;
  /** The name of another repository to mount it from. */
  elsewhere(digest: Digest): Promise<string | undefined>;
  /** What was uploaded is where to mount from next, whatever was before. */
  remember(digest: Digest, by: "uploaded" | "found"): Promise<void>;
  /** Keeps what the repository has, in one record; not done, it is asked about again. */
  save(): Promise<void>;
}

/** Of the repository's registry. */
export function whereabouts(repository: Repository, store: Store): Whereabouts {
  const { client, name } = repository;
  const own = hexOf(digestOf(wholeName(repository)));
  const keyOf = (digest: Digest): string => hexOf(digestOf(`${client.registry}\n${digest}`));
  const texts = async (kind: string, key: string): Promise<readonly string[]> => {
    const record = await store.readRecord(kind, key);
    return isTexts(record) ? record : [];
  };
  const added = new Set<string>();
  let before: Promise<ReadonlySet<string>> | undefined;

  return {
    async has(digest) {
      before ??= texts(OF_REPOSITORY, own).then((all) => new Set(all));
      return added.has(digest) || (await before).has(digest);
    },
    elsewhere: async (digest) => (await texts(OF_BLOB, keyOf(digest))).find((each) => each !== name),
    async remember(digest, by) {
      added.add(digest);
      const places = await texts(OF_BLOB, keyOf(digest));
      if (by === "found" ? places.length >= MAX_PLACES || places.includes(name) : places[0] === name) return;
      const others = places.filter((each) => each !== name);
      await store.writeRecord(OF_BLOB, keyOf(digest), [name, ...others].slice(0, MAX_PLACES));
    },
    async save() {
      // Other pushes may have ended meanwhile.
      const known = await texts(OF_REPOSITORY, own);
      const all = new Set([...known, ...added]);
      if (all.size > known.length) await store.writeRecord(OF_REPOSITORY, own, [...all].slice(-MAX_BLOBS));
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
