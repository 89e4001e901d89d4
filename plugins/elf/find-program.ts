/** Finds what a user named: by path, or by a command's name in PATH. */
import { resolve } from "node:path";
import { ImageDslError, encodeText, environment, withoutEndSlashes } from "../../core/index.ts";
import { findFile, type FoundFile, type HostFiles } from "./host-files.ts";

export interface FindOptions {
  /** Where relative paths start. */
  readonly directory: string;
  /** Paths are those of another root directory, which the host's PATH and the config's folder say nothing about. */
  readonly rooted: boolean;
}

/** In a foreign root directory: what login programs set where nothing else is said. */
const USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Throws `E_ELF_NOT_FOUND`. */
export function findProgram(host: HostFiles, name: string, { directory, rooted }: FindOptions): FoundFile {
  if (name.includes("/")) {
    const path = resolve(rooted ? "/" : directory, name);
    const found = findFile(host, encodeText(path));
    if (found !== undefined) return found;
    throw new ImageDslError(
      "E_ELF_NOT_FOUND",
      `There is no regular file ${path}${rooted ? " under the root directory" : ""}`,
      {
        hint: `Check the path "${name}"`,
      },
    );
  }
  const searchPath = rooted ? USUAL_PATH : (environment()["PATH"] ?? USUAL_PATH);
  for (const folder of searchPath.split(":")) {
    // An empty or relative folder means the current one, which no build may depend on.
    if (!folder.startsWith("/")) continue;
    const found = findFile(host, encodeText(`${withoutEndSlashes(folder)}/${name}`));
    if (found !== undefined && (found.entry.mode & 0o100) !== 0) return found;
  }
  throw new ImageDslError("E_ELF_NOT_FOUND", `Cannot find the command "${name}" in PATH (${searchPath})`, {
    hint: "Install it, or give its path",
  });
}
