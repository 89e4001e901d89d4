/** find(1): the tests and actions that maintainer scripts use, all of which must hold. */
import { type Entry, displayBytes } from "../../../../core/index.ts";
import { FileSystemError } from "../file-system.ts";
import { compileExpression } from "../regular-expression/expression.ts";
import { compilePattern } from "../shell/pattern.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { eachOperand } from "./files.ts";
import { printLine } from "./text.ts";

export const FIND_COMMANDS: CommandTable = { find };

function find(invocation: Invocation): number {
  const args = [...invocation.args];
  const paths: string[] = [];
  while (args.length > 0 && !/^[-!(]/.test(args[0]!)) paths.push(args.shift()!);
  const plan = parseFind(args, invocation);
  const { files } = invocation.world;
  return eachOperand(invocation, paths.length === 0 ? ["."] : paths, (operand) => {
    const start = files.resolve(operand, invocation.shell.directory, false);
    const entry = files.get(start);
    if (!entry && start !== "") throw new FileSystemError("No such file or directory");
    const inside = entry === undefined || entry.type === "directory" ? files.below(start) : [];
    const found = [...(entry ? [entry] : []), ...inside].map((item) => {
      const rest = item.path.slice(start.length);
      return { entry: item, depth: rest.split("/").length - 1, name: operand.replace(/\/+$/, "") + rest };
    });
    // Children first where something is deleted, as -delete implies -depth.
    for (const item of plan.deletes ? [...found].reverse() : found) {
      invocation.world.step();
      if (item.depth > plan.maximum || item.depth < plan.minimum) continue;
      if (plan.tests.every((test) => test(item.entry, item.name))) plan.act(item.entry, item.name);
    }
  });
}

interface FindPlan {
  readonly tests: readonly ((entry: Entry, name: string) => boolean)[];
  readonly act: (entry: Entry, name: string) => void;
  /** Whether it does anything but print by default. */
  readonly acts: boolean;
  readonly deletes: boolean;
  readonly minimum: number;
  readonly maximum: number;
}

function parseFind(args: string[], invocation: Invocation): FindPlan {
  const { world } = invocation;
  const { files, accounts } = world;
  const tests: ((entry: Entry, name: string) => boolean)[] = [];
  const actions: ((entry: Entry, name: string) => void)[] = [];
  let deletes = false;
  let minimum = 0;
  let maximum = Infinity;
  let negated = false;
  const value = (): string => args.shift() ?? invocation.refuse("find with a missing value");
  const add = (test: (entry: Entry, name: string) => boolean) => {
    const not = negated;
    negated = false;
    tests.push((entry, name) => test(entry, name) !== not);
  };
  while (args.length > 0) {
    const word = args.shift()!;
    if (actions.length > 0) return invocation.refuse(`find with ${displayBytes(word)} after an action`);
    switch (word) {
      case "!":
      case "-not":
        negated = !negated;
        break;
      case "-maxdepth":
        maximum = Number(value());
        break;
      case "-mindepth":
        minimum = Number(value());
        break;
      case "-xdev":
      case "-depth":
        break;
      case "-type": {
        const kind = { f: ["file", "hardlink"], d: ["directory"], l: ["symlink"] }[value()];
        if (!kind) return invocation.refuse("find of such a type");
        add((entry) => kind.includes(entry.type));
        break;
      }
      case "-name": {
        const test = compilePattern(value());
        add((_entry, name) => test(name.slice(name.lastIndexOf("/") + 1)));
        break;
      }
      case "-regex": {
        const how = { tool: "find", extended: true, within: "line", spend: world.spend } as const;
        const expression = compileExpression(emacsExpression(value()), how);
        add((_entry, name) => expression.test(name));
        break;
      }
      case "-path": {
        const test = compilePattern(value());
        add((_entry, name) => test(name));
        break;
      }
      case "-user": {
        const user = accounts.user(value());
        add((entry) => user !== undefined && entry.uid === user.uid);
        break;
      }
      case "-empty":
        add((entry) =>
          entry.type === "directory" ? files.list(entry.path).length === 0 : entry.type === "file" && entry.size === 0,
        );
        break;
      case "(": {
        const words = args.splice(0, closing(args, invocation));
        args.shift();
        const inner = parseFind(words, invocation);
        if (inner.acts || inner.minimum > 0 || inner.maximum < Infinity)
          return invocation.refuse("find with an action in parentheses");
        add((entry, name) => inner.tests.every((test) => test(entry, name)));
        break;
      }
      case "-printf": {
        const format = value();
        if (/%[^fp%]|\\[^n0\\]|[%\\]$/.test(format)) return invocation.refuse(`find -printf ${displayBytes(format)}`);
        actions.push((_entry, name) => invocation.print(formatted(format, name)));
        break;
      }
      case "-print":
        actions.push((_entry, name) => printLine(invocation, name));
        break;
      case "-delete":
        deletes = true;
        actions.push((entry) => files.remove(entry.path));
        break;
      case "-exec": {
        const end = args.indexOf(";");
        if (end < 0) return invocation.refuse("find -exec without ;");
        const words = args.splice(0, end + 1).slice(0, -1);
        actions.push((_entry, name) => {
          const status = invocation.run(words.map((item) => item.replaceAll("{}", name)));
          if (status !== 0) invocation.refuse("find -exec of a command that fails");
        });
        break;
      }
      default:
        return invocation.refuse(`find ${displayBytes(word)}`);
    }
  }
  const acts = actions.length > 0;
  if (!acts) actions.push((_entry, name) => printLine(invocation, name));
  const act = (entry: Entry, name: string) => actions.forEach((action) => action(entry, name));
  return { tests, act, acts, deletes, minimum, maximum };
}

/** Where the parenthesis that is open ends. */
function closing(args: readonly string[], invocation: Invocation): number {
  let depth = 1;
  for (const [index, word] of args.entries()) {
    if (word === "(") depth++;
    if (word === ")" && --depth === 0) return index;
  }
  return invocation.refuse("find with unbalanced parentheses");
}

/** Emacs's syntax, which is find's own, in that of extended expressions: what is escaped there is plain here. */
function emacsExpression(pattern: string): string {
  return `^(${pattern.replace(/\\([\s\S])|[(){}|]/g, (whole, escaped: string | undefined) => {
    if (escaped === undefined) return `\\${whole}`;
    return "()|".includes(escaped) ? escaped : whole;
  })})$`;
}

function formatted(format: string, name: string): string {
  const known: Readonly<Record<string, string>> = {
    "%f": name.slice(name.lastIndexOf("/") + 1),
    "%p": name,
    "%%": "%",
    "\\n": "\n",
    "\\0": "\0",
    "\\\\": "\\",
  };
  return format.replace(/[%\\]./g, (directive) => known[directive]!);
}
