/** Where the store lies: `IMAGE_DSL_CACHE`, else the XDG cache folder (XDG Base Directory Specification 0.8). */
import { isAbsolute, join, resolve } from "node:path";
import { environment, homeDirectory } from "../host.ts";

/** The folder in it for translated configs, which jiti writes. */
export const TRANSLATED = "config";
/** The folder in it for compiled code, which the runtime writes. */
export const COMPILED = "compiled";

export function storeDirectory(): string {
  const { IMAGE_DSL_CACHE: chosen, XDG_CACHE_HOME: xdg } = environment();
  if (chosen) return resolve(chosen);
  // The specification: a relative XDG_CACHE_HOME is to be ignored.
  return join(xdg && isAbsolute(xdg) ? xdg : join(homeDirectory(), ".cache"), "image-dsl");
}
