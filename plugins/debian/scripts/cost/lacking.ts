/** What scripts name and a tree has not. */
import { type FileTree, lookup, parseGroup, parsePasswd, readWhole } from "../../../../core/index.ts";
import { entryAt } from "./script-path.ts";
import { KINDS, type Named } from "./things.ts";

export function lackingIn(tree: FileTree, named: Named): Named {
  const users = namesIn(tree, "etc/passwd", parsePasswd);
  const groups = namesIn(tree, "etc/group", parseGroup);
  const paths = (list: readonly string[]) => list.filter((path) => entryAt(tree, path) === undefined);
  return {
    users: named.users.filter((name) => !users.has(name)),
    groups: named.groups.filter((name) => !groups.has(name)),
    directories: paths(named.directories),
    links: paths(named.links),
    files: paths(named.files),
  };
}

/** `users a, b; directories /c`; empty where nothing is lacking. */
export function lackingText(lacking: Named): string {
  return KINDS.filter((kind) => lacking[kind].length > 0)
    .map((kind) => `${kind} ${lacking[kind].join(", ")}`)
    .join("; ");
}

function namesIn(
  tree: FileTree,
  path: string,
  parse: (text: string) => readonly { readonly name: string }[],
): ReadonlySet<string> {
  const entry = lookup(tree, path);
  if (entry?.type !== "file") return new Set();
  return new Set(parse(Buffer.from(readWhole(entry)).toString("latin1")).map(({ name }) => name));
}
