/** The folder of the project that an app is made of: known when the preset is called, before there is a build. */
import { dirname, resolve } from "node:path";
import { ImageDslError, callingFile } from "../../../core/index.ts";

/** Absolute. A relative one starts from the folder of the file that calls the preset, which mostly is the config. */
export function projectFolder(preset: string, dir: string): string {
  if (resolve(dir) === dir) return dir;
  const caller = callingFile();
  if (caller !== undefined) return resolve(dirname(caller), dir);
  throw new ImageDslError(
    "E_CONFIG_INVALID",
    `${preset}: cannot tell which file calls it, from which "${dir}" starts`,
    {
      hint: "Give an absolute path: dir: import.meta.dirname",
    },
  );
}
