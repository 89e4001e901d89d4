/**
 * A package's tree with a patch of the project applied (`patchedDependencies`): git's unified diffs, as `pnpm patch-commit` and `bun patch` write them.
 * A hunk has to fit where it says, to the letter; managers look around for a place, which is a guess.
 */
import { parsePatch, type StructuredPatch, type StructuredPatchHunk } from "diff";
import {
  ImageDslError,
  directoryEntry,
  displayPath,
  inlineFile,
  messageOf,
  parentOf,
  readWhole,
  treePath,
  withEntries,
  withoutPaths,
  type FileEntry,
  type FileTree,
  type TreePath,
} from "../../../core/index.ts";
import type { PackagePatch } from "../model.ts";

/** `name`: of the package, as messages call it. Throws `E_NPM_PACKAGE`. */
export function patchedTree(tree: FileTree, { file, text }: PackagePatch, name: string): FileTree {
  const refuse: Refuse = (why) => {
    throw new ImageDslError("E_NPM_PACKAGE", `Cannot apply the patch to ${name}: ${why}`, {
      hint: "Make it anew for this version of the package: pnpm patch, or bun patch",
      place: { file },
    });
  };
  let changes: readonly StructuredPatch[];
  try {
    changes = parsePatch(text).filter(({ isGit, hunks }) => isGit === true || hunks.length > 0);
  } catch (error) {
    return refuse(messageOf(error));
  }
  if (changes.length === 0) return refuse("it changes nothing");
  return changes.reduce((before, change) => changed(before, change, refuse), tree);
}

type Refuse = (why: string) => never;

function changed(tree: FileTree, change: StructuredPatch, refuse: Refuse): FileTree {
  const { hunks, isBinary, isCopy, isCreate, isDelete, isRename } = change;
  if (isBinary) return refuse(`${change.newFileName} is binary`);
  if (isCopy) return refuse(`${change.newFileName} is a copy of another file`);
  if (isCreate) {
    const path = pathOf(change.newFileName, refuse);
    if (tree.has(path)) return refuse(`${displayPath(path)} is there already`);
    const bytes = Buffer.from(fitted("", hunks, path, refuse), "utf8");
    return withEntries(tree, [inlineFile(path, bytes, { mode: modeOf(change.newMode, refuse) })]);
  }
  const from = pathOf(change.oldFileName, refuse);
  const entry = tree.get(from);
  if (entry?.type !== "file") return refuse(`there is no file ${displayPath(from)}`);
  if (isDelete) return withoutFile(tree, entry);
  const mode = change.newMode === undefined ? entry.mode : modeOf(change.newMode, refuse);
  const to = isRename ? pathOf(change.newFileName, refuse) : from;
  if (to !== from && tree.has(to)) return refuse(`${displayPath(to)} is there already`);
  const moved = { ...entry, path: to, mode };
  if (hunks.length === 0) return withEntries(to === from ? tree : withoutFile(tree, entry), [moved]);
  if (to !== from) return refuse(`${displayPath(from)} is renamed and changed at once`);
  const text = Buffer.from(readWhole(entry)).toString("utf8");
  return withEntries(tree, [inlineFile(to, Buffer.from(fitted(text, hunks, to, refuse), "utf8"), moved)]);
}

/** Its folder stays, as it does where files are removed one by one. */
function withoutFile(tree: FileTree, { path }: FileEntry): FileTree {
  const rest = withoutPaths(tree, [path]);
  const folder = parentOf(path);
  return rest.under(folder).length > 0 || rest.has(folder) ? rest : withEntries(rest, [directoryEntry(folder)]);
}

/** Lines with their ends: the last one may have none. */
function fitted(text: string, hunks: readonly StructuredPatchHunk[], path: TreePath, refuse: Refuse): string {
  const before = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const after: string[] = [];
  let at = 0;
  for (const { oldStart, lines } of hunks) {
    const start = oldStart - 1;
    if (start < at) return refuse(`its places in ${displayPath(path)} overlap`);
    for (; at < start; at++) after.push(before[at] ?? "");
    for (const { kind, line } of linesOf(lines)) {
      if (kind !== "+" && before[at++] !== line)
        return refuse(`line ${at} of ${displayPath(path)} is not what it is made for`);
      if (kind !== "-") after.push(line);
    }
  }
  return [...after, ...before.slice(at)].join("");
}

interface HunkLine {
  readonly kind: "+" | "-" | " ";
  readonly line: string;
}

/** What follows a line may say that the file ends there, without an end of the line. */
function linesOf(lines: readonly string[]): readonly HunkLine[] {
  return lines.flatMap((written, index): readonly HunkLine[] => {
    const kind = written === "" ? " " : written[0];
    if (kind !== "+" && kind !== "-" && kind !== " ") return [];
    const end = lines[index + 1]?.startsWith("\\") === true ? "" : "\n";
    return [{ kind, line: `${written.slice(1)}${end}` }];
  });
}

/** Git writes `a/` and `b/` before it. */
function pathOf(name: string | undefined, refuse: Refuse): TreePath {
  const [, inside = ""] = /^[ab]\/(.+)$/s.exec(name ?? "") ?? [];
  if (inside === "" || inside.split("/").some((segment) => ["", ".", ".."].includes(segment)))
    return refuse(`${JSON.stringify(name)} is no path in the package`);
  return treePath(inside);
}

function modeOf(mode: string | undefined, refuse: Refuse): number {
  if (mode === "100644") return 0o644;
  return mode === "100755" ? 0o755 : refuse(`it makes a file of mode ${mode}`);
}
