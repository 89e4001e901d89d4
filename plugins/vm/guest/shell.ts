/** Who reads a script in the guest. */
import { lookup, type FileTree } from "../../../core/index.ts";
import { SCRIPT } from "./job.ts";
import { TOOLS } from "./guest-programs.ts";

/** The command inside the image: the interpreter that the text names, the image's bash, or the guest's. */
export function scriptCommand(script: string, tree: FileTree): readonly string[] {
  if (script.startsWith("#!")) return [SCRIPT];
  const own = ["/bin/bash", "/usr/bin/bash"].find((path) => {
    const entry = lookup(tree, path);
    return entry?.type === "file" && (entry.mode & 0o111) !== 0;
  });
  return [own ?? `${TOOLS}/bash`, "-e", SCRIPT];
}
