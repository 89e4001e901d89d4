/** What an image mentions of the host's Nix store without having asked for it: in its config, or in what scripts made. */
import { existsSync, readdirSync } from "node:fs";
import { environment, systemCodeOf, type Entry, type Source } from "../../core/index.ts";
import { findHashes, findHashesInEntries } from "./references.ts";
import { nix } from "./source.ts";
import { HASH_LENGTH, parseStorePath, type StorePath } from "./store-path.ts";

export interface Mentions {
  /** Strings of the config. */
  readonly texts: readonly string[];
  /** What the config's author and sources wrote; of no store path, for those are known whole. */
  readonly entries: Iterable<Entry>;
  /** What scripts made: it may be what they were given. */
  readonly made?: Iterable<Entry>;
  /** What comes from elsewhere. Whoever made it may mention what he likes: that brings no files of this host. */
  readonly outside?: Iterable<Entry>;
  /** Store paths of the closure: what is there already. */
  readonly present: Iterable<string>;
  /** Told of each store path that is mentioned from elsewhere, is on this host, and is not brought. */
  readonly tell?: (storePath: string) => void;
}

/** Sources of the store paths that are mentioned and not there yet, sorted; they show nothing in the root. */
export function mentionedSources({ texts, entries, made = [], outside = [], present, tell }: Mentions): Source[] {
  const there = [...present].map(parseStorePath);
  const stores = new Set([environment()["NIX_STORE_DIR"] ?? "/nix/store", ...there.map(({ store }) => store)]);
  // Without Nix on this host there is nothing to be mentioned.
  if (![...stores].some((store) => existsSync(store))) return [];
  let paths: ReadonlyMap<string, string> | undefined;
  // A store holds very many paths, so it is listed for the first text that looks like a hash: mostly there is none.
  const pathOf = (hash: string) => (paths ??= pathsByHash(stores, there)).get(hash);
  const known = {
    has: (hash: string) => pathOf(hash) !== undefined,
    [Symbol.iterator]: () => (paths ??= pathsByHash(stores, there)).keys(),
  };
  const found = new Set([...findHashes(Buffer.from(texts.join("\n")), known), ...findHashesInEntries(entries, known)]);
  const copied = new Set(findHashesInEntries(made, known).filter((hash) => !found.has(hash)));
  const foreign = new Set(findHashesInEntries(cheapToRead(outside), known));
  // Files from elsewhere are read only for what scripts made and may have from there.
  if (copied.size > 0) for (const hash of findHashesInEntries(outside, copied)) foreign.add(hash);
  for (const hash of copied) if (!foreign.has(hash)) found.add(hash);
  if (tell)
    for (const path of [...foreign]
      .filter((hash) => !found.has(hash))
      .map((hash) => pathOf(hash)!)
      .sort())
      tell(path);
  return [...found]
    .map((hash) => pathOf(hash)!)
    .sort()
    .map((storePath) => nix({ storePath, placement: "store" }));
}

/** Entries that are searched without reading a file. */
export function* cheapToRead(entries: Iterable<Entry>): Iterable<Entry> {
  for (const entry of entries) {
    if (entry.type === "symlink" || (entry.type === "file" && entry.content.kind === "inline")) yield entry;
  }
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
