/** Commands that act on the shell itself (POSIX 2.14 and the few more that dash has). */
import { type TreePath, displayBytes } from "../../../../core/index.ts";
import { DEBCONF_FUNCTIONS } from "../commands/debconf.ts";
import { isShellBuiltin } from "../commands/names.ts";
import { FileSystemError } from "../file-system.ts";
import { changeDirectory } from "./change-directory.ts";
import { findCommand } from "./command-place.ts";
import type { Interpreter } from "./interpreter.ts";
import { dialectOf } from "./parse.ts";
import { getopts } from "./getopts.ts";
import { readLine } from "./read-line.ts";
import { setOptions } from "./set-options.ts";
import {
  DISCARD,
  ExitSignal,
  LoopSignal,
  NotCovered,
  ReturnSignal,
  type Shell,
  firstOption,
  setVariable,
} from "./state.ts";

type RunWords = (words: readonly string[], withFunctions: boolean) => number;
type Builtin = (args: readonly string[], interpreter: Interpreter, run: RunWords) => number;

const CONFMODULE = "usr/share/debconf/confmodule";

export function builtinNamed(name: string): Builtin | undefined {
  return Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined;
}

const BUILTINS: Readonly<Record<string, Builtin>> = {
  ":": () => 0,
  break: (args, { shell }) => leaveLoop("break", args, shell),
  cd: (args, { shell, world }) => changeDirectory(args, shell, world),
  command(args, interpreter, run) {
    const rest = [...args];
    if (rest[0] === "-p") rest.shift();
    if (rest[0] === "-v") return locate(rest.slice(1), interpreter);
    if (rest[0] === "-V") return describe("command -V", rest.slice(1), interpreter);
    if (rest[0] === "--") rest.shift();
    if (rest[0]?.startsWith("-")) return refuse("command", args);
    return rest.length === 0 ? 0 : run(rest, false);
  },
  continue: (args, { shell }) => leaveLoop("continue", args, shell),
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
      if (shell.readOnly.has(name)) return refuse("local", args);
      if (!saved.has(name)) saved.set(name, shell.variables.get(name));
      // dash keeps the outer value until another is set.
      if (!arg.includes("=") && shell.source.dialect === "bash") shell.variables.delete(name);
    }
    return declare(args, shell, () => {});
  },
  read: (args, { shell, world }) => readLine(args, shell, world.spend),
  readonly: (args, { shell }) => declare(args, shell, (name) => shell.readOnly.add(name)),
  return: (args, { shell }) => {
    // dash ends the script; bash calls it an error and goes on. What is sourced is known by its path.
    const isOutside = shell.locals.length === 0 && !shell.source.name.includes("/");
    if (isOutside && shell.source.dialect === "bash") throw new NotCovered("return outside of a function in bash");
    throw new ReturnSignal(args[0] === undefined ? shell.status : statusOf(args[0]));
  },
  set: (args, { shell }) => setOptions(args, shell),
  shift(args, { shell, world }) {
    const count = args[0] === undefined ? 1 : countOf(args[0], "shift");
    if (count > shell.parameters.length) throw new NotCovered("shift past the last parameter ends the script");
    world.spend(shell.parameters.length);
    shell.parameters = shell.parameters.slice(count);
    shell.optionPlace = firstOption(shell);
    return 0;
  },
  trap: setTrap,
  type: (args, interpreter) => describe("type", args, interpreter),
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
      if (!functions && shell.readOnly.has(name)) return refuse("unset", args);
      const isFunction = shell.source.dialect === "bash" && !shell.variables.has(name);
      if (functions || isFunction) shell.functions.delete(name);
      else shell.variables.delete(name);
    }
    return 0;
  },
  wait: () => 0,
  ".": source,
};

/** Without a loop around it nothing happens. */
function leaveLoop(kind: "break" | "continue", args: readonly string[], shell: Shell): number {
  const levels = Math.min(countOf(args[0], kind), shell.loops);
  shell.status = 0;
  if (levels > 0) throw new LoopSignal(kind, levels);
  return 0;
}

function refuse(name: string, args: readonly string[]): never {
  throw new NotCovered(`${name} ${displayBytes(args.join(" "))} is not supported`);
}

function countOf(text: string | undefined, name: string): number {
  if (text === undefined) return 1;
  return /^[0-9]{1,4}$/.test(text) && (Number(text) > 0 || name === "shift") ? Number(text) : refuse(name, [text]);
}

