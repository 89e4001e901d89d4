/** `fakeNss` in a merged tree: users before packages are installed on paper, so that those see them; the rest after. */
import {
  FileTree,
  directoryEntry,
  inlineFile,
  lookup,
  readWhole,
  treePath,
  withEntries,
  type Entry,
} from "../../core/index.ts";
import { GROUP, PASSWD, withAccounts, type Database } from "./account-lines.ts";
import { placeIn } from "./place.ts";
import type { FakeNssOptions } from "./sources.ts";

const NAME_SERVICES = "hosts: files dns\n";

/** What no other source says otherwise. */
export function fakeNssTree(): FileTree {
  return FileTree.of([directoryEntry(treePath("var/empty"))]);
}

/** `tree` with the users and groups of all the `fakeNss` of an image. Throws `E_PASSWD_INVALID`. */
export function withUsers(tree: FileTree, asked: readonly FakeNssOptions[]): FileTree {
  const passwd = unique(asked.flatMap(({ extraPasswdLines = [] }) => extraPasswdLines));
  const group = unique(asked.flatMap(({ extraGroupLines = [] }) => extraGroupLines));
  return withEntries(tree, [databaseEntry(tree, PASSWD, passwd), databaseEntry(tree, GROUP, group)]);
}

/** Debian's own says more, and is better where it is. */
export function withNameServices(tree: FileTree): FileTree {
  if (lookup(tree, "/etc/nsswitch.conf") !== undefined) return tree;
  const path = placeIn(tree, "/etc/nsswitch.conf");
  return withEntries(tree, [inlineFile(path, Buffer.from(NAME_SERVICES), { origin: "image" })]);
}

function databaseEntry(tree: FileTree, database: Database, extra: readonly string[]): Entry {
  const present = lookup(tree, database.file);
  const before = present?.type === "file" ? Buffer.from(readWhole(present)).toString("latin1") : undefined;
  const after = withAccounts(before, extra, database);
  if (present?.type === "file" && before === after) return present;
  return inlineFile(placeIn(tree, database.file), Buffer.from(after, "latin1"), { origin: "image" });
}

function unique(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)];
}
