/** `--cache` and its keys, as the commands that build take them. */
import type { InferredOptionTypes } from "yargs";
import { ImageDslError, messageOf } from "../error.ts";
import type { BuildOptions } from "../engine/build-options.ts";
import { environment } from "../host.ts";
import { readRegularSync } from "../regular-file.ts";

export const sharedCacheOptions = {
  cache: {
    type: "string",
    requiresArg: true,
    describe: "A cache that machines share, such as docker://HOST/NAME: docs/cache.md",
  },
  "cache-public-key": {
    type: "string",
    array: true,
    requiresArg: true,
    describe: "Whose results in it are believed, as cache keygen prints it",
  },
  "cache-private-key": {
    type: "string",
    requiresArg: true,
    describe:
      "The file of the key by which results are published there (or IMAGE_DSL_CACHE_PRIVATE_KEY, the key itself)",
  },
} as const;

export type SharedCacheArguments = InferredOptionTypes<typeof sharedCacheOptions>;

const VARIABLE = "IMAGE_DSL_CACHE_PRIVATE_KEY";
/** Of a key's file. */
const MOST = 64 * 1024;

/** Throws `E_SHARED_CACHE_KEY` where the key's file cannot be read. */
export function readSharedCache(given: SharedCacheArguments): NonNullable<BuildOptions["sharedCache"]> {
  const { cache: at, "cache-public-key": publicKeys, "cache-private-key": file } = given;
  const privateKey = file === undefined ? keyOfEnvironment() : { text: readKey(file), from: file };
  return { ...(at !== undefined && { at }), ...(publicKeys && { publicKeys }), ...(privateKey && { privateKey }) };
}

/** Empty where a pull request is not given a secret. */
function keyOfEnvironment(): { readonly text: string; readonly from: string } | undefined {
  const text = environment()[VARIABLE];
  return text ? { text, from: VARIABLE } : undefined;
}

function readKey(file: string): string {
  try {
    return readRegularSync(file, MOST).toString();
  } catch (cause) {
    throw new ImageDslError("E_SHARED_CACHE_KEY", `Cannot read the private key ${file}: ${messageOf(cause)}`, {
      cause,
      hint: "image-dsl cache keygen FILE makes a pair of keys",
    });
  }
}
