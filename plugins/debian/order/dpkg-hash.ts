/** Where dpkg meets a package when it goes through all that it knows: the place of the name in its hash table. */

/** As many as dpkg has had since 1.17.11. */
const BINS = 65_521;

/** In the order in which `dpkg --configure --pending` puts packages into its queue. Names of one bin go by name. */
export function inHashOrder<Item extends { readonly name: string }>(items: readonly Item[]): readonly Item[] {
  return items
    .map((item) => ({ item, bin: fnv1a(item.name) % BINS }))
    .sort((a, b) => a.bin - b.bin || (a.item.name < b.item.name ? -1 : 1))
    .map(({ item }) => item);
}

/** Fowler, Noll and Vo's hash of 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
