/** Commands that print, and what filters of lines have in common (coreutils, dash's builtins). */
import { displayBytes, withoutEndSlashes } from "../../../../core/index.ts";
import { FileSystemError } from "../file-system.ts";
import { testCommand } from "../shell/test-command.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";
import { formatPrintf, unescapeEcho } from "./printf.ts";

export const TEXT_COMMANDS: CommandTable = {
  "[": testCommand,
  test: testCommand,
  true: () => 0,
  false: () => 1,
  echo(invocation) {
    const args = [...invocation.args];
    const newline = args[0] !== "-n";
    if (!newline) args.shift();
    const isBash = invocation.shell.source.dialect === "bash";
    if (isBash && /^-[neE]+$/.test(args[0] ?? "")) return invocation.refuse(`echo ${args[0]}`);
    const text = args.join(" ");
    const { out, stop } = isBash ? { out: text, stop: false } : unescapeEcho(text);
    invocation.print(out + (newline && !stop ? "\n" : ""));
    return 0;
  },
  printf(invocation) {
    const args = invocation.args[0] === "--" ? invocation.args.slice(1) : invocation.args;
    invocation.print(formatPrintf(args[0] ?? "", args.slice(1), invocation));
    return 0;
  },
  cat(invocation) {
    const { operands } = parseOptions(invocation, ["u"]);
    return eachText(invocation, operands, (text) => invocation.print(text));
  },
  pwd(invocation) {
    const { directory, namedDirectory } = invocation.shell;
    const [option = "-L"] = invocation.args;
    if (invocation.args.length > 1 || !/^-[LP]$/.test(option)) return invocation.refuse("pwd with such options");
    return printLine(invocation, option === "-P" ? directory : namedDirectory);
  },
  basename(invocation) {
    const { operands } = parseOptions(invocation, [], { ordered: true });
    const [path, suffix] = operands;
    if (path === undefined || operands.length > 2) return invocation.refuse("basename with such operands");
    const name = path === "" ? "" : withoutEndSlashes(path).split("/").at(-1)! || "/";
    const cut = suffix !== undefined && name !== suffix && name.endsWith(suffix);
    return printLine(invocation, cut ? name.slice(0, name.length - suffix.length) : name);
  },
  dirname(invocation) {
    const { operands } = parseOptions(invocation, []);
    if (operands.length === 0) return invocation.refuse("dirname without a path");
    for (const path of operands) {
      const trimmed = withoutEndSlashes(path);
      const slash = trimmed.lastIndexOf("/");
      const parent = slash < 0 ? "." : withoutEndSlashes(trimmed.slice(0, slash)) || "/";
      printLine(invocation, trimmed === "" && path !== "" ? "/" : parent);
    }
    return 0;
  },
  seq(invocation) {
    const numbers = invocation.args.map((arg) => (/^-?\d{1,6}$/.test(arg) ? Number(arg) : Number.NaN));
    if (numbers.length < 1 || numbers.length > 3 || numbers.some(Number.isNaN))
      return invocation.refuse("seq with such operands");
    const first = numbers.length > 1 ? numbers[0]! : 1;
    const step = numbers.length > 2 ? numbers[1]! : 1;
    const last = numbers.at(-1)!;
    if (step === 0 || Math.abs((last - first) / step) > 10_000) return invocation.refuse("seq of such a length");
    const lines: string[] = [];
    for (let value = first; step > 0 ? value <= last : value >= last; value += step) lines.push(String(value));
    printLines(invocation, lines);
    return 0;
  },
};

export function printLine(invocation: Invocation, line: string): number {
  invocation.print(`${line}\n`);
  return 0;
}

export function printLines(invocation: Invocation, lines: readonly string[]): void {
  if (lines.length > 0) invocation.print(`${lines.join("\n")}\n`);
}

/** Lines without their ends; a last line without one counts. */
export function linesOf(text: string): readonly string[] {
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

/** A file's text; undefined, and a message unless it is `quiet`, where it cannot be read. */
export function readText(invocation: Invocation, path: string, quiet = false): string | undefined {
  const { world, shell } = invocation;
  if (path === "-") return goneThrough(invocation.readInput(), invocation);
  if (path === "/dev/null") return "";
  if (/^\/(dev|proc|sys)\//.test(path)) return invocation.refuse(`reading ${displayBytes(path)}`);
  try {
    return goneThrough(world.files.read(world.files.resolve(path, shell.directory)), invocation);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    if (!quiet) invocation.printError(`${invocation.name}: ${path}: ${error.message}\n`);
    return undefined;
  }
}

/** What reads a text does something with it. */
function goneThrough(text: string, { world }: Invocation): string {
  world.spend(text.length);
  return text;
}

/** All operands in order, or standard input without any. The status is 1 once one cannot be read. */
export function eachText(invocation: Invocation, paths: readonly string[], use: (text: string) => void): number {
  let status = 0;
  for (const path of paths.length === 0 ? ["-"] : paths) {
    const text = readText(invocation, path);
    if (text === undefined) status = 1;
    else use(text);
  }
  return status;
}
