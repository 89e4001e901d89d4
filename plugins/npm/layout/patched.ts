/**
 * A package's tree with a patch applied: git's unified diffs, as `pnpm patch-commit`, `bun patch` and `yarn patch-commit` write them. A hunk of the
 * project's own has to fit where it says, to the letter; managers look around for a place, which is a guess. What the manager brings along goes
 * where it fits.
 */
import { parsePatch, type StructuredPatch, type StructuredPatchHunk } from "diff";
import {
  FileTree,
  ImageDslError,
  ROOT,
  directoryEntry,
  displayPath,
  encodeText,
  inlineFile,
  messageOf,
  parentOf,
  readWhole,
  treePath,
  type Entry,
  type FileEntry,
  type TreePath,
} from "../../../core/index.ts";
import type { PackagePatch } from "../model.ts";
import { isAlike, nearestPlace } from "./nearest-place.ts";

/** `name`: of the package, as messages call it. Throws `E_NPM_PACKAGE`. */
export function patchedTree(tree: FileTree, { file, text }: PackagePatch, name: string): FileTree {
  const placing = file === undefined ? nearest : exact;
  // A patch may change very many files, and a tree is made as a whole.
  const entries: Entries = new Map(tree.entries().map((entry) => [entry.path, entry]));
  try {
    for (const each of changesIn(text)) change(entries, each, placing);
    return FileTree.of(entries.values());
  } catch (cause) {
    if (!(cause instanceof Unfit)) throw cause;
    if (file === undefined) return tree;
    throw new ImageDslError("E_NPM_PACKAGE", `Cannot apply the patch to ${name}: ${cause.message}`, {
      hint: "Make it anew for this version of the package: pnpm patch, bun patch, or yarn patch",
      place: { file },
    });
  }
}

class Unfit extends Error {}

function refuse(why: string): never {
  throw new Unfit(why);
}

function changesIn(text: string): readonly StructuredPatch[] {
  let changes: readonly StructuredPatch[];
  try {
    changes = parsePatch(text).filter(({ isGit, hunks }) => isGit === true || hunks.length > 0);
  } catch (error) {
    return refuse(messageOf(error));
  }
  return changes.length === 0 ? refuse("it changes nothing") : changes;
}

/** What a package holds, by path: its folders too. */
type Entries = Map<TreePath, Entry>;

function change(entries: Entries, of: StructuredPatch, placing: Placing): void {
  const { hunks, isBinary, isCopy, isCreate, isDelete, isRename } = of;
  if (isBinary) return refuse(`${of.newFileName} is binary`);
  if (isCopy) return refuse(`${of.newFileName} is a copy of another file`);
  if (isCreate) {
    const path = pathOf(of.newFileName);
    const bytes = Buffer.from(fitted("", hunks, path, placing), "latin1");
    return add(entries, inlineFile(path, bytes, { mode: modeOf(of.newMode) }));
  }
  const from = pathOf(of.oldFileName);
  const entry = entries.get(from);
  if (entry?.type !== "file") return refuse(`there is no file ${displayPath(from)}`);
  // Its folder stays, as it does where files are removed one by one.
  if (isDelete) return void entries.delete(from);
  const mode = of.newMode === undefined ? entry.mode : modeOf(of.newMode);
  const to = isRename ? pathOf(of.newFileName) : from;
  if (to !== from && hunks.length > 0) return refuse(`${displayPath(from)} is renamed and changed at once`);
  const moved = { ...entry, path: to, mode };
  if (to !== from) {
    add(entries, moved);
    return void entries.delete(from);
  }
  if (hunks.length === 0) return void entries.set(to, moved);
  // Byte by byte: a file need not be UTF-8, and what the patch does not name stays as it is.
  const text = Buffer.from(readWhole(entry)).toString("latin1");
  entries.set(to, inlineFile(to, Buffer.from(fitted(text, hunks, to, placing), "latin1"), moved));
}

