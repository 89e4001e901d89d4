/** Where dpkg meets a package when it goes through all that it knows: the place of the name in its hash table. */
import { dpkgHash } from "../dpkg-hash.ts";

/** As many as dpkg has had since 1.17.11. */
const BINS = 65_521;

/** In the order in which `dpkg --configure --pending` puts packages into its queue. Names of one bin go by name. */
export function inHashOrder<Item extends { readonly name: string }>(items: readonly Item[]): readonly Item[] {
  return items
    .map((item) => ({ item, bin: dpkgHash(item.name) % BINS }))
    .sort((a, b) => a.bin - b.bin || (a.item.name < b.item.name ? -1 : 1))
    .map(({ item }) => item);
}
