/** `deno-packages`: npm's packages of a project that Deno runs without a package.json, as Deno's cache has them. */
import * as v from "valibot";
import { defineSource, imagePathSchema } from "../../../core/index.ts";

/** Options of `deno-packages`. */
export interface DenoPackagesOptions {
  /** The folder that has the deno.lock. */
  readonly dir: string;
  /** Where the cache is: `DENO_DIR`. */
  readonly dest: string;
  /** What deno.json imports, as the lock has it: `npm:hono@4`. */
  readonly imports: readonly string[];
  /** Whether modules from elsewhere lie in the project. */
  readonly vendored: boolean;
}

export const denoPackages = defineSource<"deno-packages", DenoPackagesOptions>(
  "deno-packages",
  v.strictObject({
    dir: v.string(),
    dest: imagePathSchema,
    imports: v.array(v.string()),
    vendored: v.boolean(),
  }),
);
