/** Names in a Nix store: `/nix/store/HASH-NAME`, below whichever folder the store is. */
import { ImageDslError } from "../../core/index.ts";

/** Digits of Nix's base 32: no e, o, u and t. */
export const HASH_DIGITS = "0123456789abcdfghijklmnpqrsvwxyz";
export const HASH_LENGTH = 32;

export interface StorePath {
  /** Absolute, of the store path itself. */
  readonly path: string;
  /** The folder of the store, absolute. */
  readonly store: string;
  readonly hash: string;
  readonly name: string;
}

const STORE_PATH = new RegExp(`^((?:/[^/]+)+)/([${HASH_DIGITS}]{${HASH_LENGTH}})-([0-9A-Za-z+\\-._?=]{1,211})$`);

/** Throws `E_NIX_STORE` for any other text. */
export function parseStorePath(text: string): StorePath {
  const [path, store, hash, name] = STORE_PATH.exec(text) ?? [];
  if (
    path === undefined ||
    store === undefined ||
    hash === undefined ||
    name === undefined ||
    /\/\.{1,2}(\/|$)/.test(path)
  ) {
    throw new ImageDslError("E_NIX_STORE", `Nix named "${text.slice(0, 200)}", which is no store path`);
  }
  return { path, store, hash, name };
}
