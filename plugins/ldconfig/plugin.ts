/** Writes the cache of the dynamic loader into images that have glibc's loader. */
import {
  BASE,
  STAGE,
  decodeLdSoCache,
  inlineFile,
  joinPath,
  resolvePath,
  withEntries,
  ImageDslError,
  type CacheEntry,
  type Entry,
  type FileTree,
  type Plugin,
  readWhole,
} from "../../core/index.ts";
import { emulateLdconfig } from "./ldconfig.ts";
import { findGlibc } from "./loader.ts";
import { follow } from "./tree.ts";

const CACHE = "/etc/ld.so.cache";

export const ldconfigPlugin: Plugin = {
  name: "ldconfig",
  apply(builder) {
    builder.hooks.build.tap("ldconfig", (build) => {
      build.hooks.merge.tapPromise({ name: "ldconfig", stage: STAGE.after }, async (tree, { platform, target, emit }) =>
        withLoaderCache(tree, platform.architecture, (what) =>
          emit({
            type: "warning",
            code: "W_LD_SO_CONF",
            message: `${target}: the loader's configuration is not followed in all: ${what}`,
            hint: "The cache lacks what lies there; write plain lines of directories",
          }),
        ),
      );
    });
  },
};

/** `tree` with the cache and the links that are missing; unchanged where it has no glibc, or a cache that somebody put there. */
export function withLoaderCache(
  tree: FileTree,
  architecture: string,
  warn: (what: string) => void = () => {},
): FileTree {
  const present = follow(tree, CACHE);
  if (present !== undefined && present.origin !== BASE) return tree;
  const glibc = findGlibc(tree, architecture);
  if (glibc === undefined) return tree;
  const { cache, entries, links, isAllOfBase, passedOver } = emulateLdconfig(tree, glibc);
  if (isAllOfBase) return tree;
  passedOver.forEach(warn);
  if (present !== undefined && listsSame(present, entries)) return withEntries(tree, links);
  return withEntries(tree, [...links, cacheFile(tree, cache)]);
}

function cacheFile(tree: FileTree, bytes: Buffer): Entry {
  const path = joinPath(resolvePath(tree, "/etc"), "ld.so.cache");
  return inlineFile(path, bytes, { origin: "image" });
}

/** A base's cache that leads to the same files stays, in whichever format it is. */
function listsSame(present: Entry, entries: readonly CacheEntry[]): boolean {
  if (present.type !== "file") return false;
  try {
    const listed = decodeLdSoCache(readWhole(present)).entries;
    return listed.length === entries.length && keysOf(listed) === keysOf(entries);
  } catch (error) {
    if (error instanceof ImageDslError && error.code === "E_ELF_INVALID") return false;
    throw error;
  }
}

function keysOf(entries: readonly CacheEntry[]): string {
  return entries
    .map(({ name, path, flags, hwcaps }) => [name, path, flags, hwcaps ?? ""].join("\0"))
    .toSorted()
    .join("\n");
}
