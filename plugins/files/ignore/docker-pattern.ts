/**
 * A pattern of a .dockerignore as Docker reads it (moby/patternmatcher 0.6): Go's `filepath.Match` with `**`, by way of
 * a regular expression, whose own signs come through here and there. Where they would, the pattern is refused.
 */
import { posix } from "node:path";
import {
  ANY_PATH,
  ANY_FOLDERS,
  ANY_CHARACTERS,
  ANY_CHARACTER,
  PatternFault,
  automaton,
  inRanges,
  literal,
  literals,
  type Automaton,
  type Range,
  type Step,
} from "../../../core/index.ts";

export function dockerPattern(pattern: string): Automaton {
  return automaton(stepsOf(pattern));
}

/** Go's `filepath.Clean`. */
export function clean(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, "");
}

function stepsOf(pattern: string): readonly Step[] {
  // What Docker compares without a regular expression. Here a `**` is no matter of whole folders.
  if (!SPECIAL.test(pattern)) return literals(pattern);
  const behind = pattern.startsWith("**") ? pattern.slice(2) : undefined;
  if (behind !== undefined && !SPECIAL.test(behind)) {
    return behind.startsWith("/") ? [...ANY_FOLDERS, ...literals(behind.slice(1))] : [ANY_PATH, ...literals(behind)];
  }
  const before = pattern.endsWith("**") ? pattern.slice(0, -2) : undefined;
  if (before !== undefined && !SPECIAL.test(before)) return [...literals(before), ANY_PATH];
  return translated(pattern);
}

const SPECIAL = /[*?[\]\\]/;

function translated(pattern: string): readonly Step[] {
  const steps: Step[] = [];
  const chars = Array.from(pattern);
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!;
    if (char === "*" && chars[at + 1] === "*") {
      at += chars[at + 2] === "/" ? 2 : 1;
      steps.push(...(at + 1 === chars.length ? [ANY_PATH] : ANY_FOLDERS));
    } else if (char === "*") steps.push(ANY_CHARACTERS);
    else if (char === "?") steps.push(ANY_CHARACTER);
    else if (char === "[") {
      const { step, end } = classAt(chars, at);
      steps.push(step);
      at = end;
    } else if (isOfRegularExpressions(chars, at)) {
      throw new PatternFault(`has "${char}", which Docker takes for something else`);
    } else steps.push(literal(codeOf(char === "\\" ? escaped(chars[++at]) : char)));
  }
  return steps;
}

/** Unlike for a shell, what is not in a class may be a slash. */
function classAt(chars: readonly string[], start: number): { readonly step: Step; readonly end: number } {
  const isNegated = chars[start + 1] === "^";
  const ranges: Range[] = [];
  let at = start + (isNegated ? 2 : 1);
  const next = (): number => {
    const char = chars[at++];
    if (char === undefined) throw new PatternFault('opens a "[" that it does not close');
    if (char === "-" || char === "]") throw new PatternFault(`has a "${char}" in brackets where no character stands`);
    if (char === "\\") return codeOf(escaped(chars[at++]));
    if ("*?".includes(char) || (char === "[" && chars[at] === ":")) {
      throw new PatternFault(`has "${char}" in brackets, which Docker takes for something else`);
    }
    return codeOf(char);
  };
  while (ranges.length === 0 || chars[at] !== "]") {
    const from = next();
    const isRange = chars[at] === "-";
    if (isRange) at++;
    const to = isRange ? next() : from;
    if (to < from) throw new PatternFault("has a range in brackets that goes backwards");
    ranges.push({ from, to });
  }
  const isIn = inRanges(ranges);
  return { step: { takes: isNegated ? (code) => !isIn(code) : isIn }, end: at };
}

function escaped(char: string | undefined): string {
  if (char === undefined) throw new PatternFault("ends with a backslash");
  if (/[\p{L}\p{N}_]|[^\0-\x7f]/u.test(char)) {
    throw new PatternFault(`has a backslash before "${char}", which Docker takes for something else`);
  }
  return char;
}

/** Signs that Docker lets through: either, beginning, and how often. */
function isOfRegularExpressions(chars: readonly string[], at: number): boolean {
  const char = chars[at];
  return char === "|" || char === "^" || (char === "{" && isCount(chars, at + 1));
}

/** `2}`, `2,}` or `2,3}`. Looks no further than what it is made of: there may be as many braces as characters. */
function isCount(chars: readonly string[], start: number): boolean {
  const end = behindDigits(chars, start);
  if (end === start) return false;
  return chars[chars[end] === "," ? behindDigits(chars, end + 1) : end] === "}";
}

function behindDigits(chars: readonly string[], start: number): number {
  let at = start;
  while (/^\d$/.test(chars[at] ?? "")) at++;
  return at;
}

function codeOf(char: string): number {
  return char.codePointAt(0)!;
}
