/** find's expression: tests and actions, joined by "and", "or" and "not", as find(1) reads them. */
import { type Entry, displayBytes } from "../../../../core/index.ts";
import { compileExpression } from "../regular-expression/expression.ts";
import { compilePattern } from "../shell/pattern.ts";
import type { Invocation } from "../world.ts";
import { printLine } from "./text.ts";

export interface FindItem {
  readonly entry: Entry;
  /** As it is printed: what was asked for, with what is below. */
  readonly name: string;
  readonly depth: number;
}

export interface FindPlan {
  readonly visit: (item: FindItem) => { readonly prunes: boolean };
  /** Runs what was gathered. False where that failed. */
  readonly finish: () => boolean;
  readonly minimum: number;
  readonly maximum: number;
  readonly childrenFirst: boolean;
  readonly followsLinks: boolean;
}

type Test = (item: FindItem) => boolean;

/** Undefined where find says itself that it is asked for what there is not. */
export function parseFind(args: readonly string[], invocation: Invocation): FindPlan | undefined {
  const reader = new Reader(args, invocation);
  const test = reader.expression();
  if (reader.unknownName !== undefined) {
    invocation.printError(`find: '${reader.unknownName}' is not the name of a known user or group\n`);
    return undefined;
  }
  const { acts, minimum, maximum, childrenFirst, followsLinks } = reader;
  const visit = (item: FindItem) => {
    reader.prunes = false;
    if (test(item) && !acts) printLine(invocation, item.name);
    return { prunes: reader.prunes };
  };
  const finish = () => reader.batches.every((run) => run());
  return { visit, finish, minimum, maximum, childrenFirst, followsLinks };
}

class Reader {
  prunes = false;
  /** Anything but printing what holds, which is done where nothing is said. */
  acts = false;
  minimum = 0;
  maximum = Infinity;
  childrenFirst = false;
  followsLinks = false;
  unknownName: string | undefined;
  readonly batches: (() => boolean)[] = [];
  readonly #words: string[];
  readonly #invocation: Invocation;

  constructor(words: readonly string[], invocation: Invocation) {
    this.#words = [...words];
    this.#invocation = invocation;
  }

