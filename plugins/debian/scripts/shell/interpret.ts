/**
 * Runs a parsed script on paper: lists, pipelines, compound commands, functions and `set -e`, as POSIX 2.9 has them.
 * Pipelines run one stage after the other, each with all of the previous one's output. What is not known ends the
 * package with `NotCovered`, never a guess.
 */
import type {
  AndOr,
  Command as CommandNode,
  CompoundList,
  ParsedScript,
  Pipeline,
  PipelineNode,
  Statement,
} from "unbash";
import type { World } from "../world.ts";
import { caseCommand, condition, forLoop, ifCommand, whileLoop } from "./compound.ts";
import type { Interpreter, Runner } from "./interpreter.ts";
import { callFunction, checkFunctionName } from "./function.ts";
import { withRedirections } from "./redirect.ts";
import { runSimpleCommand } from "./simple-command.ts";
import { ExitSignal, LoopSignal, NotCovered, ReturnSignal, type Shell, captureOutput, cloneShell } from "./state.ts";

const MAX_DEPTH = 100;
/** Of a name that a subshell has of its own, in bytes handled. */
const COPY_COST = 10;

const RUNNER: Runner = { runNode, runStatements, runList, runSubshell, callFunction, evaluateText, interpreterFor };

/** Throws `NotCovered` when calls are nested too deep. */
export function interpreterFor(shell: Shell, world: World, depth: number): Interpreter {
  if (depth > MAX_DEPTH) throw new NotCovered(`calls are nested deeper than ${MAX_DEPTH}`);
  const interpreter: Interpreter = {
    shell,
    world,
    depth,
    runner: RUNNER,
    expansion: {
      shell,
      files: world.files,
      spend: world.spend,
      substitute: (script) => substitute(script, interpreter),
      home: (user) => world.accounts.user(user)?.home,
    },
  };
  return interpreter;
}

/** Runs a script to its end in this shell, traps on EXIT included. */
export function runToEnd(script: ParsedScript, interpreter: Interpreter): number {
  const { shell } = interpreter;
  const status = catchExit(() => runStatements(script.commands, interpreter));
  shell.status = status;
  return runExitTrap(status, interpreter);
}

/** Runs all statements; the status is the last one's. */
function runStatements(statements: readonly Statement[], interpreter: Interpreter): number {
  for (const statement of statements) {
    if (statement.background) {
      const problem = new NotCovered("a background command is not supported");
      if (interpreter.shell.position >= 0) problem.addPlace(interpreter.shell.source, statement.pos);
      throw problem;
    }
    runNode(statement.command, interpreter);
  }
  return interpreter.shell.status;
}

function runList(list: CompoundList, interpreter: Interpreter): number {
  return runStatements(list.commands, interpreter);
}

/** `eval`, traps and `su -c`: a text as commands of this shell. */
function evaluateText(text: string, interpreter: Interpreter): number {
  const { shell } = interpreter;
  const saved = { source: shell.source, position: shell.position };
  shell.source = { name: `${shell.source.name} (evaluated text)`, text, dialect: shell.source.dialect };
  shell.position = 0;
  try {
    return runStatements(
      interpreter.world.parse(shell.source).commands,
      interpreterFor(shell, interpreter.world, interpreter.depth + 1),
    );
  } finally {
    shell.source = saved.source;
    shell.position = saved.position;
  }
}

function runExitTrap(status: number, interpreter: Interpreter): number {
  const trap = interpreter.shell.traps.get("EXIT");
  if (!trap) return status;
  interpreter.shell.status = status;
  interpreter.shell.traps.delete("EXIT");
  // The status stays the script's own unless the trap calls `exit` itself.
  return catchExit(() => {
    evaluateText(trap, interpreter);
    return status;
  });
}

/** The status that `work` ends with, `exit` and a stray `return` included. */
function catchExit(work: () => number): number {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExitSignal || error instanceof ReturnSignal) return error.status;
    if (error instanceof LoopSignal) throw new NotCovered(`${error.kind} in a subshell is not supported`);
    throw error;
  }
}

/** Runs in a subshell and gives its status. */
function runSubshell(
  interpreter: Interpreter,
  change: (shell: Shell) => void,
  work: (inner: Interpreter) => number,
): number {
  const { shell: outer } = interpreter;
  interpreter.world.spend(COPY_COST * (outer.variables.size + outer.functions.size + outer.exported.size));
  const shell = cloneShell(outer);
  change(shell);
  const inner = interpreterFor(shell, interpreter.world, interpreter.depth + 1);
  return runExitTrap(
    catchExit(() => work(inner)),
    inner,
  );
}

