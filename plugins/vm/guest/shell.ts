/** Who reads a script in the guest. */
import { imageShell, type FileTree } from "../../../core/index.ts";
import { SCRIPT } from "./job.ts";
import { TOOLS } from "./guest-programs.ts";

/** The command inside the image: the interpreter that the text names, the image's bash, or the guest's. */
export function scriptCommand(script: string, tree: FileTree): readonly string[] {
  if (script.startsWith("#!")) return [SCRIPT];
  const own = imageShell(tree);
  return [own?.isBash ? own.path : `${TOOLS}/bash`, "-e", SCRIPT];
}
