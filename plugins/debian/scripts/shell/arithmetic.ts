/** Arithmetic expansion (POSIX 2.6.4) with the 64-bit integers that dash has. */
import { displayBytes } from "../../../../core/index.ts";
import { NotCovered, type Shell, setVariable } from "./state.ts";

const BINARY: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<=", ">=", "<", ">"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];
const ASSIGNMENT = new Set(["=", "+=", "-=", "*=", "/=", "%="]);
const MAX_DEPTH = 100;

/** The value of an expression whose expansions are done. Names are variables; assignments change them. */
export function evaluateArithmetic(text: string, shell: Pick<Shell, "variables" | "readOnly">): bigint {
  const { variables } = shell;
  const tokens = tokenize(text);
  let at = 0;
  let depth = 0;

  const fail = (): never => {
    throw new NotCovered(`the expression ${displayBytes(text)} is not supported`);
  };
  const take = (token: string): boolean => {
    if (tokens[at] !== token) return false;
    at++;
    return true;
  };

  /** `live` is false where `&&`, `||` or `?` leave a part out: nothing is assigned there. */
  const assignment = (live: boolean): bigint => {
    if (++depth > MAX_DEPTH) fail();
    const name = tokens[at];
    const operator = tokens[at + 1];
    let value: bigint;
    if (name !== undefined && isName(name) && operator !== undefined && ASSIGNMENT.has(operator)) {
      at += 2;
      const right = assignment(live);
      value = operator === "=" ? right : apply(operator.slice(0, -1), valueOf(name, variables, fail), right, fail);
      if (live) setVariable(shell, name, String(value));
    } else value = ternary(live);
    depth--;
    return value;
  };
  const ternary = (live: boolean): bigint => {
    const test = binary(0, live);
    if (!take("?")) return test;
    const yes = assignment(live && test !== 0n);
    if (!take(":")) fail();
    const no = ternary(live && test === 0n);
    return test === 0n ? no : yes;
  };
  const binary = (level: number, live: boolean): bigint => {
    const operators = BINARY[level];
    if (!operators) return unary(live);
    let left = binary(level + 1, live);
    for (;;) {
      const operator = tokens[at];
      if (operator === undefined || !operators.includes(operator)) return left;
      at++;
      const needed = live && (operator === "&&" ? left !== 0n : operator === "||" ? left === 0n : true);
      const right = binary(level + 1, needed);
      // dash divides even where the result is not asked for.
      if ((operator === "/" || operator === "%") && right === 0n) fail();
      left = needed || operator === "&&" || operator === "||" ? apply(operator, left, right, fail) : 0n;
    }
  };
  const unary = (live: boolean): bigint => {
    if (++depth > MAX_DEPTH) fail();
    try {
      if (take("-")) return wrap(-unary(live));
      if (take("+")) return unary(live);
      if (take("!")) return unary(live) === 0n ? 1n : 0n;
      if (take("~")) return wrap(~unary(live));
      if (take("(")) {
        const value = assignment(live);
        if (!take(")")) fail();
        return value;
      }
    } finally {
      depth--;
    }
    const token = tokens[at++];
    if (token === undefined) return fail();
    return isName(token) ? valueOf(token, variables, fail) : parseInteger(token, fail);
  };

  // Of nothing bash makes 0 and dash an error.
  if (tokens.length === 0) fail();
  const value = assignment(true);
  return at === tokens.length ? value : fail();
}

function tokenize(text: string): readonly string[] {
  const tokens: string[] = [];
  const pattern = /\s*(?:([A-Za-z_]\w*|[0-9]\w*)|(&&|\|\||<<|>>|[<>=!]=|[-+*/%]=|[-+*/%<>=!~&|^?:()]))/y;
  let end = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    tokens.push(match[1] ?? match[2]!);
    end = pattern.lastIndex;
  }
  if (text.slice(end).trim() !== "") throw new NotCovered(`the expression ${displayBytes(text)} is not supported`);
  return tokens;
}

function isName(token: string): boolean {
  return /^[A-Za-z_]/.test(token);
}

function valueOf(name: string, variables: ReadonlyMap<string, string>, fail: () => never): bigint {
  const text = (variables.get(name) ?? "").trim();
  if (text === "") return 0n;
  return text.startsWith("-") ? wrap(-parseInteger(text.slice(1), fail)) : parseInteger(text, fail);
}

function parseInteger(text: string, fail: () => never): bigint {
  if (/^0[xX][0-9a-fA-F]{1,15}$/.test(text)) return BigInt(text);
  if (/^0[0-7]{1,20}$/.test(text)) return BigInt(`0o${text.slice(1)}`);
  const value = /^(0|[1-9][0-9]{0,18})$/.test(text) ? BigInt(text) : fail();
  // Larger ones are cut in one way by dash and in another by bash.
  return value < 2n ** 63n ? value : fail();
}

function apply(operator: string, left: bigint, right: bigint, fail: () => never): bigint {
  const truth = (value: boolean) => (value ? 1n : 0n);
  switch (operator) {
    case "+":
      return wrap(left + right);
    case "-":
      return wrap(left - right);
    case "*":
      return wrap(left * right);
    case "/":
      return right === 0n ? fail() : wrap(left / right);
    case "%":
      return right === 0n ? fail() : wrap(left % right);
    case "<<":
      return right < 0n || right > 63n ? fail() : wrap(left << right);
    case ">>":
      return right < 0n || right > 63n ? fail() : wrap(left >> right);
    case "&":
      return left & right;
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    case "&&":
      return truth(left !== 0n && right !== 0n);
    case "||":
      return truth(left !== 0n || right !== 0n);
    case "==":
      return truth(left === right);
    case "!=":
      return truth(left !== right);
    case "<":
      return truth(left < right);
    case ">":
      return truth(left > right);
    case "<=":
      return truth(left <= right);
    case ">=":
      return truth(left >= right);
    default:
      return fail();
  }
}

function wrap(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}
