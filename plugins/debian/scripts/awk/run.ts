/** Long because all of it works on one set of variables: what an awk program does with its input. */
import { displayBytes } from "../../../../core/index.ts";
import { type RegularExpression, compileExpression } from "../regular-expression/expression.ts";
import { formatted } from "./format.ts";
import { PURE, substituted } from "./text-functions.ts";
import { refuseAwk } from "./lexer.ts";
import { createRecord, splitByExpression, splitText } from "./record.ts";
import type { Expression, Operator, Rule, Statement, Target } from "./syntax.ts";
import { type Value, compareValues, isTrue, numberOf, textOf } from "./values.ts";

export interface AwkHost {
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  /** Counts a record. */
  readonly step: () => void;
  readonly spend: (units: number) => void;
  /** Each file's name and text; a file is read when its turn comes. */
  readonly inputs: () => Iterable<{ readonly name: string; readonly text: string }>;
  /** What a field is that the record has not: mawk's is a string, and to gawk it is a number as well. */
  readonly noField: Value;
  readonly environment: ReadonlyMap<string, string>;
  readonly variables: ReadonlyMap<string, string>;
}

/** Of a statement or an operator, in bytes handled. */
const COST = 50;
const RECORD_LINE = /[^\n]+\n?|\n/g;
/** Those whose other values would change how records are read and numbers are written. */
const FIXED: Readonly<Record<string, string>> = { RS: "\n", CONVFMT: "%.6g", OFMT: "%.6g" };
const UNKNOWN = new Set(["ARGC", "ARGV", "ERRNO", "PROCINFO", "RT", "IGNORECASE", "FIELDWIDTHS", "FPAT", "SYMTAB"]);

class Leave extends Error {
  readonly how: "next" | "exit" | "break" | "continue";
  constructor(how: Leave["how"]) {
    super(how);
    this.how = how;
  }
}

