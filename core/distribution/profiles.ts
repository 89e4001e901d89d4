/** What is known of those who take images, as far as they differ. Tried, or from their own release notes. */

/** Docker, by its first version that does. Any takes docker archives, and layers with gzip. */
export const DOCKER_TAKES: readonly { readonly what: string; readonly since: number }[] = Object.freeze([
  // 20.10 says "invalid tar header" to a layer that is pulled.
  { what: "zstd layers", since: 23 },
  // Before it, `docker load` finds no manifest in one.
  { what: "OCI archives", since: 25 },
]);
