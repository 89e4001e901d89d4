/**
 * What is known of those who take images, as far as they differ: data alone. Tried, from their own release notes, or
 * learned of a registry from its answers.
 */

/** Docker, by its first version that does. Any takes docker archives, which have plain layers, and layers with gzip. */
export const DOCKER_TAKES = Object.freeze([
  // 20.10 says "invalid tar header" to a layer that is pulled.
  { what: "zstd layers", since: 23 },
  // Before it, `docker load` finds no manifest in one.
  { what: "OCI archives", since: 25 },
] as const satisfies readonly { readonly what: string; readonly since: number }[]);

/** Tools that store images, by their names: tried with those of Debian 12 (podman 4.3, skopeo 1.9, containerd 1.6). */
export const TOOLS_TAKE: Readonly<Record<string, readonly string[]>> = Object.freeze({
  podman: ["docker and OCI archives", "OCI layouts", "zstd layers"],
  skopeo: ["docker and OCI archives", "OCI layouts", "zstd layers"],
  ctr: ["docker and OCI archives", "zstd layers"],
});

/** What registries may do without, by the statuses that they refuse it with. */
export interface Refusable {
  /** It knows no such thing, and will not the next time. */
  readonly forGood: readonly number[];
  /** Perhaps only now: this push does without. */
  readonly forNow: readonly number[];
}

/** `pieces`: a blob in several requests; `mounts`: a blob taken from another repository of the same registry. */
export type RegistryFeature = "pieces" | "mounts";

/** HTTP statuses that say that a registry lacks what the distribution spec has, where a push does without it. */
export const REGISTRIES_MAY_REFUSE: Readonly<Record<RegistryFeature, Refusable>> = Object.freeze({
  /** A blob in several PATCH requests; without, it goes in one request. */
  pieces: { forGood: [405, 411, 415, 501], forNow: [400] },
  /** A blob of another repository; without, it is sent. Other refusals are of one blob, as where we may not read that repository. */
  mounts: { forGood: [405, 501], forNow: [] },
});
