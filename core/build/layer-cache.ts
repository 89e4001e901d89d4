/**
 * What is known of layers by their recipes, so that an unchanged layer need not be read for its digest. A recipe's key
 * holds where each content is and, of host files, their stat: the same key means the same bytes, and whoever reads the
 * layer all the same compares them.
 */
import { ImageDslError } from "../error.ts";
import type { LayerRecipe } from "../image/image.ts";
import { digestOf, hexOf, parseDigest, type Digest } from "../model/digest.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import type { Store } from "../store/store.ts";
import { entriesDigest } from "../tree/digest.ts";

const KIND = "layer";

/**
 * A file that changed so shortly before it was listed may change again without its times telling, if the clock of its
 * file system is coarse (2 s on FAT). Git calls such a file racily clean.
 */
const CLOCK_GRANULARITY = 2000;

export interface LayerCache {
  /** 64 hex digits. */
  keyOf(recipe: LayerRecipe): string;
  find(key: string): Promise<Digest | undefined>;
  /** Begins to write it down, unless a file of the layer may have changed since without a trace. */
  keep(key: string, recipe: LayerRecipe, diffID: Digest): void;
  /** What is kept turned out to be wrong. */
  forget(key: string): Promise<void>;
  /** Everything is written down. */
  settle(): Promise<void>;
}

/** `code`: who makes the bytes, since other code may make others; without it nothing is known or kept. `started`: before the files were listed, in milliseconds since 1970. */
export function layerCache(
  store: Pick<Store, "readRecord" | "writeRecord">,
  { code, started }: { readonly code: string | undefined; readonly started: number },
): LayerCache {
  const writing: Promise<void>[] = [];
  return {
    keyOf: ({ entries }) => hexOf(digestOf(canonicalJson({ code: code ?? null, entries: entriesDigest(entries) }))),
    find: async (key) => (code === undefined ? undefined : diffIDOf(await store.readRecord(KIND, key))),
    keep(key, recipe, diffID) {
      if (code === undefined || newestChange(recipe) >= started - CLOCK_GRANULARITY) return;
      const write = store.writeRecord(KIND, key, { diffID });
      // Whoever waits for all hears of it.
      write.catch(() => {});
      writing.push(write);
    },
    forget: (key) => store.writeRecord(KIND, key, null),
    async settle() {
      await Promise.all(writing.splice(0));
    },
  };
}

function diffIDOf(record: Json | undefined): Digest | undefined {
  if (typeof record !== "object" || record === null || !("diffID" in record)) return undefined;
  try {
    return parseDigest(String(record.diffID));
  } catch (error) {
    // A damaged record is none.
    if (error instanceof ImageDslError) return undefined;
    throw error;
  }
}

/** Milliseconds since 1970, by the host's files; no other content can change. */
function newestChange({ entries }: LayerRecipe): number {
  let newest = 0;
  for (const entry of entries) {
    if (entry.type === "file" && entry.content.kind === "host") {
      newest = Math.max(newest, Number(entry.content.stat.ctimeNs) / 1e6);
    }
  }
  return newest;
}
