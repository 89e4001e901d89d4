/**
 * POSIX regular expressions, basic and extended, with GNU's `\+ \? \| \b \< \> \w \s`: matched by backtracking with a
 * step limit, since patterns come from packages. Back-references inside patterns are not supported.
 */
import { displayBytes } from "../../../core/index.ts";
import { parseBracket } from "./shell/pattern.ts";
import { NotCovered } from "./shell/state.ts";

export interface RegularExpression {
  /** The leftmost match at or after `start`; greedy, which is POSIX's longest where nothing is alternative. */
  match(text: string, start?: number): Match | undefined;
  readonly hasAlternatives: boolean;
}

export interface Match {
  readonly start: number;
  readonly end: number;
  /** By number; 0 is the whole match. Undefined where a group took no part. */
  readonly groups: readonly (string | undefined)[];
}

type Node =
  | { readonly kind: "char"; readonly test: (char: string) => boolean }
  | { readonly kind: "assert"; readonly test: (text: string, at: number) => boolean }
  | { readonly kind: "group"; readonly index: number; readonly body: Node }
  | { readonly kind: "sequence"; readonly items: readonly Node[] }
  | { readonly kind: "alternatives"; readonly items: readonly Node[] }
  | { readonly kind: "repeat"; readonly body: Node; readonly min: number; readonly max: number };

const MAX_PATTERN = 2000;
const MAX_STEPS = 500_000;
const MAX_DEPTH = 2_000;

export function compileExpression(
  pattern: string,
  options: {
    readonly extended?: boolean;
    readonly ignoreCase?: boolean;
    /** Told of the steps that each match takes. */
    readonly spend: (units: number) => void;
  },
): RegularExpression {
  if (pattern.length > MAX_PATTERN) throw new NotCovered("a regular expression is too long");
  const { root, groups, hasAlternatives } = parse(pattern, options.extended ?? false, options.ignoreCase ?? false);
  return {
    hasAlternatives,
    match(text, start = 0) {
      const steps = { left: MAX_STEPS };
      for (let at = start; at <= text.length; at++) {
        const captured: (readonly [number, number] | undefined)[] = Array.from({ length: groups + 1 });
        const before = steps.left;
        const end = run(root, text, at, captured, (stop) => stop, steps, 0);
        options.spend(1 + before - steps.left);
        if (end === undefined) continue;
        captured[0] = [at, end];
        return { start: at, end, groups: captured.map((range) => range && text.slice(range[0], range[1])) };
      }
      return undefined;
    },
  };
}

type Captured = (readonly [number, number] | undefined)[];
type Next = (at: number) => number | undefined;

/** Where the whole match ends when `node` matches at `at` and `next` what follows. */
function run(
  node: Node,
  text: string,
  at: number,
  captured: Captured,
  next: Next,
  steps: { left: number },
  depth: number,
): number | undefined {
  if (--steps.left < 0 || depth > MAX_DEPTH) throw new NotCovered("a regular expression takes too many steps");
  switch (node.kind) {
    case "char":
      return at < text.length && node.test(text[at]!) ? next(at + 1) : undefined;
    case "assert":
      return node.test(text, at) ? next(at) : undefined;
    case "group": {
      const before = captured[node.index];
      const close: Next = (stop) => {
        const inner = captured[node.index];
        captured[node.index] = [at, stop];
        const end = next(stop);
        if (end === undefined) captured[node.index] = inner;
        return end;
      };
      const end = run(node.body, text, at, captured, close, steps, depth + 1);
      if (end === undefined) captured[node.index] = before;
      return end;
    }
    case "sequence": {
      const step = (index: number, place: number): number | undefined => {
        const item = node.items[index];
        if (!item) return next(place);
        return run(item, text, place, captured, (stop) => step(index + 1, stop), steps, depth + 1);
      };
      return step(0, at);
    }
    case "alternatives":
      for (const item of node.items) {
        const end = run(item, text, at, captured, next, steps, depth + 1);
        if (end !== undefined) return end;
      }
      return undefined;
    case "repeat":
      return repeat(node, text, at, captured, next, steps, depth);
  }
}

function repeat(
  node: Node & { kind: "repeat" },
  text: string,
  at: number,
  captured: Captured,
  next: Next,
  steps: { left: number },
  depth: number,
): number | undefined {
  if (node.body.kind === "char") {
    // The usual case, without a stack frame a character.
    let count = 0;
    while (count < node.max && at + count < text.length && node.body.test(text[at + count]!)) count++;
    for (; count >= node.min; count--) {
      if (--steps.left < 0) throw new NotCovered("a regular expression takes too many steps");
      const end = next(at + count);
      if (end !== undefined) return end;
    }
    return undefined;
  }
  const again = (count: number, place: number, level: number): number | undefined => {
    if (count < node.max) {
      const end = run(
        node.body,
        text,
        place,
        captured,
        (stop) => (stop === place && count >= node.min ? undefined : again(count + 1, stop, level + 1)),
        steps,
        level,
      );
      if (end !== undefined) return end;
    }
    return count >= node.min ? next(place) : undefined;
  };
  return again(0, at, depth + 1);
}

