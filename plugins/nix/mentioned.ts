/** What an image mentions of the host's Nix store without having asked for it: in its config, or in what scripts made. */
import { readdirSync } from "node:fs";
import { environment, systemCodeOf, type Entry, type Source } from "../../core/index.ts";
import { findHashes, findHashesInEntries } from "./references.ts";
import { nix } from "./source.ts";
import { HASH_LENGTH, parseStorePath } from "./store-path.ts";

export interface Mentions {
  /** Strings of the config. */
  readonly texts: readonly string[];
  /** Of no store path, for those are known whole. */
  readonly entries: Iterable<Entry>;
  /** Store paths of the closure: what is there already. */
  readonly present: Iterable<string>;
}

/** Sources of the store paths that are mentioned and not there yet, sorted; they show nothing in the root. */
export function mentionedSources({ texts, entries, present }: Mentions): Source[] {
  const there = [...present].map(parseStorePath);
  const stores = new Set([environment()["NIX_STORE_DIR"] ?? "/nix/store", ...there.map(({ store }) => store)]);
  const paths = new Map<string, string>();
  for (const store of stores)
    for (const name of namesIn(store)) paths.set(name.slice(0, HASH_LENGTH), `${store}/${name}`);
  for (const { hash } of there) paths.delete(hash);
  if (paths.size === 0) return [];
  const known = new Set(paths.keys());
  const found = [...findHashes(Buffer.from(texts.join("\n")), known), ...findHashesInEntries(entries, known)];
  return [...new Set(found.map((hash) => paths.get(hash)!))]
    .sort()
    .map((storePath) => nix({ storePath, placement: "store" }));
}

/** What a derivation says of its build is not needed to run. Without Nix on this host there is nothing to be mentioned. */
function namesIn(store: string): string[] {
  try {
    return readdirSync(store).filter((name) => /^[0-9a-z]{32}-/.test(name) && !/\.(drv|lock|chroot)$/.test(name));
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT" || systemCodeOf(error) === "EACCES") return [];
    throw error;
  }
}
