/**
 * The .gitignore files of a folder, of those above it as far as the repository goes, and of those below: as git has it for
 * files that it does not track. The last line of the deepest file that fits decides, and in an excluded folder nothing is
 * taken again. What git is told elsewhere (`info/exclude`, `core.excludesFile`) is one machine's alone, and left aside.
 */
import {
  ROOT,
  baseNameOf,
  decodeText,
  hostPath,
  isUnder,
  joinPath,
  parentOf,
  type HostPath,
  type HostReads,
  type TreePath,
} from "../../../core/index.ts";
import { gitPattern, ofText, type GitPattern } from "./git-pattern.ts";
import { readLines, statOf, type IgnoreRules } from "./ignore-rules.ts";

/** `top`: the uppermost folder. `taken`: from there; as for `dockerIgnore`. */
export function gitIgnore(top: string, taken: TreePath, reads: HostReads): IgnoreRules {
  const files = new Map<TreePath, readonly GitPattern[]>();
  const excluded = new Map<TreePath, boolean>();

  function patternsIn(folder: TreePath): readonly GitPattern[] {
    const known = files.get(folder);
    if (known !== undefined) return known;
    const file = `${hostPath(top)}/${joinPath(folder, GIT_IGNORE)}`;
    reads.path(file);
    const patterns = countingFor(taken, folder, readPatterns(file));
    files.set(folder, patterns);
    return patterns;
  }

  function isExcluded(path: TreePath, isFolder: () => boolean): boolean {
    for (let folder = parentOf(path); ; folder = parentOf(folder)) {
      const last = patternsIn(folder).findLast((pattern) => fits(pattern, path, folder, isFolder));
      if (last !== undefined) return !last.isException;
      if (folder === ROOT) return false;
    }
  }

  function isFolderOut(folder: TreePath): boolean {
    if (folder === taken || folder === ROOT) return false;
    const known = excluded.get(folder) ?? (isFolderOut(parentOf(folder)) || isExcluded(folder, () => true));
    excluded.set(folder, known);
    return known;
  }

  return {
    excludes: (path, isFolder) => isFolderOut(parentOf(path)) || isExcluded(path, isFolder),
    mayHold: () => false,
  };
}

export const GIT_IGNORE = ".gitignore";

/** Git follows no link to such a file. */
function readPatterns(place: HostPath): readonly GitPattern[] {
  const file = decodeText(place);
  if (file === undefined || !statOf(file)?.isFile()) return [];
  return readLines(file, "latin1", (line) => gitPattern(line.replace(/\r$/, "")));
}

function fits(
  { isOfFolders, isOfNames, pattern }: GitPattern,
  path: TreePath,
  folder: TreePath,
  isFolder: () => boolean,
): boolean {
  const name = isOfNames ? baseNameOf(path) : below(path, folder);
  return pattern.matches(name) && (!isOfFolders || isFolder());
}

function below(path: TreePath, folder: TreePath): string {
  return folder === ROOT ? path : path.slice(folder.length + 1);
}

/** As for a .dockerignore; only that git takes nothing again in a folder that is excluded itself. */
function countingFor(taken: TreePath, folder: TreePath, patterns: readonly GitPattern[]): readonly GitPattern[] {
  if (folder === taken && taken !== ROOT) return excludesItself(patterns) ? [] : patterns;
  if (taken === ROOT || !isUnder(taken, folder)) return patterns;
  const steps = below(taken, folder).split("/");
  const above = steps.map((_, index) => joinPath(folder, steps.slice(0, index + 1).join("/")));
  const fitsOne = (pattern: GitPattern): boolean => above.some((each) => fits(pattern, each, folder, () => true));
  const inside = `${below(taken, folder)}/`;
  const takesAgain = patterns.some(
    ({ isException, text }) => isException && text.replace(/^\//, "").startsWith(inside),
  );
  const fitsAllIn = (pattern: GitPattern): boolean => {
    const head = /^(.*)\/\*\*?$/s.exec(pattern.text)?.[1];
    if (head === undefined || head === "") return false;
    const whole = { ...pattern, text: head, isOfNames: false, pattern: ofText(`/${head}`) };
    return fitsOne(whole) || fitsAllIn(whole);
  };
  return patterns.filter(
    (pattern) => pattern.isException || !(fitsOne(pattern) || (!takesAgain && fitsAllIn(pattern))),
  );
}

/** What tools write into folders that are theirs: all in it, but for the file itself. */
function excludesItself(patterns: readonly GitPattern[]): boolean {
  const isAll = ({ isException, text }: GitPattern): boolean => !isException && /^\/?\*\*?$/.test(text);
  const isFile = ({ isException, text }: GitPattern): boolean => isException && text.replace(/^\//, "") === GIT_IGNORE;
  return patterns.length > 0 && patterns.every((each) => isAll(each) || isFile(each)) && patterns.some(isAll);
}
