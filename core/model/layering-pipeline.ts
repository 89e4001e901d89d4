/** dockerTools' `layeringPipeline`: steps that cut a closure's graph into layers, one after the other. Plain data. */
import type { Json } from "./json.ts";

/** `[name, ...arguments]`, as in `["split_paths", ["/nix/store/…-hello"]]`. */
export type LayeringStep = readonly [name: string, ...args: Json[]];

/** Steps as the config's JSON has them, unchecked; `parsePipeline` says what is wrong with them. */
export type LayeringPipeline = readonly LayeringStep[];
