/** The language of GNU sed, as far as its meaning is certain: a script text to a flat list of instructions. */
import { displayBytes } from "../../../../core/index.ts";
import { type RegularExpression, compileExpression } from "../regular-expression/expression.ts";
import type { Invocation } from "../world.ts";

export type Address =
  | { readonly kind: "line"; readonly number: number }
  | { readonly kind: "every"; readonly first: number; readonly step: number }
  | { readonly kind: "last" }
  /** Without an expression: the one used last. */
  | { readonly kind: "match"; readonly expression: RegularExpression | undefined };

/** How a range ends: an address, or so many lines after its first, or at the next multiple. */
export type RangeEnd = Address | { readonly kind: "after" | "multiple"; readonly number: number };

export interface Instruction {
  readonly from?: Address;
  readonly to?: RangeEnd;
  readonly negated: boolean;
  readonly action: Action;
}

export type Action =
  | { readonly kind: "d" | "D" | "g" | "G" | "h" | "H" | "n" | "N" | "p" | "P" | "x" | "=" | "}" }
  | { readonly kind: "q" | "Q"; readonly status: number }
  | { readonly kind: "a" | "i" | "c"; readonly text: string }
  /** `{`: goes on at `to` where its address does not hold. */
  | { readonly kind: "{"; to: number }
  | { readonly kind: "b" | "t" | "T"; readonly to: number }
  | { readonly kind: "y"; readonly map: ReadonlyMap<string, string> }
  | Substitution;

export interface Substitution {
  readonly kind: "s";
  readonly expression: RegularExpression | undefined;
  /** Texts and group numbers. */
  readonly replacement: readonly (string | number)[];
  readonly all: boolean;
  readonly nth: number;
  readonly print: boolean;
}

const SIMPLE = "dDgGhHnNpPx=";
const SPECIAL_DELIMITER = /[A-Za-z0-9\\\n.*[\]^$&]/;

