/** `test` and `[` (POSIX), with the `-a`, `-o`, `-nt`, `-ef`, `<` and `>` that dash has. */
import { type Entry, type TreePath, displayBytes, parentOf } from "../../../../core/index.ts";
import { isEssentialPlace } from "./command-place.ts";
import type { Command, Invocation, World } from "../world.ts";
import { NotCovered } from "./state.ts";

const UNARY = new Set([..."bcdefghkLnOGprsStuwxz"].map((letter) => `-${letter}`));
const BINARY = new Set(["=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"]);

export const testCommand: Command = (invocation) => {
  const args = [...invocation.args];
  if (invocation.name === "[" && args.pop() !== "]") return invocation.refuse("[ without ]");
  try {
    return evaluate(args, invocation) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestError)) throw error;
    invocation.printError(`${invocation.name}: ${error.message}\n`);
    return 2;
  }
};

/** What makes the shells end the test with status 2. */
class TestError extends Error {}

function evaluate(args: readonly string[], invocation: Invocation): boolean {
  // POSIX decides by the number of arguments first, so that operands may look like operators.
  const [first, second, third, fourth] = args;
  if (args.length === 0) return false;
  if (args.length === 1) return first !== "";
  if (args.length === 2 && first === "!") return second === "";
  if (args.length === 3 && BINARY.has(second!)) return binary(first!, second!, third!, invocation);
  if (args.length === 3 && first === "!") return !evaluate(args.slice(1), invocation);
  if (args.length === 3 && first === "(" && third === ")") return second !== "";
  if (args.length === 4 && first === "!") return !evaluate(args.slice(1), invocation);
  if (args.length === 4 && first === "(" && fourth === ")") return evaluate([second!, third!], invocation);

  let at = 0;
  const or = (): boolean => {
    let value = and();
    while (args[at] === "-o") {
      at++;
      value = and() || value;
    }
    return value;
  };
  const and = (): boolean => {
    let value = not();
    while (args[at] === "-a") {
      at++;
      value = not() && value;
    }
    return value;
  };
  const not = (): boolean => {
    if (args[at] === "!" && at + 1 < args.length) {
      at++;
      return !not();
    }
    return primary();
  };
  const primary = (): boolean => {
    const word = args[at];
    const next = args[at + 1];
    if (word === undefined) return invocation.refuse("test without an operand");
    if (next !== undefined && BINARY.has(next) && args[at + 2] !== undefined) {
      at += 3;
      return binary(word, next, args[at - 1]!, invocation);
    }
    if (word === "(") {
      at++;
      const value = or();
      if (args[at++] !== ")") invocation.refuse("test with unbalanced parentheses");
      return value;
    }
    if (UNARY.has(word) && next !== undefined) {
      at += 2;
      return unary(word, next, invocation);
    }
    at++;
    return word !== "";
  };
  const value = or();
  if (at < args.length) invocation.refuse(`test ${displayBytes(args.join(" "))}`);
  return value;
}

