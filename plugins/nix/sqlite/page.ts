/** What writer and reader have in common of SQLite's pages (fileformat2, section 1.6). */

/** Bytes of the pages that we write: SQLite's default, and what Nix has. */
export const PAGE_SIZE = 4096;

/**
 * How many bytes of a content stand in its cell, and how many on each page that holds the rest. `usable`: bytes of a
 * page less those that are reserved at its end.
 */
export function cellParts(
  length: number,
  kind: "table" | "index",
  usable: number = PAGE_SIZE,
): { readonly local: number; readonly pageBytes: number } {
  const most = kind === "table" ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const pageBytes = usable - 4;
  if (length <= most) return { local: length, pageBytes };
  const filling = least + ((length - least) % pageBytes);
  return { local: filling <= most ? filling : least, pageBytes };
}
