/** What a build knows of other machines' results, and where that is from. */
import type { Digest } from "../../model/digest.ts";
import type { BuildEvent } from "../../model/event.ts";
import type { Json } from "../../model/json.ts";
import type { Store } from "../store.ts";
import type { CacheKeys } from "./entry-signature.ts";
import type { SharedBlob, SharedCache } from "./shared-cache.ts";

/** Results of this machine and others, by keys that hold digests of contents only: no path, no time, no name of this host. */
export interface SharedResults {
  /** What another machine found out under this key. What it needs is in the store by then. */
  find(kind: string, key: string): Promise<Json | undefined>;
  /** Why `find` gave nothing, for people. */
  reason(kind: string, key: string): string | undefined;
  /** Publishes a result as soon as may be, where this machine may. Nobody waits for it, and it never fails. */
  keep(kind: string, key: string, value: Json, about?: ResultBlobs): void;
  /** As `keep`, of a result that is known when all images are planned; undefined where there is none. Says whether it will be asked for. */
  keepPlanned(kind: string, key: string, result: () => Json | undefined): boolean;
  /** All images are planned. */
  planned(): void;
  /** What is on its way is there, or too late. Says what came of it all. */
  settle(): Promise<void>;
}

/** Which blobs a result is about. */
export interface ResultBlobs {
  /** Of the store: without them it is of no use. */
  readonly needs?: readonly Digest[];
  /** Those that it speaks of: they are kept with it where the cache can have them. */
  readonly names?: readonly SharedBlob[];
  /** Whether it is still true when it is about to go. */
  readonly isTrue?: () => Promise<boolean>;
}

export interface SharedResultsOptions {
  readonly cache: SharedCache;
  readonly keys: CacheKeys;
  readonly store: Store;
  readonly emit: (event: BuildEvent) => void;
  /** Fires when the build ends: what is on its way then stays where it is. */
  readonly signal: AbortSignal;
  /** Ends what is on its way. */
  readonly stop: () => void;
  /** false: results are made anew, and published. */
  readonly reads: boolean;
}