function parse(
  pattern: string,
  extended: boolean,
  ignoreCase: boolean,
): { readonly root: Node; readonly groups: number; readonly hasAlternatives: boolean } {
  let at = 0;
  let groups = 0;
  let hasAlternatives = false;
  const fail = (): never => {
    throw new NotCovered(`the regular expression ${displayBytes(pattern)} is not supported`);
  };
  /** Whether an operator stands here: `(` in extended ones, `\(` in basic ones. */
  const operator = (char: string, offset = at): boolean =>
    extended ? pattern[offset] === char : pattern[offset] === "\\" && pattern[offset + 1] === char;
  const width = extended ? 1 : 2;

  const alternatives = (level: number): Node => {
    if (level > 50) fail();
    const items = [sequence(level)];
    while (operator("|")) {
      at += width;
      hasAlternatives = true;
      items.push(sequence(level));
    }
    return items.length === 1 ? items[0]! : { kind: "alternatives", items };
  };
  const sequence = (level: number): Node => {
    const items: Node[] = [];
    for (;;) {
      if (at >= pattern.length || operator("|") || (level > 0 && operator(")"))) break;
      const atom = parseAtom(items.length === 0, level);
      items.push(parseRepeats(atom));
    }
    return { kind: "sequence", items };
  };
  const parseAtom = (first: boolean, level: number): Node => {
    const char = pattern[at]!;
    if (operator("(")) {
      at += width;
      const index = ++groups;
      const body = alternatives(level + 1);
      if (!operator(")")) fail();
      at += width;
      return { kind: "group", index, body };
    }
    if (char === "^" && (extended || first)) {
      at++;
      return { kind: "assert", test: (_text, place) => place === 0 };
    }
    if (char === "$" && (extended || at === pattern.length - 1 || operator(")", at + 1) || operator("|", at + 1))) {
      at++;
      return { kind: "assert", test: (text, place) => place === text.length };
    }
    if (char === ".") {
      at++;
      return { kind: "char", test: () => true };
    }
    if (char === "[") {
      const set = parseBracket(pattern, at, { regex: true }) ?? fail();
      at = set.end;
      return { kind: "char", test: anyCase(set.matches, ignoreCase) };
    }
    if (char === "\\") return parseEscape();
    if (extended && "*+?{".includes(char)) fail();
    if (!extended && char === "*" && !first) fail();
    at++;
    return literal(char, ignoreCase);
  };
  const parseEscape = (): Node => {
    const char = pattern[at + 1] ?? fail();
    at += 2;
    if (/[1-9]/.test(char)) fail();
    const known = ESCAPES[char];
    if (known) return known;
    if (/[A-Za-z]/.test(char) && char !== "n" && char !== "t") fail();
    return literal({ n: "\n", t: "\t" }[char] ?? char, ignoreCase);
  };
  const parseRepeats = (atom: Node): Node => {
    let node = atom;
    for (;;) {
      const range = parseRange();
      if (!range) return node;
      node = { kind: "repeat", body: node, ...range };
    }
  };
  const parseRange = (): { readonly min: number; readonly max: number } | undefined => {
    if (pattern[at] === "*") {
      at++;
      return { min: 0, max: Infinity };
    }
    if (operator("+")) {
      at += width;
      return { min: 1, max: Infinity };
    }
    if (operator("?")) {
      at += width;
      return { min: 0, max: 1 };
    }
    if (!operator("{")) return undefined;
    const interval = /^(\d{1,3})(,(\d{0,3}))?\\?\}/.exec(pattern.slice(at + width)) ?? fail();
    at += width + interval[0].length;
    const min = Number(interval[1]);
    return { min, max: interval[2] === undefined ? min : interval[3] === "" ? Infinity : Number(interval[3]) };
  };

  const root = alternatives(0);
  if (at < pattern.length) fail();
  return { root, groups, hasAlternatives };
}

function literal(char: string, ignoreCase: boolean): Node {
  return { kind: "char", test: anyCase((other) => other === char, ignoreCase) };
}

function anyCase(test: (char: string) => boolean, ignoreCase: boolean): (char: string) => boolean {
  return ignoreCase ? (char) => test(char.toLowerCase()) || test(char.toUpperCase()) : test;
}

const isWord = (char: string | undefined): boolean => char !== undefined && /\w/.test(char);

const ESCAPES: Readonly<Record<string, Node>> = {
  w: { kind: "char", test: isWord },
  W: { kind: "char", test: (char) => !isWord(char) },
  s: { kind: "char", test: (char) => /\s/.test(char) },
  S: { kind: "char", test: (char) => !/\s/.test(char) },
  b: { kind: "assert", test: (text, at) => isWord(text[at - 1]) !== isWord(text[at]) },
  B: { kind: "assert", test: (text, at) => isWord(text[at - 1]) === isWord(text[at]) },
  "<": { kind: "assert", test: (text, at) => !isWord(text[at - 1]) && isWord(text[at]) },
  ">": { kind: "assert", test: (text, at) => isWord(text[at - 1]) && !isWord(text[at]) },
};
