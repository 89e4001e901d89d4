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
  type TreePath,
} from "../../../core/index.ts";
import { gitPattern, ofText, type GitPattern } from "./git-pattern.ts";
import { readLines, statOf, type IgnoreRules } from "./ignore-rules.ts";

/** `top`: the uppermost folder. `taken`: from there; as for `dockerIgnore`. */
export function gitIgnore(top: string, taken: TreePath): IgnoreRules {
  const files = new Map<TreePath, readonly GitPattern[]>();
  const excluded = new Map<TreePath, boolean>();

  function patternsIn(folder: TreePath): readonly GitPattern[] {
    const known =
      files.get(folder) ?? countingFor(taken, folder, readPatterns(`${hostPath(top)}/${joinPath(folder, GIT_IGNORE)}`));
    files.set(folder, known);
    return known;
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

/** Who names what an ignore file lists wants it: the folder itself, or, where nothing in it is taken again, all in it. */
function countingFor(taken: TreePath, folder: TreePath, patterns: readonly GitPattern[]): readonly GitPattern[] {
  if (taken === ROOT || !isUnder(taken, folder)) return patterns;
  const steps = below(taken, folder).split("/");
  const above = steps.map((_, index) => joinPath(folder, steps.slice(0, index + 1).join("/")));
  const fitsOne = (pattern: GitPattern): boolean => above.some((each) => fits(pattern, each, folder, () => true));
  const inside = `${below(taken, folder)}/`;
  const hasExceptions = patterns.some(
    ({ isException, isOfNames, pattern }) => isException && (isOfNames || pattern.mayGoOn(inside)),
  );
  const fitsAllIn = (pattern: GitPattern): boolean => {
    const head = /^(.*)\/\*\*?$/s.exec(pattern.text)?.[1];
    if (head === undefined || head === "") return false;
    const whole = { ...pattern, text: head, isOfNames: false, pattern: ofText(`/${head}`) };
    return fitsOne(whole) || fitsAllIn(whole);
  };
  return patterns.filter(
    (pattern) => pattern.isException || !(fitsOne(pattern) || (!hasExceptions && fitsAllIn(pattern))),
  );
}
