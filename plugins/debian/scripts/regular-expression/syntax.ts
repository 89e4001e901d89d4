/**
 * The syntax of POSIX regular expressions, basic and extended, with GNU's `\+ \? \| \b \< \> \w \s`, as the tool that
 * takes them reads them. What the tools' own documents leave undefined, and back-references, are refused.
 */
import { displayBytes } from "../../../../core/index.ts";
import { NotCovered } from "../shell/state.ts";
import { type Tool, parseBracket } from "./bracket.ts";
import { type CharacterSet, WORD, complementOf, setOf, setWhere } from "./character-set.ts";

export type Assertion =
  | "start"
  | "end"
  | "boundary"
  | "no-boundary"
  | "word-start"
  | "word-end"
  | "no-word-before"
  | "no-word-after";

export type Node =
  | { readonly kind: "set"; readonly set: CharacterSet }
  | { readonly kind: "assert"; readonly what: Assertion }
  | { readonly kind: "group"; readonly index: number; readonly body: Node }
  | { readonly kind: "sequence"; readonly items: readonly Node[] }
  | { readonly kind: "alternatives"; readonly items: readonly Node[] }
  | { readonly kind: "repeat"; readonly body: Node; readonly min: number; readonly max: number };

export interface Syntax {
  readonly tool: Tool;
  readonly extended: boolean;
  readonly ignoreCase: boolean;
}

const MAX_PATTERN = 2000;
const MAX_LEVEL = 50;
const MAX_COUNT = 255;

const ANY = setWhere(() => true);
const SPACE = setWhere((code) => code === 32 || (code >= 9 && code <= 13));

export function parseExpression(
  pattern: string,
  { tool, extended, ignoreCase }: Syntax,
): { readonly root: Node; readonly groups: number } {
  let at = 0;
  let groups = 0;
  const fail = (): never => {
    throw new NotCovered(`the regular expression ${displayBytes(pattern)} is not supported`);
  };
  if (pattern.length > MAX_PATTERN) throw new NotCovered("a regular expression is too long");
  /** Whether an operator stands here: `(` in extended ones, `\(` in basic ones. */
  const operator = (char: string, offset = at): boolean =>
    extended ? pattern[offset] === char : pattern[offset] === "\\" && pattern[offset + 1] === char;
  const width = extended ? 1 : 2;
  const character = (char: string): Node => ({ kind: "set", set: setOf(char, ignoreCase) });

  const alternatives = (level: number): Node => {
    if (level > MAX_LEVEL) fail();
    const items = [sequence(level)];
    while (operator("|")) {
      at += width;
      items.push(sequence(level));
    }
    return items.length === 1 ? items[0]! : { kind: "alternatives", items };
  };
  const sequence = (level: number): Node => {
    const items: Node[] = [];
    for (;;) {
      if (at >= pattern.length || operator("|") || operator(")")) {
        // Only what was opened can be closed: the tools do not agree on the rest.
        if (level === 0 && operator(")")) fail();
        // Nothing in parentheses or beside a bar is an error to mawk.
        if (tool === "awk" && items.length === 0 && pattern !== "") fail();
        return { kind: "sequence", items };
      }
      items.push(parseItem(items.at(-1), level));
    }
  };
  const parseItem = (previous: Node | undefined, level: number): Node => {
    const afterAnchor = previous?.kind === "assert";
    const char = pattern[at]!;
    const first = previous === undefined;
    if (char === "^" && (extended || first)) {
      at++;
      return { kind: "assert", what: "start" };
    }
    if (char === "^" && afterAnchor) return fail();
    if (char === "$" && (extended || isAtEnd(at + 1))) {
      at++;
      return { kind: "assert", what: "end" };
    }
    if (isRepeat()) {
      // Nothing to repeat: a plain star in basic expressions, undefined in extended ones.
      const isStart = first || (previous.kind === "assert" && previous.what === "start");
      if (extended || char !== "*" || !isStart) fail();
      at++;
      return parseRepeats(character("*"));
    }
    const atom = parseAtom(char, level);
    return atom.kind === "assert" ? atom : parseRepeats(atom);
  };
  const isAtEnd = (place: number): boolean =>
    place === pattern.length || (!extended && (operator(")", place) || operator("|", place)));
  const isRepeat = (): boolean => pattern[at] === "*" || operator("+") || operator("?") || operator("{");
  const parseAtom = (char: string, level: number): Node => {
    if (operator("(")) {
      at += width;
      const index = ++groups;
      const body = alternatives(level + 1);
      if (!operator(")")) fail();
      at += width;
      return { kind: "group", index, body };
    }
    if (char === ".") {
      at++;
      return { kind: "set", set: ANY };
    }
    if (char === "[") {
      const bracket = parseBracket(pattern, at, { tool, ignoreCase }) ?? fail();
      at = bracket.end;
      return { kind: "set", set: bracket.set };
    }
    if (char === "\\") return parseEscape();
    at++;
    return character(char);
  };
  const parseEscape = (): Node => {
    const char = pattern[at + 1] ?? fail();
    at += 2;
    if (/[0-9]/.test(char)) return fail();
    const converted = CONVERTED[tool]?.[char];
    if (converted !== undefined) return character(converted);
    // awk has none of GNU's, and mawk and gawk differ in what a backslash before a letter means.
    if (tool !== "awk") {
      const set = SETS[char];
      if (set) return { kind: "set", set };
      const what = ASSERTIONS[char];
      if (what) return { kind: "assert", what };
    }
    return /[A-Za-z`'<>\n]/.test(char) ? fail() : character(char);
  };
  const parseRepeats = (atom: Node): Node => {
    let node = atom;
    while (isRepeat()) node = { kind: "repeat", body: node, ...parseRange() };
    return node;
  };
  const parseRange = (): { readonly min: number; readonly max: number } => {
    if (pattern[at] === "*") {
      at++;
      return { min: 0, max: Infinity };
    }
    const isPlus = operator("+");
    if (isPlus || operator("?")) {
      at += width;
      return isPlus ? { min: 1, max: Infinity } : { min: 0, max: 1 };
    }
    at += width;
    const close = extended ? "}" : "\\}";
    const interval = /^(\d{1,3})(,(\d{0,3}))?/.exec(pattern.slice(at, at + 8)) ?? fail();
    at += interval[0].length;
    // Older versions of mawk take braces as plain characters.
    if (!pattern.startsWith(close, at) || tool === "awk") fail();
    at += close.length;
    const min = Number(interval[1]);
    const max = interval[2] === undefined ? min : interval[3] === "" ? Infinity : Number(interval[3]);
    if (min > max || min > MAX_COUNT || (max > MAX_COUNT && max !== Infinity)) fail();
    return { min, max };
  };

  const root = alternatives(0);
  return { root, groups };
}

/** Escapes that a tool turns into the character they stand for before it reads the expression. */
const CONVERTED: Readonly<Partial<Record<Tool, Readonly<Record<string, string>>>>> = {
  sed: { n: "\n", t: "\t", f: "\f", v: "\v", r: "\r", a: "\x07" },
  awk: { n: "\n", t: "\t", f: "\f", v: "\v", r: "\r", a: "\x07", b: "\b" },
};

const SETS: Readonly<Record<string, CharacterSet>> = {
  w: WORD,
  W: complementOf(WORD),
  s: SPACE,
  S: complementOf(SPACE),
};

const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  b: "boundary",
  B: "no-boundary",
  "<": "word-start",
  ">": "word-end",
};
