/** What a script that runs as root inside the image sees, whoever runs it: the same everywhere. */
import type { RunSpec } from "../model/image-spec.ts";
import type { FileTree } from "../tree/file-tree.ts";
import { imageShell } from "./image-shell.ts";
import { scriptEnvironment } from "./script-environment.ts";
import type { ScriptShellProgram } from "./script-place.ts";

/** Mounted over while it runs: what it leaves there is not the image's. */
export const MOUNT_POINTS = ["dev", "proc", "sys", "tmp"];

/** Where programs for images without are while it runs (`outside-programs.ts`): below a mount point. */
export const OUTSIDE = "/dev/.image-dsl";

/** MiB that it may write where nobody says how many: nixpkgs' `diskSize`. */
export const ROOT_DISK_MIB = 1024;

/**
 * For a shell: as Linux and systemd give them to whatever they start. systemd's own programs and databases ask for more open files than
 * the kernel alone would let them have.
 */
export const ROOT_LIMITS = "ulimit -S -c 0; ulimit -S -n 1024; ulimit -H -n 524288";

/** Where its text is. */
const ROOT_SCRIPT = `${OUTSIDE}/script`;

/** The image's own programs, then those outside. */
const PATH = `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${OUTSIDE}/bin`;

/** `mtime`: seconds since 1970. */
export function rootEnvironment(run: RunSpec, mtime: number): Readonly<Record<string, string>> {
  return scriptEnvironment(run, mtime, { home: "/root", temporary: "/tmp" }, PATH);
}

/** The command inside the image: the interpreter that the text names, or the shell. */
export function rootCommand(script: string, tree: FileTree): readonly string[] {
  return script.startsWith("#!") ? [ROOT_SCRIPT] : [rootShell(tree).path, "-e", ROOT_SCRIPT];
}

/** What reads texts and the commands of functions: the image's bash, or the one outside. */
export function rootShell(tree: FileTree): ScriptShellProgram {
  const own = imageShell(tree);
  return own?.isBash ? own : { path: `${OUTSIDE}/bash`, isBash: true };
}
