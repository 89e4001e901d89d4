/** Commands that act on the shell itself (POSIX 2.14 and the few more that dash has). */
import { type TreePath, displayBytes } from "../../../../core/index.ts";
import { DASH_BUILTINS } from "../commands/names.ts";
import { FileSystemError } from "../file-system.ts";
import { findCommand } from "./command-place.ts";
import type { Interpreter } from "./interpreter.ts";
import { dialectOf, parseScript } from "./parse.ts";
import { getopts } from "./getopts.ts";
import { DISCARD, ExitSignal, LoopSignal, NotCovered, ReturnSignal, type Shell, firstOption } from "./state.ts";

type RunWords = (words: readonly string[], withFunctions: boolean) => number;
type Builtin = (args: readonly string[], interpreter: Interpreter, run: RunWords) => number;

const CONFMODULE = "usr/share/debconf/confmodule";

export function builtinNamed(name: string): Builtin | undefined {
  return Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined;
}

const BUILTINS: Readonly<Record<string, Builtin>> = {
  ":": () => 0,
  break: (args, { shell }) => {
    shell.status = 0;
    throw new LoopSignal("break", countOf(args[0], "break"));
  },
  cd(args, { shell, world }) {
    const target = args.filter((arg) => arg !== "--" && arg !== "-P" && arg !== "-L");
    if (target.length > 1 || target[0] === "-") return refuse("cd", args);
    const path = target[0] ?? shell.variables.get("HOME") ?? "/";
    const place = world.files.resolve(path, shell.directory);
    if (place !== "" && world.files.get(place)?.type !== "directory") {
      (shell.outputs.get(2) ?? DISCARD).write(`cd: can't cd to ${path}\n`);
      return 2;
    }
    shell.directory = `/${place}`;
    shell.variables.set("PWD", shell.directory);
    return 0;
  },
  command(args, interpreter, run) {
    const rest = [...args];
    if (rest[0] === "-p") rest.shift();
    if (rest[0] === "-v" || rest[0] === "-V") return locate(rest.slice(1), interpreter);
    if (rest[0] === "--") rest.shift();
    if (rest[0]?.startsWith("-")) return refuse("command", args);
    return rest.length === 0 ? 0 : run(rest, false);
  },
  continue: (args, { shell }) => {
    shell.status = 0;
    throw new LoopSignal("continue", countOf(args[0], "continue"));
  },
  eval: (args, { runner, ...rest }) => runner.evaluateText(args.join(" "), { ...rest, runner }),
  exec(args, _interpreter, run) {
    throw new ExitSignal(run(args, false));
  },
  exit(args, { shell }) {
    throw new ExitSignal(args[0] === undefined ? shell.status : statusOf(args[0]));
  },
  export: (args, { shell }) =>
    declare(
      args.filter((arg) => arg !== "-p"),
      shell,
      (name) => shell.exported.add(name),
    ),
  getopts: (args, { shell }) => getopts(args, shell),
  hash: () => 0,
  local(args, { shell }) {
    const saved = shell.locals.at(-1);
    if (!saved) return refuse("local", args);
    for (const arg of args) {
      const name = arg.split("=", 1)[0]!;
      if (!saved.has(name)) saved.set(name, shell.variables.get(name));
    }
    return declare(args, shell, () => {});
  },
  read: readLine,
  readonly: (args, { shell }) => declare(args, shell, () => {}),
  return: (args, { shell }) => {
    throw new ReturnSignal(args[0] === undefined ? shell.status : statusOf(args[0]));
  },
  set: setOptions,
  shift(args, { shell }) {
    const count = args[0] === undefined ? 1 : countOf(args[0], "shift");
    if (count > shell.parameters.length) throw new NotCovered("shift past the last parameter ends the script");
    shell.parameters = shell.parameters.slice(count);
    shell.optionPlace = firstOption(shell);
    return 0;
  },
  trap: setTrap,
  type: (args, interpreter) => locate(args, interpreter),
  umask(args, { shell }) {
    if (args[0] === undefined) {
      (shell.outputs.get(1) ?? DISCARD).write(`${shell.umask.toString(8).padStart(4, "0")}\n`);
      return 0;
    }
    if (args.length > 1 || !/^[0-7]{1,4}$/.test(args[0])) return refuse("umask", args);
    shell.umask = Number.parseInt(args[0], 8) & 0o777;
    return 0;
  },
  unset(args, { shell }) {
    const functions = args[0] === "-f";
    for (const name of args.filter((arg) => arg !== "-v" && arg !== "-f")) {
      if (functions) shell.functions.delete(name);
      else shell.variables.delete(name);
    }
    return 0;
  },
  wait: () => 0,
  ".": source,
};

function refuse(name: string, args: readonly string[]): never {
  throw new NotCovered(`${name} ${displayBytes(args.join(" "))} is not supported`);
}

function countOf(text: string | undefined, name: string): number {
  if (text === undefined) return 1;
  return /^[0-9]{1,4}$/.test(text) && (Number(text) > 0 || name === "shift") ? Number(text) : refuse(name, [text]);
}

function statusOf(text: string): number {
  return /^[0-9]{1,3}$/.test(text) ? Number(text) & 0xff : refuse("exit", [text]);
}

