/** Where the store lies: `IMAGE_DSL_CACHE`, else the XDG cache folder (XDG Base Directory Specification 0.8). */
import { isAbsolute, join, resolve } from "node:path";
import { ImageDslError } from "../error.ts";
import { environment, homeDirectory } from "../host.ts";

/** The folder in it for translated configs, which jiti writes. */
export const TRANSLATED = "translated";
/** The folder in it for compiled code, which the runtime writes. */
export const COMPILED = "compiled";

/** Throws `E_STORE` where nothing says a place. */
export function storeDirectory(): string {
  const directory = knownStoreDirectory();
  if (directory !== undefined) return directory;
  throw new ImageDslError(
    "E_STORE",
    "There is no place for the cache: this user has no home folder, or it is not there",
    {
      hint: "Set IMAGE_DSL_CACHE to a folder that you may write to",
    },
  );
}

/** Absolute, as `IMAGE_DSL_CACHE`, `XDG_CACHE_HOME` and the home directory say; undefined where there is none. Nothing is made. */
export function knownStoreDirectory(): string | undefined {
  const { IMAGE_DSL_CACHE: chosen, XDG_CACHE_HOME: xdg } = environment();
  if (chosen) return resolve(chosen);
  // The specification: a relative XDG_CACHE_HOME is to be ignored.
  if (xdg && isAbsolute(xdg)) return join(xdg, "image-dsl");
  const home = homeDirectory();
  return home === undefined ? undefined : join(home, ".cache", "image-dsl");
}