/** Gives the exit status. */
export function runProgram(rules: readonly Rule[], host: AwkHost): number {
  const variables = new Map<string, Value>([
    ["FS", " "],
    ["OFS", " "],
    ["ORS", "\n"],
    ["SUBSEP", "\x1c"],
    ["NR", 0],
    ["FNR", 0],
    ["RSTART", 0],
    ["RLENGTH", -1],
  ]);
  const arrays = new Map<string, Map<string, Value>>([
    ["ENVIRON", new Map([...host.environment].map(([name, input]) => [name, { input }]))],
  ]);
  for (const [name, input] of host.variables) setVariable(name, { input });
  const expressions = new Map<string, RegularExpression>();
  const record = createRecord((text, separator) => splitText(text, separator, expressionOf), host.noField);
  const ranges = new Set<Rule>();
  let status = 0;

  function expressionOf(pattern: string): RegularExpression {
    const known = expressions.get(pattern);
    if (known) return known;
    const made = compileExpression(pattern, { tool: "awk", extended: true, spend: host.spend });
    expressions.set(pattern, made);
    return made;
  }

  function runRules(when: "begin" | "end"): void {
    for (const rule of rules) if (rule.when === when && rule.action) run(rule.action);
  }

  function runRecord(): void {
    for (const rule of rules) {
      if (rule.when === "begin" || rule.when === "end" || !isChosen(rule)) continue;
      if (rule.action) run(rule.action);
      else host.print(wholeRecord() + textOf(variables.get("ORS")));
    }
  }

  function isChosen(rule: Rule): boolean {
    if (typeof rule.when === "string") return true;
    const { from, to } = rule.when;
    if (to === undefined) return isTrue(valueOf(from));
    if (!ranges.has(rule) && !isTrue(valueOf(from))) return false;
    if (isTrue(valueOf(to))) ranges.delete(rule);
    else ranges.add(rule);
    return true;
  }

  function run(statement: Statement): void {
    host.spend(COST);
    switch (statement.kind) {
      case "expression":
        if (statement.value.kind === "step") takeStep(statement.value);
        else valueOf(statement.value);
        return;
      case "print":
      case "printf": {
        const write = statement.to === "output" ? host.print : host.printError;
        const values = statement.values.map(valueOf);
        if (statement.kind === "printf") return write(formatted(textOf(values[0]), values.slice(1)));
        const text = values.length === 0 ? wholeRecord() : values.map(textOf).join(textOf(variables.get("OFS")));
        return write(text + textOf(variables.get("ORS")));
      }
      case "block":
        return statement.body.forEach(run);
      case "if":
        if (isTrue(valueOf(statement.test))) run(statement.yes);
        else if (statement.no) run(statement.no);
        return;
      case "while":
        while (isTrue(valueOf(statement.test))) if (!goesOn(statement.body)) return;
        return;
      case "do":
        do if (!goesOn(statement.body)) return;
        while (isTrue(valueOf(statement.test)));
        return;
      case "for":
        if (statement.start) run(statement.start);
        while (statement.test === undefined || isTrue(valueOf(statement.test))) {
          if (!goesOn(statement.body)) return;
          if (statement.each) run(statement.each);
        }
        return;
      case "for-in": {
        const keys = [...arrayOf(statement.array).keys()];
        // Each awk has an order of its own.
        if (keys.length > 1) refuseAwk("for-in over several elements");
        for (const input of keys) {
          setVariable(statement.name, { input });
          if (!goesOn(statement.body)) return;
        }
        return;
      }
      case "delete":
        if (statement.subscripts) arrayOf(statement.array).delete(subscriptOf(statement.subscripts));
        else arrayOf(statement.array).clear();
        return;
      case "exit":
        if (statement.status) {
          const value = numberOf(valueOf(statement.status));
          status = Number.isInteger(value) && value >= 0 && value < 256 ? value : refuseAwk("exit with such a status");
        }
        throw new Leave("exit");
      default:
        throw new Leave(statement.kind);
    }
  }

  /** Whether the loop does after a turn. */
  function goesOn(body: Statement): boolean {
    host.spend(COST);
    try {
      run(body);
      return true;
    } catch (error) {
      if (error instanceof Leave && error.how === "continue") return true;
      if (error instanceof Leave && error.how === "break") return false;
      throw error;
    }
  }

  function valueOf(expression: Expression): Value {
    host.spend(COST);
    switch (expression.kind) {
      case "number":
      case "string":
        return expression.value;
      case "group":
        return valueOf(expression.operand);
      case "match":
        return expressionOf(expression.pattern).test(wholeRecord()) ? 1 : 0;
      case "variable":
      case "field":
      case "element":
        return read(expression);
      case "contains":
        return arrayOf(expression.array).has(textOf(valueOf(expression.subscript))) ? 1 : 0;
      case "not":
        return isTrue(valueOf(expression.operand)) ? 0 : 1;
      case "minus":
        return -numberOf(valueOf(expression.operand));
      case "plus":
        return numberOf(valueOf(expression.operand));
      case "and":
        return isTrue(valueOf(expression.left)) && isTrue(valueOf(expression.right)) ? 1 : 0;
      case "or":
        return isTrue(valueOf(expression.left)) || isTrue(valueOf(expression.right)) ? 1 : 0;
      case "concatenate": {
        const text = textOf(valueOf(expression.left)) + textOf(valueOf(expression.right));
        host.spend(text.length);
        return text;
      }
      case "compare": {
        const order = compareValues(valueOf(expression.left), valueOf(expression.right));
        const { operator } = expression;
        if (operator === "==" || operator === "!=") return (order === 0) === (operator === "==") ? 1 : 0;
        if (order === 0) return operator.length > 1 ? 1 : 0;
        return order < 0 === operator.startsWith("<") ? 1 : 0;
      }
      case "arithmetic":
        return calculated(expression.operator, numberOf(valueOf(expression.left)), numberOf(valueOf(expression.right)));
      case "matches": {
        const text = textOf(valueOf(expression.left));
        return patternOf(expression.right).test(text) === expression.negated ? 0 : 1;
      }
      case "choose":
        return valueOf(isTrue(valueOf(expression.test)) ? expression.yes : expression.no);
      case "assign": {
        const { target, operator } = expression;
        const value = valueOf(expression.value);
        const after = operator ? calculated(operator, numberOf(read(target)), numberOf(value)) : value;
        write(target, after);
        return after;
      }
      case "step":
        // mawk does not always give what the field was.
        if (expression.target.kind === "field" && expression.gives === "before")
          return refuseAwk("what a field was before a step");
        return takeStep(expression);
      case "call":
        return called(expression.name, expression.args);
    }
  }

  function takeStep({ target, by, gives }: Extract<Expression, { kind: "step" }>): number {
    const before = numberOf(read(target));
    write(target, before + by);
    return gives === "before" ? before : before + by;
  }

  function calculated(operator: Operator, left: number, right: number): number {
    if (right === 0 && /[/%]/.test(operator)) return refuseAwk("a division by zero");
    const value = {
      "+": () => left + right,
      "-": () => left - right,
      "*": () => left * right,
      "/": () => left / right,
      "%": () => left % right,
      "^": () => left ** right,
    }[operator]();
    return Number.isFinite(value) ? value : refuseAwk("a number of such a size");
  }

  function wholeRecord(): string {
    return record.text(textOf(variables.get("OFS")));
  }

  function read(target: Target): Value {
    if (target.kind === "element") {
      const array = arrayOf(target.array);
      const key = subscriptOf(target.subscripts);
      // Asking makes it.
      if (!array.has(key)) array.set(key, undefined);
      return array.get(key);
    }
    if (target.kind === "field") {
      const index = indexOf(target.index);
      return index === 0 ? { input: wholeRecord() } : record.field(index);
    }
    if (arrays.has(target.name)) return refuseAwk(`the array ${target.name} without a subscript`);
    if (UNKNOWN.has(target.name)) return refuseAwk(target.name);
    if (target.name === "NF") return record.count();
    return Object.hasOwn(FIXED, target.name) ? FIXED[target.name] : variables.get(target.name);
  }

  function write(target: Target, value: Value): void {
    if (target.kind === "element") arrayOf(target.array).set(subscriptOf(target.subscripts), value);
    else if (target.kind === "variable") setVariable(target.name, value);
    else {
      const index = indexOf(target.index);
      if (index === 0) record.set(textOf(value), textOf(variables.get("FS")));
      else record.setField(index, typeof value === "number" ? value : textOf(value));
    }
  }

  function setVariable(name: string, value: Value): void {
    if (name === "NF") return record.setCount(wholeNumber(value));
    const fixed = Object.hasOwn(FIXED, name) ? FIXED[name] : undefined;
    if (UNKNOWN.has(name) || (fixed !== undefined && textOf(value) !== fixed) || arrays.has(name))
      return refuseAwk(`to set ${name}`);
    variables.set(name, value);
  }

  function indexOf(expression: Expression): number {
    return wholeNumber(valueOf(expression));
  }

  function wholeNumber(value: Value): number {
    const number = numberOf(value);
    return Number.isInteger(number) && number >= 0 ? number : refuseAwk(`the field ${number}`);
  }

  function arrayOf(name: string): Map<string, Value> {
    if (variables.has(name) || UNKNOWN.has(name)) return refuseAwk(`${name} as an array`);
    const known = arrays.get(name);
    if (known) return known;
    const made = new Map<string, Value>();
    arrays.set(name, made);
    return made;
  }

  function subscriptOf(subscripts: readonly Expression[]): string {
    return subscripts.map((each) => textOf(valueOf(each))).join(textOf(variables.get("SUBSEP")));
  }

  /** A regular expression as it stands, or a text that is one. */
  function patternOf(expression: Expression): RegularExpression {
    return expressionOf(expression.kind === "match" ? expression.pattern : textOf(valueOf(expression)));
  }

  function called(name: string, args: readonly Expression[]): Value {
    const [first, second, third] = args;
    const pure = Object.hasOwn(PURE, name) ? PURE[name] : undefined;
    if (pure) return args.length === 0 ? refuseAwk(`${name} of nothing`) : pure(args.map(valueOf));
    if (name === "length") {
      if (args.length > 1) return refuseAwk("length with such arguments");
      if (first?.kind === "variable" && arrays.has(first.name)) return refuseAwk("length of an array");
      return (first === undefined ? wholeRecord() : textOf(valueOf(first))).length;
    }
    if (name === "sprintf") {
      const values = args.map(valueOf);
      return formatted(textOf(values[0]), values.slice(1));
    }
    if (first === undefined || second === undefined || args.length > 3) return refuseAwk(`${name} with such arguments`);
    if (name === "match" && !third) {
      const span = patternOf(second).find(textOf(valueOf(first)));
      setVariable("RSTART", span ? span.start + 1 : 0);
      setVariable("RLENGTH", span ? span.end - span.start : -1);
      return span ? span.start + 1 : 0;
    }
    if (name === "split") return splitInto(first, second, third);
    if (name === "sub" || name === "gsub") return substituteIn(name === "gsub", first, second, third);
    return refuseAwk(`${name} with such arguments`);
  }

  function splitInto(text: Expression, array: Expression, separator: Expression | undefined): number {
    if (array.kind !== "variable") return refuseAwk("split into such an array");
    const whole = textOf(valueOf(text));
    const by = separator?.kind === "match" ? undefined : textOf(separator ? valueOf(separator) : variables.get("FS"));
    const pieces =
      by === undefined ? splitByExpression(whole, patternOf(separator!)) : splitText(whole, by, expressionOf);
    const into = arrayOf(array.name);
    into.clear();
    for (const [index, input] of pieces.entries()) into.set(String(index + 1), { input });
    return pieces.length;
  }

  function substituteIn(
    everywhere: boolean,
    pattern: Expression,
    by: Expression,
    where: Expression | undefined,
  ): number {
    const target = where ?? { kind: "field", index: { kind: "number", value: 0 } };
    if (target.kind !== "variable" && target.kind !== "field" && target.kind !== "element")
      return refuseAwk("a substitution in what cannot be set");
    const expression = patternOf(pattern);
    const replacement = textOf(valueOf(by));
    const { text, count } = substituted(textOf(read(target)), expression, replacement, everywhere);
    host.spend(text.length);
    if (count > 0) write(target, text);
    return count;
  }

  function readAll(): void {
    let total = 0;
    for (const { name, text } of host.inputs()) {
      setVariable("FILENAME", name);
      for (const [index, line] of [...text.matchAll(RECORD_LINE)].entries()) {
        host.step();
        record.set(line[0].replace(/\n$/, ""), textOf(variables.get("FS")));
        setVariable("NR", ++total);
        setVariable("FNR", index + 1);
        try {
          runRecord();
        } catch (error) {
          if (!(error instanceof Leave) || error.how !== "next") throw error;
        }
        if (numberOf(variables.get("NR")) !== total) refuseAwk("to set NR");
      }
    }
  }

  const hasExited = (work: () => void): boolean => {
    try {
      work();
      return false;
    } catch (error) {
      if (!(error instanceof Leave)) throw error;
      return error.how === "exit" || refuseAwk(`${displayBytes(error.how)} outside the records' rules`);
    }
  };
  const readsInput = rules.some(({ when }) => when !== "begin");
  hasExited(() => {
    runRules("begin");
    if (readsInput) readAll();
  });
  hasExited(() => runRules("end"));
  return status;
}