function declare(args: readonly string[], shell: Shell, each: (name: string) => void): number {
  for (const arg of args) {
    const [, name, value] = /^([A-Za-z_]\w*)(?:=([\s\S]*))?$/.exec(arg) ?? refuse("a declaration of", [arg]);
    if (value !== undefined) shell.variables.set(name!, value);
    each(name!);
  }
  return 0;
}

function setOptions(args: readonly string[], { shell }: Interpreter): number {
  const rest = [...args];
  while (rest.length > 0) {
    const option = rest.shift()!;
    if (option === "--") {
      setParameters(rest, shell);
      return 0;
    }
    if (!/^[-+][A-Za-z]+$/.test(option)) {
      setParameters([option, ...rest], shell);
      return 0;
    }
    const on = option.startsWith("-");
    for (const letter of option.slice(1)) {
      if (letter === "e") shell.errexit = on;
      else if (letter === "u") shell.nounset = on;
      else if (letter === "f") shell.noglob = on;
      else if (letter === "o") {
        const name = rest.shift();
        if (name === "errexit") shell.errexit = on;
        else if (name === "nounset") shell.nounset = on;
        else if (name === "noglob") shell.noglob = on;
        else refuse("set", args);
      } else if (!/[xvhbm]/.test(letter)) refuse("set", args);
    }
  }
  return 0;
}

function setParameters(parameters: readonly string[], shell: Shell): void {
  shell.parameters = parameters;
  shell.optionPlace = firstOption(shell);
}

/** Signals do not come on paper, so only EXIT (0) counts. */
function setTrap(args: readonly string[], { shell }: Interpreter): number {
  const [action, ...conditions] = args[0] === "--" ? args.slice(1) : args;
  if (action === undefined || conditions.length === 0) return refuse("trap", args);
  if (conditions.some((condition) => condition === "EXIT" || condition === "0")) {
    if (action === "-") shell.traps.delete("EXIT");
    else shell.traps.set("EXIT", action);
  }
  return 0;
}

function locate(names: readonly string[], { shell, world }: Interpreter): number {
  let status = 0;
  for (const name of names) {
    const found =
      shell.functions.has(name) || Object.hasOwn(BUILTINS, name) || DASH_BUILTINS.has(name) ? name : undefined;
    const place = found ?? findCommand(name, { shell, world });
    if (place === undefined) status = 127;
    else (shell.outputs.get(1) ?? DISCARD).write(`${place}\n`);
  }
  return status;
}

function readLine(args: readonly string[], { shell }: Interpreter): number {
  const raw = args[0] === "-r";
  const names = raw ? args.slice(1) : args;
  if (names.some((name) => !/^[A-Za-z_]\w*$/.test(name))) return refuse("read", args);
  const input = shell.inputs.get(0);
  if (!input) return 1;
  let line = "";
  /** Which characters a backslash made ordinary. */
  const literal = new Set<number>();
  let ended = false;
  while (input.position < input.text.length) {
    const char = input.text[input.position++]!;
    if (char === "\n") {
      ended = true;
      break;
    }
    if (char === "\\" && !raw) {
      const next = input.text[input.position++];
      if (next === undefined || next === "\n") continue;
      literal.add(line.length);
      line += next;
    } else line += char;
  }
  assignFields(line, literal, names.length === 0 ? ["REPLY"] : names, shell);
  return ended ? 0 : 1;
}

function assignFields(line: string, literal: ReadonlySet<number>, names: readonly string[], shell: Shell): void {
  const separators = shell.variables.get("IFS") ?? " \t\n";
  const isSeparator = (at: number) => at < line.length && separators.includes(line[at]!) && !literal.has(at);
  const isSpace = (at: number) => isSeparator(at) && " \t\n".includes(line[at]!);
  let at = 0;
  while (isSpace(at)) at++;
  for (const [index, name] of names.entries()) {
    const start = at;
    if (index === names.length - 1) {
      let end = line.length;
      while (end > start && isSpace(end - 1)) end--;
      shell.variables.set(name, line.slice(start, end));
      return;
    }
    while (at < line.length && !isSeparator(at)) at++;
    shell.variables.set(name, line.slice(start, at));
    while (isSpace(at)) at++;
    if (at > start && isSeparator(at) && !isSpace(at)) {
      at++;
      while (isSpace(at)) at++;
    }
  }
}

function source(args: readonly string[], interpreter: Interpreter): number {
  const { shell, world, runner, depth } = interpreter;
  const [path, ...parameters] = args;
  if (path === undefined || parameters.length > 0 || !path.includes("/")) return refuse(".", args);
  const place: TreePath = world.files.resolve(path, shell.directory);
  if (place === CONFMODULE) {
    shell.outputs.set(3, shell.outputs.get(1) ?? DISCARD);
    world.debconf.start();
    return 0;
  }
  let text: string;
  try {
    text = world.files.read(place);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    throw new NotCovered(`${displayBytes(path)} cannot be read: ${error.message}`);
  }
  const saved = { source: shell.source, position: shell.position };
  shell.source = { name: `/${displayBytes(place)}`, text, dialect: dialectOf(text) ?? shell.source.dialect };
  shell.position = 0;
  try {
    return runner.runStatements(parseScript(shell.source).commands, runner.interpreterFor(shell, world, depth + 1));
  } catch (error) {
    if (error instanceof ReturnSignal) return error.status;
    throw error;
  } finally {
    shell.source = saved.source;
    shell.position = saved.position;
  }
}
