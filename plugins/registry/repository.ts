/** A repository of a registry: what is asked for, and what that needs to be allowed. */
import { INDEX_TYPES, MANIFEST_TYPES, type Digest } from "../../core/index.ts";
import type { RegistryAction, RegistryClient, RegistryScope } from "./client.ts";

export interface Repository {
  readonly client: RegistryClient;
  /** `library/redis`. */
  readonly name: string;
}

/** `HOST/NAME`. */
export function wholeName({ client, name }: Repository): string {
  return `${client.registry}/${name}`;
}

export function scopeOf({ name }: Repository, ...actions: readonly RegistryAction[]): RegistryScope {
  return { repository: name, actions };
}

export function blobPathIn({ name }: Repository, digest: Digest): string {
  return `${name}/blobs/${digest}`;
}

/** What a request for a manifest accepts: each kind of manifest and index that is read here. */
export const ACCEPTED_MANIFESTS = [...MANIFEST_TYPES, ...INDEX_TYPES].join(", ");

/** `reference`: a tag or a digest. */
export function manifestPathIn({ name }: Repository, reference: string): string {
  return `${name}/manifests/${reference}`;
}
