/** The environment of the programs that image-dsl starts for itself: the same everywhere. */

export const HELPER_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** It must not name a script's directories: see `core/run/strays.ts`. */
export const HELPER_ENVIRONMENT: Readonly<Record<string, string>> = Object.freeze({
  PATH: HELPER_PATH,
  LANG: "C.UTF-8",
});
