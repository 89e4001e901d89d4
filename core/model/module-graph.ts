/** What stands for the code of the config's functions in the keys of what they make. */
import type { ErrorPlace } from "../error.ts";
import type { Digest } from "./digest.ts";

/** Known by its digest, or not, and why: functions are not cached then. */
export type ModuleGraph = { readonly digest: Digest } | { readonly unknown: string; readonly place: ErrorPlace };