function substitute(script: ParsedScript, interpreter: Interpreter): string {
  if (script.errors?.length) throw new NotCovered("a command substitution cannot be parsed");
  const output = captureOutput(interpreter.world.spend);
  const status = runSubshell(
    interpreter,
    (shell) => {
      shell.outputs.set(1, output);
      // What is tested is the command that uses the output: dash lets `set -e` bite in here, bash puts it out.
      if (shell.source.dialect === "bash") shell.errexit = false;
      else shell.conditions = 0;
      // Positions of a script from backquotes point into a text of its own.
      if (script.source !== undefined) shell.position = -1 - Math.max(interpreter.shell.position, 0);
    },
    (inner) => runStatements(script.commands, inner),
  );
  interpreter.shell.substitutionStatus = status;
  if (interpreter.shell.source.dialect === "bash") interpreter.shell.status = status;
  return output.text();
}

function runNode(node: PipelineNode | AndOr, interpreter: Interpreter): number {
  const { shell, world } = interpreter;
  world.step();
  // A negative position is a frozen one: see `substitute`.
  if (shell.position >= 0) shell.position = node.pos;
  const { source } = shell;
  try {
    return dispatch(node, interpreter);
  } catch (error) {
    if (error instanceof NotCovered && shell.position >= 0) error.addPlace(source, node.pos);
    throw error;
  }
}

function dispatch(node: PipelineNode | AndOr, interpreter: Interpreter): number {
  const { shell } = interpreter;
  switch (node.type) {
    case "Command":
      return simple(node, interpreter);
    case "AndOr":
      return andOr(node, interpreter);
    case "Pipeline":
      return pipeline(node, interpreter);
    case "Redirected": {
      const status = withRedirections(node.redirects, interpreter, () => runNode(node.command, interpreter));
      return settle(status, interpreter, false);
    }
    case "If":
      return ifCommand(node, interpreter);
    case "For":
      return forLoop(node, interpreter);
    case "While":
      return whileLoop(node, interpreter);
    case "Case":
      return caseCommand(node, interpreter);
    case "BraceGroup":
      return runList(node.body, interpreter);
    case "Subshell": {
      const status = runSubshell(
        interpreter,
        () => {},
        (inner) => runList(node.body, inner),
      );
      return settle(status, interpreter, true);
    }
    case "Function":
      checkFunctionName(node, shell);
      shell.functions.set(node.name.value, { node, source: shell.source });
      return settle(0, interpreter, false);
    default:
      return unsupported(`the construct "${node.type}"`);
  }
}

/** Records a status and lets `set -e` end the shell where it applies. */
function settle(status: number, { shell }: Interpreter, errexit: boolean): number {
  shell.status = status;
  if (errexit && status !== 0 && shell.errexit && shell.conditions === 0) throw new ExitSignal(status);
  return status;
}

function unsupported(what: string): never {
  throw new NotCovered(`${what} is not supported`);
}

function simple(node: CommandNode, interpreter: Interpreter): number {
  return settle(runSimpleCommand(node, interpreter), interpreter, true);
}

function andOr(node: AndOr, interpreter: Interpreter): number {
  const { shell } = interpreter;
  const last = node.commands.length - 1;
  let status = 0;
  for (const [index, command] of node.commands.entries()) {
    const operator = index === 0 ? undefined : node.operators[index - 1];
    if (operator === "&&" && status !== 0) continue;
    if (operator === "||" && status === 0) continue;
    status = index < last ? condition(interpreter, () => runNode(command, interpreter)) : runNode(command, interpreter);
  }
  shell.status = status;
  return status;
}

function pipeline(node: Pipeline, interpreter: Interpreter): number {
  const { shell } = interpreter;
  const negated = node.prefixes.filter((prefix) => prefix.type === "Negation").length % 2 === 1;
  if (node.prefixes.length > 1) unsupported("! with another");
  if (node.prefixes.some((prefix) => prefix.type === "Time")) unsupported("time");
  if (node.operators.some((operator) => operator === "|&")) unsupported("|&");
  const run = (): number => {
    if (node.commands.length === 1) return runNode(node.commands[0]!, interpreter);
    let status = 0;
    let text: string | undefined;
    for (const [index, command] of node.commands.entries()) {
      const output = captureOutput(interpreter.world.spend);
      const isLast = index === node.commands.length - 1;
      const input = text === undefined ? undefined : { text, position: 0 };
      status = runSubshell(
        interpreter,
        (inner) => {
          if (input) inner.inputs.set(0, input);
          if (!isLast) inner.outputs.set(1, output);
        },
        (inner) => runNode(command, inner),
      );
      text = output.text();
    }
    return status;
  };
  if (!negated) return settle(run(), interpreter, true);
  const status = condition(interpreter, run) === 0 ? 1 : 0;
  shell.status = status;
  return status;
}
