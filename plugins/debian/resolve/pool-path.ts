/** Where a package lies below its archive's address: a Packages index's `Filename`. */

/** Longer ones are no one's. */
const LONGEST = 1000;

/**
 * The path as one that servers and file systems agree on: apt hands on `./pool/…`, `/pool/…` and `pool//…` as they are,
 * and whoever serves them takes them for `pool/…`. Undefined for what is no path, leaves the archive, or has control
 * characters in it.
 */
export function poolPath(filename: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what must not be there
  if (filename.length > LONGEST || filename.endsWith("/") || /[\x00-\x1f\x7f-\x9f]/.test(filename)) return undefined;
  const parts = filename.split("/").filter((part) => part !== "" && part !== ".");
  return parts.length === 0 || parts.includes("..") ? undefined : parts.join("/");
}
