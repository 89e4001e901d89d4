/** What stands for the code of the config's functions in the keys of what they make. */
import type { ErrorPlace } from "../error.ts";
import type { Digest } from "./digest.ts";

/** Known by its digest, or not, and why: functions are not cached then. */
export type ModuleGraph =
  | {
      /** Of all that the config's modules import, and of image-dsl's version. */
      readonly digest: Digest;
    }
  | {
      /** Why nothing stands for the code, for a warning. */
      readonly unknown: string;
      /** Where that was seen: an import that cannot be followed, or its file. */
      readonly place: ErrorPlace;
    };
