/** Commands that find or run other programs. */
import { withoutEndSlashes } from "../../../../core/index.ts";
import { findCommand } from "../shell/command-place.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";
import { printLine } from "./text.ts";

export const PROGRAM_COMMANDS: CommandTable = {
  /** Whether perl runs at all, which it does: its base is essential to Debian. */
  perl: (invocation) =>
    invocation.args.length === 2 && invocation.args[0] === "-e" && invocation.args[1] === ""
      ? 0
      : invocation.refuse("perl"),
  sh(invocation) {
    const [first, ...rest] = invocation.args;
    const { files } = invocation.world;
    if (first === "-c" && rest[0] !== undefined) return invocation.runScript(rest[0], rest[1] ?? "sh", rest.slice(2));
    if (first === undefined || first.startsWith("-")) return invocation.refuse("sh with such options");
    return invocation.runScript(files.read(files.resolve(first, invocation.shell.directory)), first, rest);
  },
  which(invocation) {
    const options = parseOptions(invocation, ["a"]);
    const { shell, world } = invocation;
    let status = 0;
    for (const name of options.operands) {
      const place = findCommand(name, { shell, world });
      if (place === undefined) status = 1;
      else printLine(invocation, place);
    }
    return status;
  },
  "run-parts"(invocation) {
    const options = parseOptions(invocation, ["a:", "arg:"]);
    const [folder, ...more] = options.operands;
    const { files } = invocation.world;
    const { directory } = invocation.shell;
    if (folder === undefined || more.length > 0) return invocation.refuse("run-parts with such operands");
    const entry = files.find(folder, directory);
    if (entry?.type !== "directory") {
      invocation.printError(`run-parts: failed to open directory ${folder}: No such file or directory\n`);
      return 1;
    }
    const args = [...(options.values.get("a") ?? []), ...(options.values.get("arg") ?? [])];
    if (options.has("a") && options.has("arg")) return invocation.refuse("run-parts with such options");
    let status = 0;
    for (const name of files.list(entry.path).filter((each) => /^[\w-]+$/.test(each))) {
      const path = `${withoutEndSlashes(folder)}/${name}`;
      const part = files.find(path, directory);
      if (part?.type !== "file" || (part.mode & 0o111) === 0) continue;
      if (invocation.run([path, ...args]) !== 0) status = 1;
    }
    return status;
  },
  env(invocation) {
    const args = [...invocation.args];
    const variables = new Map<string, string>();
    for (let [name, value] = assignment(args[0]); name !== undefined; [name, value] = assignment(args[0])) {
      variables.set(name, value!);
      args.shift();
    }
    if (args[0] === undefined || args[0].startsWith("-")) return invocation.refuse("env with such options");
    return invocation.run(args, { variables });
  },
  xargs,
};

function xargs(invocation: Invocation): number {
  const known = ["r", "0", "n:", "I:", "no-run-if-empty", "null", "max-args:"];
  const options = parseOptions(invocation, known, { ordered: true });
  const [most, replaced] = [options.last("n", "max-args"), options.last("I")];
  const isNull = options.has("0", "null");
  if ((most !== undefined && !/^[1-9]\d{0,3}$/.test(most)) || replaced === "" || (replaced && (most || isNull)))
    return invocation.refuse("xargs with such options");
  const text = invocation.readInput();
  if (!isNull && /["'\\\0\v\f\r]/.test(text)) return invocation.refuse("xargs with such input");
  const words = isNull ? text.split("\0") : replaced ? linesToWords(text) : text.split(/[ \t\n]+/).filter(Boolean);
  // What ends the last item starts no further one.
  if (isNull && words.at(-1) === "") words.pop();
  const command = options.operands.length > 0 ? options.operands : ["echo"];
  if (words.length === 0 && (replaced || options.has("r", "no-run-if-empty"))) return 0;
  const size = replaced ? 1 : most === undefined ? Math.max(words.length, 1) : Number(most);
  let result = 0;
  for (let at = 0; at === 0 || at < words.length; at += size) {
    const batch = words.slice(at, at + size);
    const [name = "", ...args] = command;
    const run = replaced
      ? [name, ...args.map((arg) => arg.replaceAll(replaced, () => batch[0]!))]
      : [...command, ...batch];
    const status = invocation.run(run, { input: "" });
    if (status === 255) return 124;
    if (status === 126 || status === 127) return status;
    if (status !== 0) result = 123;
  }
  return result;
}

function linesToWords(text: string): string[] {
  return text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.replace(/^[ \t]+/, "")]));
}

function assignment(text: string | undefined): readonly [string | undefined, string | undefined] {
  const [, name, value] = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(text ?? "") ?? [];
  return [name, value];
}
