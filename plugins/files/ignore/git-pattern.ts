/** A pattern of a .gitignore, held against bytes as git's wildmatch does it. */
import {
  ANY_PATH,
  ANY_FOLDERS,
  ANY_CHARACTERS,
  ANY_CHARACTER,
  SLASH_CODE,
  automaton,
  inRanges,
  literal,
  type Automaton,
  type Range,
  type Step,
} from "../../../core/index.ts";

export interface GitPattern {
  readonly isException: boolean;
  /** It has a slash at its end. */
  readonly isOfFolders: boolean;
  /** It has no other: then it is for the last name of a path, else for the path from the file's folder. */
  readonly isOfNames: boolean;
  /** As written, less those marks. */
  readonly text: string;
  readonly pattern: Automaton;
}

/** Undefined for what is a comment or nothing. */
export function gitPattern(line: string): GitPattern | undefined {
  if (line.startsWith("#")) return undefined;
  const given = withoutTrailingSpaces(line.split("\0")[0]!);
  if (given === "") return undefined;
  const isException = given.startsWith("!");
  const marked = isException ? given.slice(1) : given;
  const isOfFolders = marked.endsWith("/");
  const text = isOfFolders ? marked.slice(0, -1) : marked;
  const isOfNames = !text.includes("/");
  return { isException, isOfFolders, isOfNames, text, pattern: ofText(text) };
}

/** Of a pattern as `text` has it. */
export function ofText(text: string): Automaton {
  const steps = stepsOf(text.replace(/^\//, ""), text.includes("/"));
  return steps === undefined ? NOTHING : automaton(steps);
}

const NOTHING: Automaton = { matches: () => false, mayGoOn: () => false };

/** Undefined where nothing can fit. `isOfPaths`: `**` means something else than `*`. */
function stepsOf(text: string, isOfPaths: boolean): readonly Step[] | undefined {
  const steps: Step[] = [];
  // Git compares what stands before the first sign by itself, and a `**` behind that is one at the beginning.
  const start = text.search(/[*?[\\]/);
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === "*") {
      const isFirst = at === start || text[at - 1] === "/";
      const from = at;
      while (text[at + 1] === "*") at++;
      const isOfFolders = isOfPaths && isFirst && at > from;
      if (isOfFolders && text[at + 1] === "/") {
        steps.push(...ANY_FOLDERS);
        at++;
      } else {
        const isLast = at + 1 === text.length || text.startsWith("\\/", at + 1);
        steps.push(isOfFolders && isLast ? ANY_PATH : ANY_CHARACTERS);
      }
    } else if (char === "?") steps.push(ANY_CHARACTER);
    else if (char === "[") {
      const found = classAt(text, at);
      if (found === undefined) return undefined;
      steps.push(found.step);
      at = found.end;
    } else if (char === "\\") {
      if (++at === text.length) return undefined;
      steps.push(literal(text.charCodeAt(at)));
    } else steps.push(literal(text.charCodeAt(at)));
  }
  return steps;
}

const CLASSES: Readonly<Record<string, readonly Range[]>> = {
  alnum: ranges("09AZaz"),
  alpha: ranges("AZaz"),
  blank: ranges("\t\t  "),
  cntrl: ranges("\0\x1f\x7f\x7f"),
  digit: ranges("09"),
  graph: ranges("!~"),
  lower: ranges("az"),
  print: ranges(" ~"),
  punct: ranges("!/:@[`{~"),
  space: ranges("\t\r  "),
  upper: ranges("AZ"),
  xdigit: ranges("09AFaf"),
};

function ranges(bounds: string): readonly Range[] {
  const codes = Array.from(bounds, (char) => char.charCodeAt(0));
  return codes.flatMap((from, index) => (index % 2 === 0 ? [{ from, to: codes[index + 1]! }] : []));
}

/** Undefined for one that is not closed or names a class that is none. */
function classAt(text: string, start: number): { readonly step: Step; readonly end: number } | undefined {
  const isNegated = /[!^]/.test(text[start + 1] ?? "");
  const members: Range[] = [];
  let before: number | undefined;
  let at = start + (isNegated ? 2 : 1);
  do {
    const char = text[at];
    if (char === undefined) return undefined;
    const named = char === "[" && text[at + 1] === ":" ? /^\[:([^\]]*):\]/.exec(text.slice(at)) : null;
    if (named !== null) {
      const known = CLASSES[named[1]!];
      if (known === undefined) return undefined;
      members.push(...known);
      before = undefined;
      at += named[0].length;
    } else if (char === "-" && before !== undefined && text[at + 1] !== undefined && text[at + 1] !== "]") {
      at += text[at + 1] === "\\" ? 2 : 1;
      if (at >= text.length) return undefined;
      members.push({ from: before, to: text.charCodeAt(at++) });
      before = undefined;
    } else {
      if (char === "[" && text[at + 1] === ":" && !text.includes("]", at)) return undefined;
      if (char === "\\") at++;
      if (at >= text.length) return undefined;
      const code = text.charCodeAt(at++);
      members.push({ from: code, to: code });
      before = code;
    }
  } while (text[at] !== "]");
  const isIn = inRanges(members);
  return { step: { takes: (code) => code !== SLASH_CODE && isIn(code) !== isNegated }, end: at };
}

/** Blanks alone, and not one that a backslash stands before. */
function withoutTrailingSpaces(line: string): string {
  let end = line.length;
  while (line[end - 1] === " " && !isEscaped(line, end - 1)) end--;
  return line.slice(0, end);
}

function isEscaped(line: string, at: number): boolean {
  return (/\\*$/.exec(line.slice(0, at))![0].length & 1) === 1;
}
