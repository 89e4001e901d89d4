/** The shell that an image brings itself. */
import type { FileTree } from "../tree/file-tree.ts";
import { lookup } from "../tree/resolve.ts";
import type { ScriptShellProgram } from "./script-place.ts";

/** Its bash, else its /bin/sh. */
export function imageShell(tree: FileTree): ScriptShellProgram | undefined {
  const isProgram = (path: string): boolean => {
    const entry = lookup(tree, path);
    return entry?.type === "file" && (entry.mode & 0o111) !== 0;
  };
  const bash = ["/bin/bash", "/usr/bin/bash"].find(isProgram);
  if (bash !== undefined) return { path: bash, isBash: true };
  return isProgram("/bin/sh") ? { path: "/bin/sh", isBash: false } : undefined;
}
