/** Bracket expressions of regular expressions, as each tool reads what stands in them. */
import { CLASSES, type CharacterSet, bothCases, complementOf } from "./character-set.ts";

/** Whose reading of backslashes counts. */
export type Tool = "grep" | "sed" | "expr" | "awk" | "find";

/** What starts with `[` at `start`; undefined where it is not closed or is left undefined by POSIX. */
export function parseBracket(
  pattern: string,
  start: number,
  { tool, ignoreCase }: { readonly tool: Tool; readonly ignoreCase: boolean },
): { readonly set: CharacterSet; readonly end: number } | undefined {
  let at = start + 1;
  const negated = pattern[at] === "^";
  if (negated) at++;
  const members = new Uint8Array(256);
  const add = (code: number) => {
    for (const other of ignoreCase ? bothCases(code) : [code]) members[other] = 1;
  };
  for (let first = true; first || pattern[at] !== "]"; first = false) {
    if (pattern[at] === undefined) return undefined;
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(at, at + 12));
    if (named) {
      // Without regard to case, glibc takes the class of either case as both.
      const name = ignoreCase && /^(upper|lower)$/.test(named[1]!) ? "alpha" : named[1]!;
      const set = Object.hasOwn(CLASSES, name) ? CLASSES[name]! : undefined;
      if (!set) return undefined;
      for (const [code, member] of set.entries()) if (member) add(code);
      at += named[0].length;
      if (pattern[at] === "-" && pattern[at + 1] !== "]") return undefined;
      continue;
    }
    const low = memberAt(pattern, at, tool);
    if (low === undefined) return undefined;
    at = low.end;
    if (pattern[at] !== "-" || pattern[at + 1] === "]" || pattern[at + 1] === undefined) {
      add(low.code);
      continue;
    }
    const high = memberAt(pattern, at + 1, tool);
    if (high === undefined || high.code < low.code || low.code === HYPHEN || high.code === HYPHEN) return undefined;
    at = high.end;
    // `a-c-e` means nothing certain, nor do the cases of a range over more than letters of one case or digits.
    if (pattern[at] === "-" && pattern[at + 1] !== "]") return undefined;
    if (ignoreCase && !isOfOneKind(low.code, high.code)) return undefined;
    for (let code = low.code; code <= high.code; code++) add(code);
  }
  // A newline is among what is not named, as for sed's and expr's texts of several lines.
  return { set: negated ? complementOf(members) : members, end: at + 1 };
}

const HYPHEN = 45;

function isOfOneKind(low: number, high: number): boolean {
  return [CLASSES["upper"]!, CLASSES["lower"]!, CLASSES["digit"]!].some((set) => set[low] && set[high]);
}

function memberAt(
  pattern: string,
  at: number,
  tool: Tool,
): { readonly code: number; readonly end: number } | undefined {
  const char = pattern[at];
  if (char === undefined || (char === "[" && /^[.=:]$/.test(pattern[at + 1] ?? ""))) return undefined;
  const plain = { code: char.charCodeAt(0), end: at + 1 };
  if (char !== "\\" || (tool !== "sed" && tool !== "awk")) return plain;
  const next = pattern[at + 1] ?? "";
  const converted = { n: 10, t: 9, f: 12, v: 11, r: 13, a: 7, "\\": 92 }[next];
  if (converted !== undefined) return { code: converted, end: at + 2 };
  // In awk a backslash quotes; which letters stand for something else, the awks do not agree on.
  if (tool === "awk") return /[A-Za-z0-9]/.test(next) ? undefined : { code: next.charCodeAt(0), end: at + 2 };
  return /[cdox]/.test(next) ? undefined : plain;
}
