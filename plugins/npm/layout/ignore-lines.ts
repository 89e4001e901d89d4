/** The rules of an `.npmignore` or a `.gitignore`, read before npm's own code opens the file by its name: what that cannot take ends the process. */
import { baseNameOf, decodeText, hostPath, readRegular, walk, type TreePath } from "../../../core/index.ts";
import { join } from "node:path";

/** Of characters; minimatch throws beyond. */
const LONGEST_LINE = 64 * 1024;

export function isIgnoreFile(path: TreePath): boolean {
  const name = baseNameOf(path);
  return name === ".npmignore" || name === ".gitignore";
}

/** Throws an `Error` where it cannot be read, or has a line that is none. */
export async function ignoreLines(file: string): Promise<readonly string[]> {
  const lines = (await readRegular(file, "settings.bytes")).toString("utf8").split(/\r?\n/);
  const long = lines.find((line) => line.length > LONGEST_LINE);
  if (long !== undefined) throw new Error(`it has a line of ${long.length} characters`);
  return lines.filter((line) => line.trim() !== "" && !line.startsWith("#"));
}

/** Below a folder, where npm looks for them. Absolute. */
export function ignoreFilesIn(directory: string): readonly string[] {
  const isLookedInto = (path: TreePath): boolean => ![".git", "node_modules"].includes(baseNameOf(path));
  return walk(hostPath(directory), { modes: "git", keep: isLookedInto }).flatMap(({ path }) =>
    isIgnoreFile(path) ? [join(directory, decodeText(path) ?? path)] : [],
  );
}
