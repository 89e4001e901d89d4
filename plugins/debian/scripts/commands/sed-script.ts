/** The language of sed(1), as far as maintainer scripts use it. */
import { displayBytes } from "../../../../core/index.ts";
import { type RegularExpression, compileExpression } from "../regular-expression.ts";
import type { Invocation } from "../world.ts";

export type Address =
  | { readonly kind: "line"; readonly number: number }
  | { readonly kind: "last" }
  | { readonly kind: "match"; readonly expression: RegularExpression | undefined };

export interface Instruction {
  readonly from?: Address;
  readonly to?: Address;
  readonly negated: boolean;
  readonly action: Action;
  /** The line a range began at, while it lasts. */
  active: boolean;
}

export type Action =
  | { readonly kind: "delete" }
  | { readonly kind: "print" }
  | { readonly kind: "quit" }
  | { readonly kind: "block"; readonly body: readonly Instruction[] }
  | {
      readonly kind: "substitute";
      readonly expression: RegularExpression | undefined;
      readonly replacement: readonly (string | number)[];
      readonly all: boolean;
      readonly nth: number;
      readonly print: boolean;
    };

export function parseScript(text: string, extended: boolean, invocation: Invocation): readonly Instruction[] {
  let at = 0;
  const fail = (): never => invocation.refuse(`the sed script ${displayBytes(text)}`);
  const skip = (pattern: RegExp) => {
    while (at < text.length && pattern.test(text[at]!)) at++;
  };
  /** Up to an unescaped delimiter, which is passed; `\` before the delimiter goes, other escapes stay. */
  const until = (delimiter: string, inExpression: boolean): string => {
    let piece = "";
    let inBracket = false;
    for (;;) {
      const char = text[at++] ?? fail();
      if (char === delimiter && !inBracket) return piece;
      if (char === "\\") {
        const next = text[at++] ?? fail();
        piece += next === delimiter && !/[|+?(){}]/.test(delimiter) ? next : `\\${next}`;
        continue;
      }
      if (inExpression) {
        if (char === "[" && !inBracket) {
          inBracket = true;
          piece += char;
          if (text[at] === "^") piece += text[at++]!;
          if (text[at] === "]") piece += text[at++]!;
          continue;
        }
        if (inBracket && char === "[" && text[at] === ":") {
          const end = text.indexOf(":]", at);
          if (end < 0) fail();
          piece += text.slice(at - 1, end + 2);
          at = end + 2;
          continue;
        }
        if (char === "]") inBracket = false;
      }
      piece += char;
    }
  };
  const expressionOf = (source: string, ignoreCase: boolean): RegularExpression | undefined =>
    source === "" ? undefined : compileExpression(source, { extended, ignoreCase, spend: invocation.world.spend });
  const address = (): Address | undefined => {
    const number = /^\d{1,6}/.exec(text.slice(at, at + 7))?.[0];
    if (number !== undefined) {
      at += number.length;
      return { kind: "line", number: Number(number) };
    }
    if (text[at] === "$") {
      at++;
      return { kind: "last" };
    }
    if (text[at] !== "/" && text[at] !== "\\") return undefined;
    if (text[at] === "\\") at++;
    const source = until(text[at++] ?? fail(), true);
    const ignoreCase = text[at] === "I";
    if (ignoreCase) at++;
    return { kind: "match", expression: expressionOf(source, ignoreCase) };
  };
  const substitution = (): Action => {
    const delimiter = text[at++] ?? fail();
    const source = until(delimiter, true);
    const target = until(delimiter, false);
    const flags = /^[gpIi0-9]*/.exec(text.slice(at))![0];
    at += flags.length;
    const expression = expressionOf(source, /[Ii]/.test(flags));
    // With alternatives the longest match is meant, which a greedy search need not find.
    if (expression?.hasAlternatives) fail();
    const nth = /\d+/.exec(flags)?.[0];
    return {
      kind: "substitute",
      expression,
      replacement: parseReplacement(target, fail),
      all: flags.includes("g"),
      nth: nth === undefined ? 1 : Number(nth),
      print: flags.includes("p"),
    };
  };
  const action = (): Action => {
    switch (text[at++]) {
      case "d":
        return { kind: "delete" };
      case "p":
        return { kind: "print" };
      case "q":
        return { kind: "quit" };
      case "s":
        return substitution();
      case "{":
        return { kind: "block", body: list(true) };
      default:
        return fail();
    }
  };
  const list = (inBlock: boolean): readonly Instruction[] => {
    const result: Instruction[] = [];
    for (;;) {
      skip(/[\s;]/);
      if (at >= text.length) return inBlock ? fail() : result;
      if (text[at] === "}") {
        at++;
        return inBlock ? result : fail();
      }
      const from = address();
      skip(/[ \t]/);
      let to: Address | undefined;
      if (from && text[at] === ",") {
        at++;
        skip(/[ \t]/);
        to = address() ?? fail();
      }
      skip(/[ \t]/);
      const negated = text[at] === "!";
      if (negated) at++;
      skip(/[ \t]/);
      const instruction = {
        negated,
        action: action(),
        active: false,
        ...(from ? { from } : {}),
        ...(to ? { to } : {}),
      };
      result.push(instruction);
      skip(/[ \t]/);
      if (at < text.length && !/[\n;}]/.test(text[at]!)) fail();
    }
  };
  return list(false);
}

/** Text and group numbers; `&` is group 0. */
function parseReplacement(text: string, fail: () => never): readonly (string | number)[] {
  const pieces: (string | number)[] = [];
  for (const [whole, escape] of text.matchAll(/\\([\s\S])|&|[^\\&]+/g)) {
    if (whole === "&") pieces.push(0);
    else if (escape === undefined) pieces.push(whole);
    else if (/[0-9]/.test(escape)) pieces.push(Number(escape));
    else if (escape === "n") pieces.push("\n");
    else if (escape === "t") pieces.push("\t");
    else if (/[A-Za-z]/.test(escape)) fail();
    else pieces.push(escape);
  }
  return pieces;
}
