/**
 * nss_wrapper: a library that answers for users and groups out of given files, loaded into every dynamically linked
 * program. What it cannot reach is refused where a script's text shows it.
 */
import { join } from "node:path";
import type { ShellCommand, ShellText } from "../shell-words.ts";
import { HOST_FILE } from "./name-files.ts";
import type { InnerCommand } from "../script-place.ts";

const LIBRARY = "libnss_wrapper.so";

export function preloadNames(
  directory: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): InnerCommand {
  const loaded = env["LD_PRELOAD"] ? `${env["LD_PRELOAD"]}:${LIBRARY}` : LIBRARY;
  const file = (name: string) => join(directory, name);
  return {
    command,
    env: {
      ...env,
      LD_PRELOAD: loaded,
      NSS_WRAPPER_PASSWD: file("passwd"),
      NSS_WRAPPER_GROUP: file("group"),
      NSS_WRAPPER_SHADOW: file("shadow"),
    },
  };
}

/** What of a text goes past the library, statically linked programs aside; undefined where nothing is seen. */
export function passesPreload({ text, commands }: ShellText): string | undefined {
  const [file] = HOST_FILE.exec(text) ?? [];
  if (file !== undefined) return `it names ${file}, which is this machine's`;
  const variable = /\b(?:LD_PRELOAD|NSS_WRAPPER_\w+)/.exec(text)?.[0];
  if (variable !== undefined) return `it names ${variable}, by which names are kept to the image's`;
  const clears = commands.find(clearsEnvironment);
  if (clears !== undefined)
    return `\`${clears.name}\` takes away the environment by which names are kept to the image's`;
  const asks = commands.find(({ name }) => /^(?:.*\/)?(?:sudo|su|runuser|userdbctl|chroot)$/.test(name));
  return asks && `\`${asks.name}\` looks users up in its own way`;
}

function clearsEnvironment({ name, words }: ShellCommand): boolean {
  if (name === "exec") return words.some((word) => /^-\w*c/.test(word));
  return /^(?:.*\/)?env$/.test(name) && words.some((word) => /^(?:-|-\w*i\w*|--ignore-environment)$/.test(word));
}
