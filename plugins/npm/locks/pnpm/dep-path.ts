/** pnpm's "dep paths", which name a package with the peers that it sees: `ts-node@10.9.2(@types/node@22.0.0)(typescript@5.6.3)`. */
import { createHash } from "node:crypto";

/** pnpm's `virtual-store-dir-max-length`, wherever it is not Windows. */
const MOST_CHARACTERS = 120;
const HASH_CHARACTERS = 32;

/** What a reference of the lock means under the name that it has there; undefined for a link to a folder. */
export function depPathOf(reference: string, alias: string): string | undefined {
  if (reference.startsWith("link:")) return undefined;
  if (reference.startsWith("@")) return reference;
  const at = reference.indexOf("@");
  if (at < 0) return `${alias}@${reference}`;
  // An "@" of an address or of a peer is none of a name.
  const isOfName = [":", "("].every((mark) => !reference.includes(mark) || at < reference.indexOf(mark));
  return isOfName ? reference : `${alias}@${reference}`;
}

/** The key of `packages`: without peers. */
export function withoutPeers(depPath: string): string {
  if (!depPath.endsWith(")")) return depPath;
  let depth = 0;
  for (let at = depPath.length - 1; at >= 0; at--) {
    if (depPath[at] === ")") depth++;
    else if (depPath[at] === "(") depth--;
    else if (depth === 0) return depPath.slice(0, at + 1);
  }
  return depPath;
}

/** Of the patch that it names before its peers: `ms@2.1.3(patch_hash=…)`. */
export function patchHashOf(depPath: string): string | undefined {
  return /^\(patch_hash=([^()]*)\)/.exec(depPath.slice(withoutPeers(depPath).length))?.[1];
}

/** `[@types/node, 22.0.0]`; of what is no version, such as an address, the whole. */
export function splitDepPath(depPath: string): readonly [name: string, version: string] {
  const key = withoutPeers(depPath);
  const at = key.indexOf("@", 1);
  return at < 0 ? [key, ""] : [key.slice(0, at), key.slice(at + 1)];
}

/** The package's folder in `node_modules/.pnpm`. Long names, and those that only letters' case tells from others, end with a hash. */
export function storeFolderOf(depPath: string): string {
  const plain = depPath.replaceAll(/[\\/:*?"<>|#]/g, "+");
  const name = plain.includes("(") ? plain.replace(/\)$/, "").replaceAll(/\)\(|\(|\)/g, "_") : plain;
  if (name.length <= MOST_CHARACTERS && name === name.toLowerCase()) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_CHARACTERS);
  return `${name.slice(0, MOST_CHARACTERS - HASH_CHARACTERS - 1)}_${hash}`;
}
