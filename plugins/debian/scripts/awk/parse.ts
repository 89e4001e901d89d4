/** Long because it is one grammar, POSIX's of awk: programs to rules, by recursive descent, loosest operators first. */
import { displayBytes } from "../../../../core/index.ts";
import { parseExpression } from "../regular-expression/syntax.ts";
import { type Token, refuseAwk, tokensOf } from "./lexer.ts";
import type { Comparison, Expression, Operator, Rule, Statement, Target } from "./syntax.ts";

const MAX_LEVEL = 100;
const COMPARISONS = new Set(["<", "<=", "==", "!=", ">", ">="]);

/** Throws `NotCovered` for what is no program, or one that not every awk reads alike. */
export function parseProgram(program: string): readonly Rule[] {
  const tokens = tokensOf(program);
  let at = 0;
  let level = 0;
  /** In what `print` prints, `>` redirects. */
  let greaterIsComparison = true;
  let loops = 0;

  const peek = (offset = 0): Token => tokens[Math.min(at + offset, tokens.length - 1)]!;
  const next = (): Token => tokens[at++]!;
  const is = (text: string): boolean => /^(sign|keyword|newline)$/.test(peek().kind) && peek().text === text;
  const take = (text: string): boolean => {
    if (!is(text)) return false;
    at++;
    return true;
  };
  const fail = (): never => refuseAwk(`what stands before ${displayBytes(peek().text || "the end")}`);
  const need = (text: string): void => {
    if (!take(text)) fail();
  };
  const skipNewlines = (): void => {
    while (take("\n"));
  };
  const nested = <T>(parse: () => T): T => {
    if (++level > MAX_LEVEL) fail();
    const value = parse();
    level--;
    return value;
  };

  const rules = (): Rule[] => {
    const found: Rule[] = [];
    for (;;) {
      while (take("\n") || take(";"));
      if (peek().kind === "end") return found;
      found.push(rule());
    }
  };
  const rule = (): Rule => {
    if (take("BEGIN")) return { when: "begin", action: block() };
    if (take("END")) return { when: "end", action: block() };
    if (is("{")) return { when: "always", action: block() };
    const from = expression();
    let to: Expression | undefined;
    if (take(",")) {
      skipNewlines();
      to = expression();
    }
    const when = { from, ...(to === undefined ? {} : { to }) };
    if (is("{")) return { when, action: block() };
    if (!is("\n") && !is(";") && peek().kind !== "end") fail();
    return { when };
  };
  const block = (): Statement => {
    need("{");
    const body: Statement[] = [];
    for (;;) {
      while (take("\n") || take(";"));
      if (take("}")) return { kind: "block", body };
      body.push(statement());
    }
  };

  const statement = (): Statement => nested(statementHere);
  const statementHere = (): Statement => {
    if (is("{")) return block();
    if (take("if")) return ifStatement();
    if (take("while")) {
      const test = condition();
      if (take(";")) fail();
      return { kind: "while", test, body: loopBody() };
    }
    if (take("do")) {
      const body = loopBody();
      while (take("\n") || take(";"));
      need("while");
      return ended({ kind: "do", body, test: condition() });
    }
    if (take("for")) return forStatement();
    return ended(simpleStatement());
  };
  const ended = (done: Statement): Statement => {
    if (!take(";") && !take("\n") && !is("}")) fail();
    return done;
  };
  const condition = (): Expression => {
    need("(");
    const test = expression();
    need(")");
    return test;
  };
  const loopBody = (): Statement => {
    skipNewlines();
    loops++;
    const body = statement();
    loops--;
    return body;
  };
  const ifStatement = (): Statement => {
    const test = condition();
    skipNewlines();
    if (is(";")) fail();
    const yes = statement();
    const before = at;
    while (take("\n") || take(";"));
    if (!take("else")) {
      at = before;
      return { kind: "if", test, yes };
    }
    skipNewlines();
    return { kind: "if", test, yes, no: statement() };
  };
  const forStatement = (): Statement => {
    need("(");
    if (peek().kind === "name" && peek(1).text === "in" && peek(2).kind === "name" && peek(3).text === ")") {
      const [name, , array] = [next().text, next(), next().text, next()];
      return { kind: "for-in", name, array, body: loopBody() };
    }
    const start = is(";") ? undefined : simpleStatement();
    need(";");
    const test = is(";") ? undefined : expression();
    need(";");
    const each = is(")") ? undefined : simpleStatement();
    need(")");
    if (is(";")) fail();
    const body = loopBody();
    return {
      kind: "for",
      body,
      ...(start === undefined ? {} : { start }),
      ...(test === undefined ? {} : { test }),
      ...(each === undefined ? {} : { each }),
    };
  };
  const simpleStatement = (): Statement => {
    if (take("print")) return printStatement("print");
    if (take("printf")) return printStatement("printf");
    if (take("next")) return { kind: "next" };
    if (is("break") || is("continue")) {
      if (loops === 0) fail();
      return { kind: next().text as "break" | "continue" };
    }
    if (take("exit")) {
      const bare = is(";") || is("\n") || is("}");
      return bare ? { kind: "exit" } : { kind: "exit", status: expression() };
    }
    if (take("delete")) {
      const array = name();
      return take("[") ? { kind: "delete", array, subscripts: subscripts() } : { kind: "delete", array };
    }
    return { kind: "expression", value: expression() };
  };
  const printStatement = (kind: "print" | "printf"): Statement => {
    const isBare = is(";") || is("\n") || is("}");
    const isList = !isBare && is("(") && endsStatement(closing(at) + 1);
    const outer = greaterIsComparison;
    greaterIsComparison = isList;
    if (isList) need("(");
    const values = isBare || is(">") ? [] : expressions();
    if (isList) need(")");
    greaterIsComparison = outer;
    if (kind === "printf" && values.length === 0) fail();
    if (!take(">")) return { kind, values, to: "output" };
    const target = next();
    if (target.kind !== "string" || target.text !== "/dev/stderr") refuseAwk("output to a file");
    return { kind, values, to: "errors" };
  };
  const closing = (open: number): number => {
    let depth = 0;
    for (let place = open; place < tokens.length; place++) {
      const { kind, text } = tokens[place]!;
      if (kind !== "sign") continue;
      if (text === "(") depth++;
      if (text === ")" && --depth === 0) return place;
    }
    return fail();
  };
  const endsStatement = (place: number): boolean => {
    const { kind, text } = tokens[place] ?? tokens.at(-1)!;
    return kind === "newline" || (kind === "sign" && /^(;|\}|>|\||>>)$/.test(text));
  };

  const expressions = (): Expression[] => {
    const list = [expression()];
    while (take(",")) {
      skipNewlines();
      list.push(expression());
    }
    return list;
  };
  const subscripts = (): Expression[] => {
    const outer = greaterIsComparison;
    greaterIsComparison = true;
    const list = expressions();
    greaterIsComparison = outer;
    need("]");
    return list;
  };
  const expression = (): Expression => nested(ternary);
  const ternary = (): Expression => {
    const test = or();
    const assigned = assignmentTo(test);
    if (assigned) return assigned;
    if (!take("?")) return test;
    skipNewlines();
    const yes = expression();
    skipNewlines();
    need(":");
    skipNewlines();
    return { kind: "choose", test, yes, no: expression() };
  };
  const assignmentTo = (target: Expression): Expression | undefined => {
    const operator = /^([-+*/%^]?)=$/.exec(peek().kind === "sign" ? peek().text : "")?.[1];
    if (operator === undefined) return undefined;
    if (!isTarget(target)) return fail();
    at++;
    skipNewlines();
    const value = expression();
    return operator === ""
      ? { kind: "assign", target, value }
      : { kind: "assign", target, operator: operator as Operator, value };
  };
  const binary = (operand: () => Expression, sign: string, kind: "and" | "or") => (): Expression => {
    let left = operand();
    while (take(sign)) {
      skipNewlines();
      left = { kind, left, right: operand() };
    }
    return left;
  };
  const membership = (): Expression => {
    let left = matching();
    while (take("in")) left = { kind: "contains", array: name(), subscript: left };
    return left;
  };
  const matching = (): Expression => {
    let left = comparison();
    while (is("~") || is("!~")) {
      plainNot(left);
      left = { kind: "matches", negated: next().text === "!~", left, right: comparison() };
    }
    return left;
  };
  const comparison = (): Expression => {
    const left = concatenation();
    if (!COMPARISONS.has(peek().text) || peek().kind !== "sign" || (is(">") && !greaterIsComparison)) return left;
    plainNot(left);
    const operator = next().text as Comparison;
    const right = concatenation();
    // None of them is to be compared again.
    if (COMPARISONS.has(peek().text) && peek().kind === "sign" && (greaterIsComparison || !is(">"))) fail();
    return { kind: "compare", operator, left, right };
  };
  const concatenation = (): Expression => {
    let left = additive();
    while (startsOperand()) {
      plainNot(left);
      left = { kind: "concatenate", left, right: additive() };
    }
    return left;
  };
  const startsOperand = (): boolean => {
    const { kind, text } = peek();
    return /^(number|string|name|function)$/.test(kind) || (kind === "sign" && /^(\$|\(|\+\+|--)$/.test(text));
  };
  const arithmetic = (operand: () => Expression, signs: RegExp) => (): Expression => {
    let left = operand();
    while (peek().kind === "sign" && signs.test(peek().text)) {
      plainNot(left);
      left = { kind: "arithmetic", operator: next().text as Operator, left, right: operand() };
    }
    return left;
  };
  const unary = (): Expression => {
    if (take("!")) return { kind: "not", operand: nested(unary) };
    if (take("-")) return { kind: "minus", operand: nested(unary) };
    if (take("+")) return { kind: "plus", operand: nested(unary) };
    return power();
  };
  const power = (): Expression => {
    const base = postfix();
    if (!take("^")) return base;
    const exponent = is("-") || is("+") || is("!") ? nested(unary) : nested(power);
    return { kind: "arithmetic", operator: "^", left: base, right: exponent };
  };
  const postfix = (): Expression => {
    const operand = primary();
    if (!isTarget(operand) || (!is("++") && !is("--"))) return operand;
    return { kind: "step", target: operand, by: next().text === "++" ? 1 : -1, gives: "before" };
  };
  const primary = (): Expression => {
    const { kind, text, called } = next();
    if (kind === "number") return { kind: "number", value: Number(text) };
    if (kind === "string") return { kind: "string", value: text };
    if (kind === "expression") {
      // One that is wrong is an error even where it is never used.
      parseExpression(text, { tool: "awk", extended: true, ignoreCase: false });
      return { kind: "match", pattern: text };
    }
    if (kind === "function") return call(text);
    if (kind === "name") {
      if (called) refuseAwk(`the function ${text}`);
      return take("[") ? { kind: "element", array: text, subscripts: subscripts() } : { kind: "variable", name: text };
    }
    if (kind !== "sign") return (at--, fail());
    switch (text) {
      case "$":
        return { kind: "field", index: is("++") || is("--") || is("-") ? fail() : nested(primary) };
      case "(": {
        const outer = greaterIsComparison;
        greaterIsComparison = true;
        const operand = expression();
        greaterIsComparison = outer;
        need(")");
        return { kind: "group", operand };
      }
      case "++":
      case "--": {
        const target = primary();
        return isTarget(target) ? { kind: "step", target, by: text === "++" ? 1 : -1, gives: "after" } : fail();
      }
      default:
        at--;
        return fail();
    }
  };
  const call = (name: string): Expression => {
    if (name === "length" && !is("(")) return { kind: "call", name, args: [] };
    need("(");
    const outer = greaterIsComparison;
    greaterIsComparison = true;
    const args = is(")") ? [] : expressions();
    greaterIsComparison = outer;
    need(")");
    return { kind: "call", name, args };
  };
  const name = (): string => (peek().kind === "name" ? next().text : fail());
  /** `!x ~ y` and its like are read in two ways. */
  const plainNot = (left: Expression): void => {
    if (left.kind === "not") fail();
  };

  const multiplicative = arithmetic(unary, /^[*/%]$/);
  const additive = arithmetic(multiplicative, /^[-+]$/);
  const and = binary(membership, "&&", "and");
  const or = binary(and, "||", "or");
  return rules();
}

function isTarget(expression: Expression): expression is Target {
  return expression.kind === "variable" || expression.kind === "field" || expression.kind === "element";
}
