/** What a registry refused once for good is not tried again, by later processes neither; `--no-cache` tries it. */
import { REGISTRIES_MAY_REFUSE, digestOf, hexOf, type RegistryFeature, type Store } from "../../../core/index.ts";
import type { RegistryClient } from "../client.ts";

const KIND = "registry-refusals";

export interface RefusedFeatures {
  has(feature: RegistryFeature): Promise<boolean>;
  /** `status`: that it was refused with, which may say nothing of the next time. */
  add(feature: RegistryFeature, status: number): Promise<void>;
}

/** Of the client's registry. */
export function refusedFeatures(client: RegistryClient, store: Store): RefusedFeatures {
  const own = ofClient.get(client) ?? new Map<RegistryFeature, Promise<boolean>>();
  ofClient.set(client, own);
  const keyOf = (feature: RegistryFeature): string => hexOf(digestOf(`${client.registry}\n${feature}`));
  return {
    has(feature) {
      const known = own.get(feature) ?? store.readRecord(KIND, keyOf(feature)).then((record) => record === true);
      own.set(feature, known);
      return known;
    },
    async add(feature, status) {
      const { forGood, forNow } = REGISTRIES_MAY_REFUSE[feature];
      if (forGood.includes(status) || forNow.includes(status)) own.set(feature, Promise.resolve(true));
      if (forGood.includes(status)) await store.writeRecord(KIND, keyOf(feature), true);
    },
  };
}

const ofClient = new WeakMap<RegistryClient, Map<RegistryFeature, Promise<boolean>>>();
