/** `node`, `deno` and `bun`: what users may say. */
import * as v from "valibot";
import { defineSource } from "../../core/index.ts";

/** Options of `node`, `deno` and `bun`. */
export interface RuntimeOptions {
  /** A version, or the beginning of one, whose newest release the lock pins: `"22"`, `"22.18"`, `"22.18.0"`. */
  readonly version: string;
  /**
   * Debian's release that glibc and libstdc++ are taken from; `false`: they are the base's. @default false on a base, else the release
   * of the image's `debian()`, or "trixie"
   */
  readonly libraries?: string | false | undefined;
}

const schema = v.strictObject({
  version: v.pipe(v.string(), v.regex(/^\d+(?:\.\d+){0,2}$/, 'expected a version, such as "22" or "22.18.0"')),
  libraries: v.optional(
    v.union(
      [v.literal(false), v.pipe(v.string(), v.nonEmpty())],
      'expected a release of Debian, such as "trixie", or false',
    ),
  ),
});

/**
 * Node.js at `/usr/local/bin/node`, with the libraries that it needs and nothing else: no npm, no headers.
 *
 * @example node({ version: "22" })
 */
export const node = defineSource<"node", RuntimeOptions>("node", schema);

/**
 * Deno at `/usr/local/bin/deno`, with the libraries that it needs.
 *
 * @example deno({ version: "2" })
 */
export const deno = defineSource<"deno", RuntimeOptions>("deno", schema);

/**
 * Bun at `/usr/local/bin/bun`, with the libraries that it needs.
 *
 * @example bun({ version: "1" })
 */
export const bun = defineSource<"bun", RuntimeOptions>("bun", schema);
