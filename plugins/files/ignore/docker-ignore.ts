/**
 * A .dockerignore: which paths it leaves out, as Docker's builder has it. Lines count in their order; the last one that fits
 * decides, where one that fits a folder fits all in it. What `!` takes again may lie in a folder that is left out.
 */
import { PatternFault, ROOT, decodeText, parentOf, type Automaton, type TreePath } from "../../../core/index.ts";
import { clean, dockerPattern } from "./docker-pattern.ts";
import { readLines, type IgnoreRules } from "./ignore-rules.ts";

interface Line {
  /** Cleaned, without its `!`. */
  readonly text: string;
  readonly isException: boolean;
  readonly pattern: Automaton;
}

/** `taken`: the folder that is taken, from the file's own; what excludes just that does not count. */
export function dockerIgnore(file: string, taken: TreePath): IgnoreRules {
  const all = readLines(file, "utf8", readLine);
  const lines = countingFor(taken, all);
  const start = lines === all ? ROOT : taken;
  const known = new Map<TreePath, Verdict>();

  /** Kept for folders: of each path the folder is asked about first. */
  function verdict(path: TreePath): Verdict {
    if (path === start) return { isOut: false, fits: lines.map(() => false) };
    const folder = parentOf(path);
    const above = known.get(folder) ?? verdict(folder);
    known.set(folder, above);
    return judge(lines, textOf(path), above.fits);
  }

  return {
    excludes: (path) => verdict(path).isOut,
    mayHold: (path) => lines.some(({ isException, pattern }) => isException && pattern.mayGoOn(`${textOf(path)}/`)),
  };
}

interface Verdict {
  readonly isOut: boolean;
  /** By line: whether it was found to fit the path or a folder above it. */
  readonly fits: readonly boolean[];
}

/** A line that could change nothing is not looked at, nor are its folders later: so does Docker. */
function judge(lines: readonly Line[], path: string, above: readonly boolean[]): Verdict {
  let isOut = false;
  const fits = lines.map(({ isException, pattern }, index) => {
    const isFitting = above[index]! || (isException === isOut && pattern.matches(path));
    if (isFitting) isOut = !isException;
    return isFitting;
  });
  return { isOut, fits };
}

/**
 * Ignore files list what is built, and who names it wants it: lines do not count that exclude the folder that is taken, or all in it.
 * Where other lines take something in it again, that is what is wanted, and all count.
 */
function countingFor(taken: TreePath, lines: readonly Line[]): readonly Line[] {
  const folder = textOf(taken);
  if (taken === ROOT || takesAgainIn(folder, lines)) return lines;
  const folders = folder.split("/").map((_, index, names) => names.slice(0, index + 1).join("/"));
  const fits = (pattern: Automaton): boolean => folders.some((each) => pattern.matches(each));
  const fitsAllIn = (text: string): boolean => {
    const head = /^(.*)\/\*\*?$/s.exec(text)?.[1];
    return head !== undefined && (fits(dockerPattern(head)) || fitsAllIn(head));
  };
  return lines.filter(({ isException, text, pattern }) => isException || !(fits(pattern) || fitsAllIn(text)));
}

function takesAgainIn(folder: string, lines: readonly Line[]): boolean {
  return lines.some(({ isException, text }) => isException && text.startsWith(`${folder}/`));
}

/** Undefined for a comment and for nothing. */
function readLine(given: string): Line | undefined {
  const line = trim(given);
  if (given.startsWith("#") || line === "") return undefined;
  const isException = line.startsWith("!");
  const bare = isException ? trim(line.slice(1)) : line;
  if (bare === "") throw new PatternFault("takes nothing again");
  const fromFolder = clean(bare).replace(/^\/(?=.)/, "");
  // Docker cleans it again, with its mark, and sees the mark anew.
  const again = clean(trim(isException ? `!${fromFolder}` : fromFolder));
  const isMarked = again.startsWith("!");
  const text = isMarked ? again.slice(1) : again;
  if (text === "") throw new PatternFault("takes nothing again");
  return { text, isException: isMarked, pattern: dockerPattern(text) };
}

/** From both ends: an expression that ends with the text would begin anew at each of many spaces in its middle. */
function trim(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && GO_SPACE.test(text[start]!)) start++;
  while (end > start && GO_SPACE.test(text[end - 1]!)) end--;
  return text.slice(start, end);
}

const GO_SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

function textOf(path: TreePath): string {
  return decodeText(path) ?? Buffer.from(path, "latin1").toString("utf8");
}
