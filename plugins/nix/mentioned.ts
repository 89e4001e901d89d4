/** What an image mentions of the host's Nix store without having asked for it: in its config, or in what scripts made. */
import { existsSync, readdirSync } from "node:fs";
import { environment, systemCodeOf, type Entry, type Source } from "../../core/index.ts";
import { findHashes, findHashesInEntries } from "./references.ts";
import { nix } from "./source.ts";
import { HASH_LENGTH, parseStorePath, type StorePath } from "./store-path.ts";

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
  // Without Nix on this host there is nothing to be mentioned.
  if (![...stores].some((store) => existsSync(store))) return [];
  let paths: ReadonlyMap<string, string> | undefined;
  // A store holds very many paths, so it is listed for the first text that looks like a hash: mostly there is none.
  const pathOf = (hash: string) => (paths ??= pathsByHash(stores, there)).get(hash);
  const known = { has: (hash: string) => pathOf(hash) !== undefined };
  const found = [...findHashes(Buffer.from(texts.join("\n")), known), ...findHashesInEntries(entries, known)];
  return [...new Set(found.map((hash) => pathOf(hash)!))]
    .sort()
    .map((storePath) => nix({ storePath, placement: "store" }));
}

function pathsByHash(stores: Iterable<string>, less: readonly StorePath[]): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const store of stores)
    for (const name of namesIn(store)) paths.set(name.slice(0, HASH_LENGTH), `${store}/${name}`);
  for (const { hash } of less) paths.delete(hash);
  return paths;
}

/** What a derivation says of its build is not needed to run. */
function namesIn(store: string): string[] {
  try {
    return readdirSync(store).filter((name) => /^[0-9a-z]{32}-/.test(name) && !/\.(drv|lock|chroot)$/.test(name));
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT" || systemCodeOf(error) === "EACCES") return [];
    throw error;
  }
}
