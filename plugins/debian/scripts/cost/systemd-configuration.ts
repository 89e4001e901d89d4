/** What systemd-sysusers and systemd-tmpfiles would make of the files that a script gives them. */
import { type FileTree, readWhole } from "../../../../core/index.ts";
import { entryAt } from "./script-path.ts";
import type { Named } from "./things.ts";

const FOLDERS: Readonly<Record<string, string>> = {
  "systemd-sysusers": "/usr/lib/sysusers.d",
  "systemd-tmpfiles": "/usr/lib/tmpfiles.d",
};

export function namedInConfiguration(words: readonly string[], tree: FileTree): Partial<Named> {
  const [program = "", ...args] = words;
  const folder = FOLDERS[program.slice(program.lastIndexOf("/") + 1)];
  if (folder === undefined) return {};
  const lines = args
    .filter((arg) => /^[^/-][^/]*\.conf$/.test(arg))
    .flatMap((arg) => textAt(`${folder}/${arg}`, tree).split("\n"))
    .map((line) => line.trim().split(/\s+/));
  const of = (types: RegExp) => lines.flatMap(([type = "", name]) => (types.test(type) && name ? [name] : []));
  // A user whose id names a group (`65534:nogroup`) gets none of its own.
  const ownGroups = lines.flatMap(([type, name, id]) =>
    /^u!?$/.test(type!) && name && !id?.includes(":") ? [name] : [],
  );
  return program.endsWith("sysusers")
    ? { users: of(/^u!?$/), groups: [...of(/^g$/), ...ownGroups] }
    : { directories: of(/^[dDvqQ]!?$/), links: of(/^L[+?]?!?$/), files: of(/^f\+?!?$/) };
}

function textAt(path: string, tree: FileTree): string {
  const entry = entryAt(tree, path);
  return entry?.type === "file" && entry.size < 65_536 ? Buffer.from(readWhole(entry)).toString("latin1") : "";
}
