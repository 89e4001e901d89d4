/** For locks that say all themselves: nobody is to be asked for a package. */
export function nothingPublished(): never {
  throw new Error("a package was asked for");
}
