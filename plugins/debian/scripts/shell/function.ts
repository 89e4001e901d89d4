/** Shell functions: which names dash takes, and a call with parameters and local variables of its own. */
import type { Function as FunctionNode } from "unbash";
import { displayBytes } from "../../../../core/index.ts";
import type { Interpreter } from "./interpreter.ts";
import { NotCovered, ReturnSignal, type Shell, type ShellFunction, firstOption } from "./state.ts";

/** Runs a function's body with its own parameters. */
export function callFunction(definition: ShellFunction, args: readonly string[], interpreter: Interpreter): number {
  const { shell, world, runner } = interpreter;
  const { body, name } = definition.node;
  if (body.type === "CompoundList") throw new NotCovered(`the function ${name.value} is not supported`);
  const { parameters, source, position, loops } = shell;
  shell.parameters = args;
  shell.loops = 0;
  shell.source = definition.source;
  shell.position = Math.max(shell.position, 0);
  shell.locals.push(new Map());
  const { optionPlace } = shell;
  // As in dash: a function has its own parameters to go through, though `$OPTIND` is everyone's.
  if (definition.source.dialect === "sh") shell.optionPlace = firstOption(shell);
  try {
    return runner.runNode(body, runner.interpreterFor(shell, world, interpreter.depth + 1));
  } catch (error) {
    if (!(error instanceof ReturnSignal)) throw error;
    return error.status;
  } finally {
    for (const [variable, value] of shell.locals.pop()!) {
      if (value === undefined) shell.variables.delete(variable);
      else shell.variables.set(variable, value);
    }
    if (definition.source.dialect === "sh") {
      shell.optionPlace = { ...optionPlace, variable: shell.variables.get("OPTIND") };
    }
    Object.assign(shell, { parameters, source, position, loops });
  }
}

/** dash knows neither the word `function` nor names that are no variables'. */
export function checkFunctionName(node: FunctionNode, shell: Shell): void {
  if (shell.source.dialect === "bash") return;
  const isPlain = /^\w+[ \t]*\(/.test(shell.source.text.slice(node.pos, node.pos + 200));
  if (!isPlain && shell.position >= 0)
    throw new NotCovered(`the function ${displayBytes(node.name.value)} is not supported`);
}
