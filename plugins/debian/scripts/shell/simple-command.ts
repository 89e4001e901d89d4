/** Simple commands (POSIX 2.9.1): which function, builtin, emulated tool or script of the tree a name means. */
import type { Assignment, Command as CommandNode } from "unbash";
import { displayBytes } from "../../../../core/index.ts";
import { DEBCONF_FUNCTIONS } from "../commands/debconf.ts";
import { isShellBuiltin } from "../commands/names.ts";
import { emulatedCommand } from "../commands/table.ts";
import { isOfMinimalSystem } from "../essential-commands.ts";
import { FileSystemError } from "../file-system.ts";
import type { Invocation } from "../world.ts";
import { builtinNamed } from "./builtins.ts";
import { failureToFind, findCommand } from "./command-place.ts";
import { checkFields, expandFields, expandText } from "./expand.ts";
import type { Interpreter } from "./interpreter.ts";
import { dialectOf, optionsOf } from "./parse.ts";
import { REDIRECTION_FAILED, applyRedirections, withRedirections } from "./redirect.ts";
import { DISCARD, ExitSignal, NotCovered, emptyInput, lineOf, setVariable } from "./state.ts";

/** Builtins before which assignments stay, and whose failed redirections end the shell (POSIX 2.14), but in bash. */
const SPECIAL = new Set([":", ".", "eval", "exec", "export", "readonly", "return", "set", "shift", "trap", "unset"]);

export function runSimpleCommand(node: CommandNode, interpreter: Interpreter): number {
  const { shell, expansion } = interpreter;
  shell.substitutionStatus = 0;
  const words = node.name ? expandFields([node.name], expansion) : [];
  for (const argument of node.args) {
    if (argument.type === "Word") words.push(...expandFields([argument], expansion));
    else words.push(`${argument.name}=${assignedText(argument, interpreter)}`);
    checkFields(words);
  }
  const assignments = node.prefix.filter((item) => item.type === "Assignment");
  if (words.length === 0) {
    return withRedirections(node.redirects, interpreter, () => {
      for (const assignment of assignments) assign(assignment, interpreter);
      return shell.substitutionStatus;
    });
  }
  const isSpecial = SPECIAL.has(words[0]!) && !shell.functions.has(words[0]!);
  const isBash = shell.source.dialect === "bash";
  if (words[0] === "exec" && words.length === 1) {
    if (applyRedirections(node.redirects, interpreter)) return 0;
    if (isBash) return 1;
    throw new ExitSignal(REDIRECTION_FAILED);
  }
  const saved = assignments.map((item) => [item.name, shell.variables.get(item.name)] as const);
  const newlyExported = assignments.map((item) => item.name).filter((name) => !shell.exported.has(name));
  for (const assignment of assignments) assign(assignment, interpreter);
  for (const name of newlyExported) shell.exported.add(name);
  let isRedirected = false;
  try {
    const status = withRedirections(node.redirects, interpreter, () => {
      isRedirected = true;
      return runWords(words, interpreter);
    });
    if (isSpecial && !isBash && !isRedirected) throw new ExitSignal(REDIRECTION_FAILED);
    return status;
  } finally {
    for (const name of newlyExported) shell.exported.delete(name);
    if (!isSpecial || isBash) {
      for (const [name, value] of saved) {
        if (value === undefined) shell.variables.delete(name);
        else shell.variables.set(name, value);
      }
    }
  }
}

function assign(assignment: Assignment, interpreter: Interpreter): void {
  setVariable(interpreter.shell, assignment.name, assignedText(assignment, interpreter));
}

function assignedText(assignment: Assignment, { expansion }: Interpreter): string {
  if (assignment.append || assignment.index || assignment.value.type !== "Word") {
    throw new NotCovered(`the assignment ${displayBytes(assignment.text)} is not supported`);
  }
  // A tilde behind a colon is a home directory too, unless it is quoted.
  if (/:~/.test(assignment.value.text)) {
    throw new NotCovered(`the assignment ${displayBytes(assignment.text)} is not supported`);
  }
  return expandText(assignment.value, expansion);
}

/** Runs a command whose words are expanded. */
export function runWords(words: readonly string[], interpreter: Interpreter, withFunctions = true): number {
  const { shell } = interpreter;
  const name = words[0]!;
  const args = words.slice(1);
  const defined = withFunctions ? shell.functions.get(name) : undefined;
  if (defined === "debconf") return DEBCONF_FUNCTIONS[name]!(invocationOf(name, args, interpreter));
  if (defined) return interpreter.runner.callFunction(defined, args, interpreter);
  const builtin = builtinNamed(name);
  if (builtin) return builtin(args, interpreter, (inner, functions) => runWords(inner, interpreter, functions));
  return runTool(name, args, interpreter);
}