  /** All of it; none at all always holds. */
  expression(): Test {
    if (this.#words.length === 0) return () => true;
    const test = this.#alternatives();
    if (this.#words.length > 0) return this.#refuse(`with ${displayBytes(this.#words[0]!)}`);
    return test;
  }

  #alternatives(): Test {
    const tests = [this.#sequence()];
    while (this.#takes("-o", "-or")) tests.push(this.#sequence());
    return (item) => tests.some((test) => test(item));
  }

  #sequence(): Test {
    const tests = [this.#one()];
    while (this.#words.length > 0 && !["-o", "-or", ")"].includes(this.#words[0]!)) {
      this.#takes("-a", "-and");
      tests.push(this.#one());
    }
    return (item) => tests.every((test) => test(item));
  }

  #one(): Test {
    if (this.#takes("!", "-not")) {
      const test = this.#one();
      return (item) => !test(item);
    }
    if (!this.#takes("(")) return this.#primary(this.#word());
    const test = this.#alternatives();
    return this.#takes(")") ? test : this.#refuse("with unbalanced parentheses");
  }

  #primary(word: string): Test {
    const { files } = this.#invocation.world;
    switch (word) {
      case "-true":
      case "-xdev":
      case "-mount":
        return () => true;
      case "-false":
        return () => false;
      case "-maxdepth":
        return this.#setting((this.maximum = this.#number()));
      case "-mindepth":
        return this.#setting((this.minimum = this.#number()));
      case "-depth":
        return this.#setting((this.childrenFirst = true));
      case "-follow":
        return this.#setting((this.followsLinks = true));
      case "-type":
        return this.#type(this.#word());
      case "-name":
        return nameTest(this.#word());
      case "-path":
      case "-wholename": {
        const test = compilePattern(this.#word());
        return ({ name }) => test(name);
      }
      case "-regex": {
        const how = { tool: "find", extended: true, within: "line", spend: this.#invocation.world.spend } as const;
        const expression = compileExpression(emacsExpression(this.#word()), how);
        return ({ name }) => expression.test(name);
      }
      case "-user":
        return this.#owner("uid", (name) => this.#invocation.world.accounts.user(name)?.uid);
      case "-group":
        return this.#owner("gid", (name) => this.#invocation.world.accounts.group(name)?.gid);
      case "-uid":
        return this.#compared(({ uid }) => uid);
      case "-gid":
        return this.#compared(({ gid }) => gid);
      case "-perm":
        return this.#mode(this.#word());
      case "-empty":
        return ({ entry }) =>
          entry.type === "directory" ? files.list(entry.path).length === 0 : entry.type === "file" && entry.size === 0;
      default:
        return this.#action(word);
    }
  }

  #action(word: string): Test {
    const { files } = this.#invocation.world;
    if (word === "-prune") return () => (this.prunes = true);
    this.acts = true;
    switch (word) {
      case "-print":
        return done(({ name }) => printLine(this.#invocation, name));
      case "-print0":
        return done(({ name }) => this.#invocation.print(`${name}\0`));
      case "-printf": {
        const format = this.#word();
        if (/%[^fp%]|\\[^n0\\]|[%\\]$/.test(format)) return this.#refuse(`-printf ${displayBytes(format)}`);
        return done(({ name }) => {
          if (format.includes("%f") && name.endsWith("/")) return this.#refuse("-printf %f of a path with a slash");
          return this.#invocation.print(formatted(format, name));
        });
      }
      case "-delete":
        this.childrenFirst = true;
        return done(({ entry }) => files.remove(entry.path));
      case "-exec":
        return this.#exec();
      default:
        return this.#refuse(displayBytes(word));
    }
  }

  #exec(): Test {
    const end = this.#words.findIndex(
      (word, index) => word === ";" || (word === "+" && this.#words[index - 1] === "{}"),
    );
    if (end < 0) return this.#refuse("-exec without an end");
    const words = this.#words.splice(0, end + 1);
    if (words.pop() === ";")
      return ({ name }) =>
        this.#invocation.run(
          words.map((item) => item.replaceAll("{}", name)),
          { input: "" },
        ) === 0;
    const command = words.slice(0, -1);
    if (command.some((item) => item.includes("{}"))) return this.#refuse("-exec with several {}");
    const names: string[] = [];
    this.batches.push(() => names.length === 0 || this.#invocation.run([...command, ...names], { input: "" }) === 0);
    return done(({ name }) => names.push(name));
  }

  #type(letters: string): Test {
    const kinds: Readonly<Record<string, readonly Entry["type"][]>> = {
      f: ["file", "hardlink"],
      d: ["directory"],
      l: ["symlink"],
      b: ["block"],
      c: ["character"],
      p: ["fifo"],
      s: [],
    };
    const wanted = letters.split(",").flatMap((letter) => kinds[letter] ?? this.#refuse("of such a type"));
    return ({ entry }) => wanted.includes(entry.type);
  }

  #owner(which: "uid" | "gid", idOf: (name: string) => number | undefined): Test {
    const name = this.#word();
    const id = idOf(name) ?? (/^[0-9]{1,9}$/.test(name) ? Number(name) : undefined);
    if (id === undefined) this.unknownName ??= name;
    return ({ entry }) => entry[which] === id;
  }

  #compared(value: (entry: Entry) => number): Test {
    const [, sign, digits] = /^([+-]?)([0-9]{1,9})$/.exec(this.#word()) ?? this.#refuse("with such a number");
    const wanted = Number(digits);
    if (sign === "+") return ({ entry }) => value(entry) > wanted;
    return sign === "-" ? ({ entry }) => value(entry) < wanted : ({ entry }) => value(entry) === wanted;
  }

  #mode(text: string): Test {
    const [, sign, digits] = /^([-/]?)([0-7]{1,4})$/.exec(text) ?? this.#refuse("-perm with names");
    const wanted = Number.parseInt(digits!, 8);
    const bits = ({ entry }: FindItem) => (entry.type === "symlink" ? 0o777 : entry.mode & 0o7777);
    if (sign === "-") return (item) => (bits(item) & wanted) === wanted;
    return sign === "/" ? (item) => wanted === 0 || (bits(item) & wanted) !== 0 : (item) => bits(item) === wanted;
  }

  #setting(_set: unknown): Test {
    return () => true;
  }

  #number(): number {
    const word = this.#word();
    return /^[0-9]{1,6}$/.test(word) ? Number(word) : this.#refuse("with such a number");
  }

  #takes(...words: readonly string[]): boolean {
    if (!words.includes(this.#words[0] ?? "")) return false;
    this.#words.shift();
    return true;
  }

  #word(): string {
    return this.#words.shift() ?? this.#refuse("with a missing value");
  }

  #refuse(what: string): never {
    return this.#invocation.refuse(`find ${what}`);
  }
}

function done(act: (item: FindItem) => unknown): Test {
  return (item) => {
    act(item);
    return true;
  };
}

/** Of the last component, whatever slashes follow it. */
function nameTest(pattern: string): Test {
  const test = compilePattern(pattern);
  return ({ name }) => {
    const trimmed = name.replace(/(?<=^\/|[^/])\/+$/, "");
    return test(trimmed === "/" ? trimmed : trimmed.slice(trimmed.lastIndexOf("/") + 1));
  };
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