function unary(operator: string, operand: string, invocation: Invocation): boolean {
  if (operator === "-n") return operand !== "";
  if (operator === "-z") return operand === "";
  // Descriptors of an unattended run are never terminals.
  if (operator === "-t") return false;
  const { world, shell } = invocation;
  if (operator === "-L" || operator === "-h") {
    if (operand === "") return false;
    const path = world.files.resolve(operand, shell.directory, false);
    const entry = world.files.get(path);
    return entry === undefined ? isAbsent(path, world) : entry.type === "symlink";
  }
  const entry = findEntry(operand, invocation);
  if (entry === undefined) return operand !== "" && isAbsent(world.files.resolve(operand, shell.directory), world);
  const isFile = entry.type === "file" || entry.type === "hardlink";
  switch (operator) {
    case "-e":
    case "-r":
    case "-w":
      return operator === "-e" || shell.identity.uid === 0 || invocation.refuse(`test ${operator} as another user`);
    case "-f":
      return isFile;
    case "-d":
      return entry.type === "directory";
    case "-s":
      return entry.type === "file" ? entry.size > 0 : entry.type === "directory";
    case "-x":
      if (shell.identity.uid !== 0) invocation.refuse("test -x as another user");
      return entry.type === "directory" || (entry.mode & 0o111) !== 0;
    case "-b":
      return entry.type === "block";
    case "-c":
      return entry.type === "character";
    case "-p":
      return entry.type === "fifo";
    case "-S":
      return false;
    case "-u":
      return (entry.mode & 0o4000) !== 0;
    case "-g":
      return (entry.mode & 0o2000) !== 0;
    case "-k":
      return (entry.mode & 0o1000) !== 0;
    case "-O":
      return entry.uid === shell.identity.uid;
    case "-G":
      return entry.gid === shell.identity.gid;
    default:
      return invocation.refuse(`test ${operator}`);
  }
}

/** False, where nothing that was left out would have made it. */
function isAbsent(path: TreePath, { leftOut }: World): false {
  if (!leftOut.mayMakePath(path)) return false;
  throw new NotCovered(`whether /${displayBytes(path)} is there is not known: a script that was left out makes it`);
}

/** The entry, with the root directory and the null device, which no tree lists. */
function findEntry(path: string, { world, shell }: Invocation): Entry | undefined {
  const { files } = world;
  if (path === "") return undefined;
  const meta = { mode: 0o755, uid: 0, gid: 0, mtime: 1 };
  const resolved = files.resolve(path, shell.directory);
  if (resolved === "") return { ...meta, type: "directory", path: resolved };
  if (resolved === "dev/null") {
    return { ...meta, type: "character", path: resolved, mode: 0o666, major: 1, minor: 3 };
  }
  if (files.get(resolved) === undefined && isEssentialPlace(path, world)) {
    // Only that it is there and not empty is ever asked of it.
    const content = { kind: "inline", bytes: new Uint8Array(1) } as const;
    return { ...meta, type: "file", path: resolved, size: 1, content };
  }
  // A name under something that is no directory leads nowhere.
  const parent = files.get(parentOf(resolved));
  if (parentOf(resolved) !== "" && parent?.type !== "directory") return undefined;
  const entry = files.find(path, shell.directory);
  return path.endsWith("/") && entry?.type !== "directory" ? undefined : entry;
}

function binary(left: string, operator: string, right: string, invocation: Invocation): boolean {
  switch (operator) {
    case "==":
      // dash does not know it; only where it is all of the test are the two shells' ways of failing certain.
      if (invocation.shell.source.dialect === "sh") {
        const { length } = invocation.args.filter((arg) => arg !== "]" && arg !== "!");
        if (length > 3) return invocation.refuse("test with == among others");
        throw new TestError("==: unexpected operator");
      }
      return left === right;
    case "=":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "-ef": {
      const one = findEntry(left, invocation);
      return one !== undefined && one.path === findEntry(right, invocation)?.path;
    }
    case "-nt":
    case "-ot":
      return invocation.refuse(`test ${operator}: times are not those of an installation`);
    default:
      return compare(integer(left, invocation), operator, integer(right, invocation));
  }
}

function integer(text: string, invocation: Invocation): number {
  const value = /^\s*[-+]?[0-9]{1,15}\s*$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isNaN(value)) return value;
  if (/[0-9]{16}/.test(text)) return invocation.refuse(`test with "${displayBytes(text)}" as a number`);
  throw new TestError(`Illegal number: ${displayBytes(text)}`);
}

function compare(left: number, operator: string, right: number): boolean {
  switch (operator) {
    case "-eq":
      return left === right;
    case "-ne":
      return left !== right;
    case "-lt":
      return left < right;
    case "-le":
      return left <= right;
    case "-gt":
      return left > right;
    default:
      return left >= right;
  }
}