function statusOf(text: string): number {
  // Beyond 255, dash's functions keep what others cut.
  return /^[0-9]{1,3}$/.test(text) && Number(text) < 256 ? Number(text) : refuse("exit", [text]);
}

function declare(args: readonly string[], shell: Shell, each: (name: string) => void): number {
  for (const arg of args) {
    const [, name, value] = /^([A-Za-z_]\w*)(?:=([\s\S]*))?$/.exec(arg) ?? refuse("a declaration of", [arg]);
    if (value !== undefined) setVariable(shell, name!, value);
    each(name!);
  }
  return 0;
}

/** Signals do not come on paper, so only EXIT (0) counts. */
function setTrap(args: readonly string[], { shell }: Interpreter): number {
  const [action, ...conditions] = args[0] === "--" ? args.slice(1) : args;
  if (action === undefined || conditions.length === 0) return refuse("trap", args);
  // bash's events do come.
  if (conditions.some((condition) => /^(ERR|DEBUG|RETURN)$/i.test(condition))) return refuse("trap", args);
  if (conditions.some((condition) => condition === "EXIT" || condition === "0")) {
    if (action === "-") shell.traps.delete("EXIT");
    else shell.traps.set("EXIT", action);
  }
  return 0;
}

const RESERVED = new Set("! { } case do done elif else esac fi for if in then until while".split(" "));

/** `command -v`: dash looks at the first name only, to bash one that it finds is enough. */
function locate(names: readonly string[], interpreter: Interpreter): number {
  const isBash = interpreter.shell.source.dialect === "bash";
  const found = (isBash ? names : names.slice(0, 1)).map((name) => whatRuns(name, interpreter));
  const output = interpreter.shell.outputs.get(1) ?? DISCARD;
  for (const place of found) if (place !== undefined) output.write(`${place}\n`);
  if (names.length === 0 || found.some((place) => place !== undefined)) return 0;
  return isBash ? 1 : 127;
}

/** The name itself where the shell answers it, or where it leads. */
function whatRuns(name: string, { shell, world }: Interpreter): string | undefined {
  const isBash = shell.source.dialect === "bash";
  if (Object.hasOwn(BUILTINS, name) || isShellBuiltin(name, shell.source.dialect)) return name;
  if (RESERVED.has(name) || shell.functions.has(name)) return name;
  // dash takes any path that is there for a command's.
  if (!isBash && name.includes("/") && world.files.find(name, shell.directory) !== undefined) return name;
  return findCommand(name, { shell, world });
}

/** Only whether there are such commands: the sentences are each shell's own. */
function describe(how: string, names: readonly string[], interpreter: Interpreter): number {
  const { outputs, source } = interpreter.shell;
  if (outputs.get(1) !== DISCARD) return refuse(how, names);
  if (how !== "type") return locate(names, interpreter);
  const isThere = names.map((name) => whatRuns(name, interpreter) !== undefined);
  if (isThere.every(Boolean)) return 0;
  return source.dialect === "bash" ? 1 : 127;
}

function source(args: readonly string[], interpreter: Interpreter): number {
  const { shell, world, runner, depth } = interpreter;
  const [path, ...parameters] = args;
  if (path === undefined || parameters.length > 0 || !path.includes("/")) return refuse(".", args);
  const place: TreePath = world.files.resolve(path, shell.directory);
  if (place === CONFMODULE) {
    shell.outputs.set(3, shell.outputs.get(1) ?? DISCARD);
    for (const name of Object.keys(DEBCONF_FUNCTIONS)) shell.functions.set(name, "debconf");
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
  const saved = { source: shell.source, position: shell.position, conditions: shell.conditions };
  // dash lets `set -e` bite in it, tested or not.
  if (shell.source.dialect === "sh") shell.conditions = 0;
  shell.source = { name: `/${displayBytes(place)}`, text, dialect: dialectOf(text) ?? shell.source.dialect };
  shell.position = 0;
  try {
    return runner.runStatements(world.parse(shell.source).commands, runner.interpreterFor(shell, world, depth + 1));
  } catch (error) {
    if (error instanceof ReturnSignal) return error.status;
    throw error;
  } finally {
    Object.assign(shell, saved);
  }
}