/** Of a character of what a tool is given, which may be a program of its own, in bytes handled. */
const ARGUMENT_COST = 3;

/** Directories whose commands are known by their names alone. */
const STANDARD = /^\/(usr\/)?(local\/)?s?bin\//;

function runTool(name: string, args: readonly string[], interpreter: Interpreter): number {
  const { shell, world } = interpreter;
  const baseName = name.slice(name.lastIndexOf("/") + 1);
  const emulated = emulatedCommand(baseName);
  const isKnown = emulated !== undefined && (!name.includes("/") || STANDARD.test(name));
  // The tools for accounts: those who run them without a dependency count on debootstrap's systems.
  const isGranted =
    isShellBuiltin(name, shell.source.dialect) || (isKnown && isOfMinimalSystem(baseName, world.release));
  const place = isGranted ? undefined : findCommand(name, interpreter);
  if (!isGranted && place === undefined) return failToRun(name, interpreter);
  const script = place === undefined || isKnown ? undefined : scriptAt(place, interpreter);
  for (const { length } of args) world.spend(ARGUMENT_COST * length);
  const invocation = invocationOf(baseName, args, interpreter);
  if (place !== undefined && script !== undefined) return invocation.runScript(script, place, args);
  if (!emulated) throw new NotCovered(`the command ${displayBytes(name)} is not emulated`);
  try {
    return emulated(invocation);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    invocation.printError(`${baseName}: ${error.message}\n`);
    return 1;
  }
}

function failToRun(name: string, interpreter: Interpreter): number {
  const { status, message } = failureToFind(name, interpreter);
  const { source, position, outputs, name: self } = interpreter.shell;
  interpreter.world.spend(source.text.length);
  const line = lineOf(source, Math.max(position, 0));
  const place = source.dialect === "bash" ? `line ${line}` : String(line);
  (outputs.get(2) ?? DISCARD).write(`${self}: ${place}: ${message}\n`);
  return status;
}

/** The text of an executable shell script of the tree. */
function scriptAt(path: string, { shell, world }: Interpreter): string | undefined {
  const entry = world.files.find(path, shell.directory);
  if (entry?.type !== "file" || (entry.mode & 0o111) === 0 || entry.size > 512 * 1024) return undefined;
  const text = world.files.read(entry.path);
  return dialectOf(text) === undefined ? undefined : text;
}

function invocationOf(name: string, args: readonly string[], interpreter: Interpreter): Invocation {
  const { shell, world, runner, depth } = interpreter;
  return {
    name,
    args,
    shell,
    world,
    readInput() {
      const input = shell.inputs.get(0) ?? emptyInput();
      const text = input.text.slice(input.position);
      input.position = input.text.length;
      return text;
    },
    print: (text) => (shell.outputs.get(1) ?? DISCARD).write(text),
    printError: (text) => (shell.outputs.get(2) ?? DISCARD).write(text),
    refuse(what) {
      throw new NotCovered(`${what} is not supported`);
    },
    run: (words, { input, variables } = {}) =>
      runner.runSubshell(
        interpreter,
        (inner) => {
          if (input !== undefined) inner.inputs.set(0, { text: input, position: 0 });
          for (const [variable, value] of variables ?? []) {
            inner.variables.set(variable, value);
            inner.exported.add(variable);
          }
        },
        (inner) => runWords(words, inner, false),
      ),
    runScript: (text, path, parameters, base = shell) =>
      runner.runSubshell(
        runner.interpreterFor(base, world, depth + 1),
        () => {},
        (inner) => {
          const source = { name: path, text, dialect: dialectOf(text) ?? "sh" } as const;
          const program = runner.interpreterFor(newProgram(inner, path, text, parameters), world, inner.depth + 1);
          program.shell.source = source;
          return runner.runStatements(world.parse(source).commands, program);
        },
      ),
  };
}

/** A script run as a program of its own inherits only what is exported. */
function newProgram(
  { shell }: Interpreter,
  path: string,
  text: string,
  parameters: readonly string[],
): Interpreter["shell"] {
  const exported = [...shell.variables].filter(([name]) => shell.exported.has(name) || name === "IFS");
  return {
    ...shell,
    variables: new Map([...exported.filter(([name]) => name !== "IFS"), ["IFS", " \t\n"], ["OPTIND", "1"]]),
    optionPlace: { index: 1, offset: -1, variable: "1" },
    functions: new Map(),
    locals: [],
    name: path,
    parameters,
    errexit: optionsOf(text).some((option) => /^-[a-z]*e/.test(option)),
    nounset: false,
    noglob: false,
    noclobber: false,
    readOnly: new Set(),
    namedDirectory: shell.directory,
    conditions: 0,
    loops: 0,
    status: 0,
    position: 0,
  };
}