/** With the folders that it lies in. */
function add(entries: Entries, file: FileEntry): void {
  if (entries.has(file.path)) return refuse(`${displayPath(file.path)} is there already`);
  entries.set(file.path, file);
  for (let folder = parentOf(file.path); folder !== ROOT; folder = parentOf(folder)) {
    const there = entries.get(folder);
    if (there?.type === "directory") return;
    if (there !== undefined) return refuse(`${displayPath(folder)} is no folder`);
    entries.set(folder, directoryEntry(folder, { implicit: true }));
  }
}

/** Lines with their ends: the last one may have none. */
function fitted(text: string, hunks: readonly StructuredPatchHunk[], path: TreePath, placing: Placing): string {
  const before = text.match(/[^\n]+\n?|\n/g) ?? [];
  const after: string[] = [];
  const { startOf, isMet } = placing(before, displayPath(path));
  let at = 0;
  for (const hunk of hunks) {
    const lines = linesOf(hunk.lines);
    const start = startOf(hunk, lines, at);
    for (; at < start; at++) after.push(before[at] ?? "");
    for (const { kind, line } of lines) {
      const met = kind === "+" ? line : (before[at++] ?? "");
      if (!isMet(met, line)) return refuse(`line ${at} of ${displayPath(path)} is not what it is made for`);
      if (kind !== "-") after.push(met);
    }
  }
  return [...after, ...before.slice(at)].join("");
}

/** Of a file: from which line on, from 0, a hunk goes, of which the lines above `taken` have none; and whether a line is what it is made for. */
type Placing = (
  file: readonly string[],
  shown: string,
) => {
  readonly startOf: (hunk: StructuredPatchHunk, lines: readonly HunkLine[], taken: number) => number;
  readonly isMet: (found: string, expected: string) => boolean;
};

const exact: Placing = (file, shown) => ({
  startOf({ oldStart }, _lines, taken) {
    if (oldStart - 1 < taken) return refuse(`its places in ${shown} overlap`);
    if (oldStart - 1 > file.length) return refuse(`line ${oldStart} of ${shown} is not what it is made for`);
    return oldStart - 1;
  },
  isMet: (found, expected) => found === expected,
});

const nearest: Placing = (file, shown) => {
  let drift = 0;
  return {
    startOf({ newStart }, lines, taken) {
      const expected = lines.flatMap(({ kind, line }) => (kind === "+" ? [] : [line]));
      const place = nearestPlace(file, { newStart, expected }, taken, drift) ?? refuse(`nothing of ${shown} is so`);
      drift = place.drift;
      return place.start;
    },
    isMet: isAlike,
  };
};

interface HunkLine {
  readonly kind: "+" | "-" | " ";
  readonly line: string;
}

/** As bytes. What follows a line may say that the file ends there, without an end of the line. */
function linesOf(lines: readonly string[]): readonly HunkLine[] {
  return lines.flatMap((written, index): readonly HunkLine[] => {
    const kind = written === "" ? " " : written[0];
    if (kind !== "+" && kind !== "-" && kind !== " ") return [];
    const end = lines[index + 1]?.startsWith("\\") === true ? "" : "\n";
    return [{ kind, line: `${encodeText(written.slice(1))}${end}` }];
  });
}

/** Git writes `a/` and `b/` before it. */
function pathOf(name: string | undefined): TreePath {
  const [, inside = ""] = /^[ab]\/(.+)$/s.exec(name ?? "") ?? [];
  if (inside === "" || inside.split("/").some((segment) => ["", ".", ".."].includes(segment)))
    return refuse(`${JSON.stringify(name)} is no path in the package`);
  try {
    return treePath(inside);
  } catch (error) {
    return refuse(messageOf(error));
  }
}

function modeOf(mode: string | undefined): number {
  if (mode === "100644") return 0o644;
  return mode === "100755" ? 0o755 : refuse(`it makes a file of mode ${mode}`);
}
