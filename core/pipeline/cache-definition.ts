/** What a plugin that brings a transport for shared caches says of it. */
import type { SharedCache } from "../store/shared-cache/shared-cache.ts";
import type { BuildContext } from "./context.ts";

/** How a plugin lets machines share results through a place of one transport. */
export interface CacheDefinition {
  /** What users write before the colon; unique among the plugins of a build. */
  readonly transport: string;
  /** How it is written, for messages: `docker://HOST/NAME`. */
  readonly usage: string;
  /** Throws `E_USAGE` for a place that cannot be one. */
  check(text: string): void;
  /** Asks nobody anything yet: what cannot be reached shows when something is looked up. */
  open(text: string, context: CacheContext): Promise<SharedCache>;
}

/** What opening a shared cache is given. */
export interface CacheContext extends Pick<BuildContext, "store" | "signal" | "insecureHosts"> {
  /** Results will be published there. */
  readonly mayWrite: boolean;
}
