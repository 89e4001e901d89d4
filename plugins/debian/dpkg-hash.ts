/** The hash of dpkg's tables, by whose bins it goes through packages and file names: Fowler, Noll and Vo's FNV-1a of 32 bits. */
export function dpkgHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
