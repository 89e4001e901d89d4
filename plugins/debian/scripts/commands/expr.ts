/** expr(1): GNU's operators by their precedence, on strings and whole numbers. */
import { displayBytes } from "../../../../core/index.ts";
import { compileExpression } from "../regular-expression/expression.ts";
import type { CommandTable, Invocation } from "../world.ts";

/** Loosest first; each level's operators group to the left. */
const LEVELS: readonly (readonly string[])[] = [
  ["|"],
  ["&"],
  ["<", "<=", "=", "==", "!=", ">=", ">"],
  ["+", "-"],
  ["*", "/", "%"],
  [":"],
];
const WORDS = new Set(["match", "substr", "index", "length", "+"]);
const MAX_LEVEL = 50;

export const EXPR_COMMANDS: CommandTable = {
  expr(invocation) {
    const args = invocation.args[0] === "--" ? invocation.args.slice(1) : invocation.args;
    const value = evaluate(args, invocation);
    invocation.print(`${value}\n`);
    return isFalse(value) ? 1 : 0;
  },
};

function evaluate(words: readonly string[], invocation: Invocation): string {
  let at = 0;
  let depth = 0;
  const refuse = (): never => invocation.refuse(`expr ${displayBytes(words.join(" "))}`);

  const binary = (level: number): string => {
    const operators = LEVELS[level];
    if (operators === undefined) return operand();
    let left = binary(level + 1);
    while (at < words.length && operators.includes(words[at]!)) {
      const operator = words[at++]!;
      left = combined(operator, left, binary(level + 1), invocation);
    }
    return left;
  };
  const operand = (): string => {
    const word = words[at++] ?? refuse();
    if (word === "(") {
      if (++depth > MAX_LEVEL) refuse();
      const value = binary(0);
      if (words[at++] !== ")") refuse();
      return value;
    }
    // Its own words and operators in a value's place.
    if (word === ")" || WORDS.has(word)) refuse();
    return word;
  };
  const value = binary(0);
  return at === words.length ? value : refuse();
}

function combined(operator: string, left: string, right: string, invocation: Invocation): string {
  switch (operator) {
    case "|":
      return !isFalse(left) ? left : !isFalse(right) ? right : "0";
    case "&":
      return isFalse(left) || isFalse(right) ? "0" : left;
    case ":":
      return matched(left, right, invocation);
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return String(calculated(operator, numberOf(left, invocation), numberOf(right, invocation), invocation));
    default:
      return isComparisonTrue(operator, left, right, invocation) ? "1" : "0";
  }
}

/** What the first group takes, or how many bytes the whole; only from the start. */
function matched(text: string, pattern: string, invocation: Invocation): string {
  if (pattern.startsWith("^")) return invocation.refuse(`expr : ${displayBytes(pattern)}`);
  const expression = compileExpression(pattern, { tool: "expr", spend: invocation.world.spend });
  const span = expression.find(text, 0, true);
  if (expression.groupCount === 0) return String(span === undefined ? 0 : span.end);
  return span === undefined ? "" : (expression.groups(text, span)[1] ?? "");
}

function calculated(operator: string, left: number, right: number, invocation: Invocation): number {
  if (right === 0 && /[/%]/.test(operator)) return invocation.refuse("expr with a division by zero");
  const value = {
    "+": left + right,
    "-": left - right,
    "*": left * right,
    "/": Math.trunc(left / right),
    "%": left % right,
  }[operator]!;
  return Number.isSafeInteger(value) ? value + 0 : invocation.refuse("expr with such numbers");
}

function isComparisonTrue(operator: string, left: string, right: string, invocation: Invocation): boolean {
  const areNumbers = isNumber(left) && isNumber(right);
  const [a, b] = areNumbers ? [numberOf(left, invocation), numberOf(right, invocation)] : [left, right];
  const order = a < b ? -1 : a > b ? 1 : 0;
  if (operator === "!=") return order !== 0;
  if (order === 0) return operator.includes("=");
  return operator.startsWith(order < 0 ? "<" : ">");
}

function isNumber(text: string): boolean {
  return /^-?\d+$/.test(text);
}

function numberOf(text: string, invocation: Invocation): number {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : invocation.refuse(`expr with ${displayBytes(text)} as a number`);
}

function isFalse(value: string): boolean {
  return value === "" || /^-?0+$/.test(value);
}
