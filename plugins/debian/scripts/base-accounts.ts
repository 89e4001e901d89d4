/** The users and groups of a base image, which Debian's fixed ones are added to. */
import { BASE, withEntries, inlineFile, lookup, readWhole, type Entry, type FileTree } from "../../../core/index.ts";

const FILES = ["/etc/passwd", "/etc/group"];

/** `tree` with the base's lines first, then those of its own whose names the base does not have. */
export function withBaseAccounts(tree: FileTree, base: FileTree): FileTree {
  return withEntries(
    tree,
    FILES.flatMap((path) => joined(lookup(tree, path), lookup(base, path)) ?? []),
  );
}

/** Undefined where only one of the two has users. */
function joined(own: Entry | undefined, ofBase: Entry | undefined): Entry | undefined {
  if (own?.type !== "file" || ofBase?.type !== "file" || own.origin === BASE) return undefined;
  const [before, ours] = [linesOf(ofBase), linesOf(own)];
  const names = new Set(before.map(nameOf));
  const added = ours.filter((line) => !names.has(nameOf(line)));
  // As the base has it, it is the base's, and need not come again.
  if (added.length === 0) return ofBase;
  const text = [...before, ...added].map((line) => `${line}\n`).join("");
  const { mode, uid, gid } = ofBase;
  return inlineFile(own.path, Buffer.from(text, "latin1"), { mode, uid, gid, origin: "image" });
}

function linesOf(file: Entry & { type: "file" }): readonly string[] {
  return Buffer.from(readWhole(file))
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "");
}

function nameOf(line: string): string {
  return line.split(":", 1)[0]!;
}