export function parseScript(text: string, extended: boolean, invocation: Invocation): readonly Instruction[] {
  const program: Instruction[] = [];
  const labels = new Map<string, number>();
  const jumps: { readonly label: string; readonly action: { to: number } }[] = [];
  const open: { to: number }[] = [];
  let at = 0;
  const fail = (): never => invocation.refuse(`the sed script ${displayBytes(text)}`);
  const skip = (pattern: RegExp) => {
    while (at < text.length && pattern.test(text[at]!)) at++;
  };
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const delimiter = (): string => {
    const char = text[at++] ?? fail();
    return SPECIAL_DELIMITER.test(char) ? fail() : char;
  };
  const expressionUpTo = (end: string): string => takeUpTo(end, true);
  /** Up to an unescaped delimiter, which is passed; `\` before the delimiter goes, other escapes stay. */
  const takeUpTo = (end: string, inExpression: boolean): string => {
    let piece = "";
    let inBracket = false;
    for (;;) {
      const char = text[at++] ?? fail();
      if (char === end && !inBracket) return piece;
      if (char === "\\") {
        const next = text[at++] ?? fail();
        // What an escaped operator means as a delimiter, versions of sed do not agree on.
        if (next === end && inExpression && extended && /[|+?(){}]/.test(end)) fail();
        piece += next === end ? next : `\\${next}`;
        continue;
      }
      if (char === "\n" && !inExpression) fail();
      piece += char;
      if (!inExpression) continue;
      if (char === "[" && !inBracket) {
        inBracket = true;
        if (text[at] === "^") piece += text[at++]!;
        if (text[at] === "]") piece += text[at++]!;
      } else if (inBracket && char === "[" && text[at] === ":") {
        const close = text.indexOf(":]", at);
        if (close < 0) fail();
        piece += text.slice(at, close + 2);
        at = close + 2;
      } else if (char === "]") inBracket = false;
    }
  };
  const expressionOf = (source: string, ignoreCase: boolean): RegularExpression | undefined =>
    source === ""
      ? ignoreCase
        ? fail()
        : undefined
      : compileExpression(source, { tool: "sed", extended, ignoreCase, spend: invocation.world.spend });
  const address = (): Address | undefined => {
    const number = take(/[0-9]{1,6}/y);
    if (number !== undefined) {
      const step = take(/~[0-9]{1,6}/y);
      if (step === undefined) return { kind: "line", number: Number(number) };
      return { kind: "every", first: Number(number), step: Number(step.slice(1)) };
    }
    if (text[at] === "$") {
      at++;
      return { kind: "last" };
    }
    if (text[at] !== "/" && text[at] !== "\\") return undefined;
    if (text[at] === "\\") at++;
    const source = expressionUpTo(delimiter());
    const ignoreCase = take(/I/y) !== undefined;
    if (text[at] === "M") fail();
    return { kind: "match", expression: expressionOf(source, ignoreCase) };
  };
  const rangeEnd = (): RangeEnd => {
    const relative = take(/[+~][0-9]{1,6}/y);
    if (relative !== undefined) {
      const number = Number(relative.slice(1));
      if (relative.startsWith("~") && number === 0) fail();
      return { kind: relative.startsWith("+") ? "after" : "multiple", number };
    }
    const end = address() ?? fail();
    return end.kind === "every" ? fail() : end;
  };
  const substitution = (): Substitution => {
    const end = delimiter();
    const source = expressionUpTo(end);
    const target = takeUpTo(end, false);
    const flags = take(/[gpIi]*([0-9]{1,4})?[gpIi]*/y) ?? "";
    const nth = /\d+/.exec(flags)?.[0] ?? "1";
    if (nth === "0") fail();
    const expression = expressionOf(source, /[Ii]/.test(flags));
    const replacement = parseReplacement(target, fail);
    const highest = replacement.reduce<number>(
      (most, piece) => (typeof piece === "number" ? Math.max(most, piece) : most),
      0,
    );
    if (expression && highest > expression.groupCount) fail();
    return {
      kind: "s",
      expression,
      replacement,
      all: flags.includes("g"),
      nth: Number(nth),
      print: flags.includes("p"),
    };
  };
  const transliteration = (): Action => {
    const end = delimiter();
    const [from, to] = [takeUpTo(end, false), takeUpTo(end, false)].map((list) =>
      [...list.matchAll(/\\([\s\S])|[\s\S]/g)].map(([whole, escaped]) =>
        escaped === undefined ? whole : ({ n: "\n", "\\": "\\" }[escaped] ?? fail()),
      ),
    ) as [string[], string[]];
    if (from.length !== to.length) fail();
    // Of a character that is listed twice, the first counts.
    return { kind: "y", map: new Map(from.map((char, index) => [char, to[index]!] as const).reverse()) };
  };
  /** The text of `a`, `i` and `c`: the rest of the line, and the next one after a backslash. */
  const textLines = (): string => {
    skip(/[ \t]/);
    if (text[at] === "\\") {
      at++;
      skip(/[ \t]/);
      if (text[at] !== "\n") fail();
      at++;
      if (/[ \t]/.test(text[at] ?? "")) fail();
    }
    const lines = take(/(\\\n|[^\\\n])*/y) ?? "";
    if (lines === "" || (at < text.length && text[at] !== "\n")) fail();
    return `${lines.replace(/\\\n/g, "\n")}\n`;
  };
  const action = (): Action => {
    const kind = text[at++] ?? fail();
    if (SIMPLE.includes(kind)) return { kind } as Action;
    switch (kind) {
      case "q":
      case "Q":
        skip(/[ \t]/);
        return { kind, status: Number(take(/[0-9]{1,2}/y) ?? "0") };
      case "s":
        return substitution();
      case "y":
        return transliteration();
      case "a":
      case "i":
      case "c":
        return { kind, text: textLines() };
      case "b":
      case "t":
      case "T": {
        skip(/[ \t]/);
        const made = { kind, to: -1 } as const;
        jumps.push({ label: take(/[\w.-]+/y) ?? "", action: made });
        return made;
      }
      case "{": {
        const made: Action & { kind: "{" } = { kind, to: -1 };
        open.push(made);
        return made;
      }
      default:
        return fail();
    }
  };

  if (text.startsWith("#n\n") || text === "#n") fail();
  for (;;) {
    skip(/[\s;]/);
    if (at >= text.length) break;
    if (text[at] === "#") {
      take(/[^\n]*/y);
      continue;
    }
    if (text[at] === "}") {
      at++;
      (open.pop() ?? fail()).to = program.length;
      endOfCommand();
      continue;
    }
    if (text[at] === ":") {
      at++;
      skip(/[ \t]/);
      const label = take(/[\w.-]+/y) ?? fail();
      if (labels.has(label)) fail();
      labels.set(label, program.length);
      // A blank ends the label as well: a command may follow.
      if (at < text.length && !/[\s;]/.test(text[at]!)) fail();
      continue;
    }
    const from = address();
    skip(/[ \t]/);
    let to: RangeEnd | undefined;
    if (from && text[at] === ",") {
      at++;
      skip(/[ \t]/);
      to = rangeEnd();
    }
    if (from?.kind === "line" && from.number === 0 && to?.kind !== "match") fail();
    skip(/[ \t]/);
    const negated = text[at] === "!";
    if (negated) at++;
    skip(/[ \t]/);
    const index = program.length;
    const made = action();
    // `q` takes one address; what `c` prints of a range depends on the version.
    if (to && (made.kind === "q" || made.kind === "Q")) fail();
    if (made.kind === "c" && (to || negated)) fail();
    program[index] = { negated, action: made, ...(from ? { from } : {}), ...(to ? { to } : {}) };
    if (made.kind !== "{") endOfCommand();
  }
  if (open.length > 0) fail();
  for (const { label, action: jump } of jumps) {
    jump.to = label === "" ? program.length : (labels.get(label) ?? fail());
  }
  return program;

  function endOfCommand(): void {
    skip(/[ \t]/);
    if (at < text.length && !/[\n;}#]/.test(text[at]!)) fail();
  }
}

/** Text and group numbers; `&` is group 0. */
function parseReplacement(text: string, fail: () => never): readonly (string | number)[] {
  const pieces: (string | number)[] = [];
  for (const [whole, escape] of text.matchAll(/\\([\s\S])|&|[^\\&]+/g)) {
    if (whole === "&") pieces.push(0);
    else if (escape === undefined) pieces.push(whole);
    else if (/[0-9]/.test(escape)) pieces.push(Number(escape));
    else if (/[A-Za-z]/.test(escape)) {
      pieces.push({ n: "\n", t: "\t", f: "\f", v: "\v", r: "\r", a: "\x07" }[escape] ?? fail());
    } else pieces.push(escape);
  }
  return pieces;
}
