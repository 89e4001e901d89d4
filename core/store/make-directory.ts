/**
 * Making a folder with its parents. Node's own way (`recursive: true`) never comes back where a file system makes no
 * folders, as /proc does not (seen with Node 20 and 24).
 */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { systemCodeOf } from "../error.ts";

/** `path` is absolute; it may be there already. `mode` is that of all folders that are made. Throws the system's error. */
export function makeDirectory(path: string, mode = 0o777): void {
  const parent = dirname(path);
  if (!existsSync(parent)) makeDirectory(parent, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (systemCodeOf(error) !== "EEXIST" || !statSync(path).isDirectory()) throw error;
  }
}
