/**
 * Programs that a faked session cannot reach: statically linked ones make their system calls themselves. They are
 * sought by name in a script's text, so what other programs start stays unseen.
 */
import { join } from "node:path";
import { statSync } from "node:fs";
import { readElfOfHost } from "../format/elf.ts";
import { hostPath } from "../tree/host.ts";
import type { ShellText } from "./shell-words.ts";

/** Commands whose arguments are commands. */
const WRAPPERS = new Set(["command", "env", "exec", "find", "nice", "nohup", "setsid", "time", "timeout", "xargs"]);

/** The statically linked programs that shell text runs by name, sorted. Relative names start from `root`. */
export function staticPrograms({ commands }: ShellText, path: string, root: string): readonly string[] {
  const words = commands.flatMap(({ name, words: more }) => (WRAPPERS.has(name) ? [name, ...more] : [name]));
  const names = new Set(words.filter((name) => /^[^\s$`*?]+$/.test(name)));
  const directories = path.split(":");
  return [...names]
    .filter((name) =>
      isStatic(
        name.includes("/")
          ? [join(name.startsWith("/") ? "/" : root, name)]
          : directories.map((each) => join(each, name)),
      ),
    )
    .toSorted();
}

function isStatic(candidates: readonly string[]): boolean {
  const file = candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
  if (file === undefined) return false;
  try {
    return readElfOfHost(hostPath(file))?.static === true;
  } catch {
    return false; // Unreadable or no proper ELF file: it will fail by itself.
  }
}
