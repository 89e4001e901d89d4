/** What is known of those who take images, as far as they differ. Tried, or from their own release notes. */

/** Docker, by its first version that does. Any takes docker archives, and layers with gzip. */
export const DOCKER_TAKES: readonly { readonly what: string; readonly since: number }[] = Object.freeze([
  // 20.10 says "invalid tar header" to a layer that is pulled.
  { what: "zstd layers", since: 23 },
  // Before it, `docker load` finds no manifest in one.
  { what: "OCI archives", since: 25 },
]);

/** Tools that store images, by their names: tried with those of Debian 12 (podman 4.3, skopeo 1.9, containerd 1.6). */
export const TOOLS_TAKE: Readonly<Record<string, readonly string[]>> = Object.freeze({
  podman: ["docker and OCI archives", "OCI layouts", "zstd layers"],
  skopeo: ["docker and OCI archives", "OCI layouts", "zstd layers"],
  ctr: ["docker and OCI archives", "zstd layers"],
});
