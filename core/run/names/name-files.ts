/** The users and groups that names in a script mean: the image's, as they are before the script. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileText } from "../../tree/file-text.ts";
import type { FileTree } from "../../tree/file-tree.ts";

/** Texts of passwd(5) and its like, as byte strings. */
export interface NameFiles {
  /** Lines of passwd(5); empty: no user has a name. */
  readonly passwd: string;
  /** Lines of group(5); empty: no group has a name. */
  readonly group: string;
  /** Lines of shadow(5), which programs read that check or change passwords. */
  readonly shadow: string;
  /** Lines of gshadow(5). */
  readonly gshadow: string;
}

export const NAME_FILES = ["passwd", "group", "shadow", "gshadow"] as const;

/** Where a text names the host's own files; `etc/passwd` and `$PWD/etc/passwd` are the tree's. */
export const HOST_FILE = /(?<![\w.}"'/)])\/+etc\/+(?:passwd|group|shadow|gshadow|nsswitch\.conf)\b/;

/** An image without such files has no names: then a look-up fails, and numbers work. */
export function imageNames(tree: FileTree): NameFiles {
  const lines = (path: string, isEntry: RegExp): string => {
    const text = fileText(tree, path) ?? "";
    // What is no entry means one thing to the C library and another to nss_wrapper.
    return text
      .split("\n")
      .filter((line) => isEntry.test(line))
      .map((line) => `${line}\n`)
      .join("");
  };
  return {
    passwd: lines("etc/passwd", /^[^:+\-#\s][^:]*:[^:]*:\d{1,10}:\d{1,10}:[^:]*:[^:]*:[^:]*$/),
    group: lines("etc/group", /^[^:+\-#\s][^:]*:[^:]*:\d{1,10}:[^:]*$/),
    shadow: lines("etc/shadow", /^[^:+\-#\s][^:]*(:[^:]*){8}$/),
    gshadow: lines("etc/gshadow", /^[^:+\-#\s][^:]*(:[^:]*){3}$/),
  };
}

/** Writes them into `directory`, which is made, each by its own name. */
export function writeNameFiles(files: NameFiles, directory: string): void {
  mkdirSync(directory, { mode: 0o700 });
  for (const name of NAME_FILES) writeFileSync(join(directory, name), files[name], { encoding: "latin1", mode: 0o644 });
}
