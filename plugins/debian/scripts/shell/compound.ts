/** Compound commands (POSIX 2.9.4): if, for, while, case, and the conditions in which `set -e` does not bite. */
import type { Case, For, If, While } from "unbash";
import { expandFields, expandPattern, expandText } from "./expand.ts";
import type { Interpreter } from "./interpreter.ts";
import { compilePattern, negationOf, unquotePattern } from "./pattern.ts";
import { LoopSignal, NotCovered, type Shell, setVariable } from "./state.ts";

/** Runs what decides something: `set -e` does not bite in it. */
export function condition(interpreter: Interpreter, work: () => number): number {
  const { shell } = interpreter;
  shell.conditions++;
  try {
    return work();
  } finally {
    shell.conditions--;
  }
}

export function ifCommand(node: If, interpreter: Interpreter): number {
  const branches = [{ clause: node.clause, then: node.then }, ...node.elif];
  for (const branch of branches) {
    if (condition(interpreter, () => interpreter.runner.runList(branch.clause, interpreter)) === 0)
      return interpreter.runner.runList(branch.then, interpreter);
  }
  if (node.else) return interpreter.runner.runList(node.else, interpreter);
  interpreter.shell.status = 0;
  return 0;
}

export function forLoop(node: For, interpreter: Interpreter): number {
  const { shell, expansion } = interpreter;
  const values = node.wordlist ? expandFields(node.wordlist, expansion) : shell.parameters;
  if (values.length === 0) shell.status = 0;
  for (const value of values) {
    interpreter.world.step();
    setVariable(shell, node.name.value, value);
    if (!loopBody(shell, () => interpreter.runner.runList(node.body, interpreter))) break;
  }
  return shell.status;
}

export function whileLoop(node: While, interpreter: Interpreter): number {
  const { shell } = interpreter;
  let status = 0;
  for (;;) {
    interpreter.world.step();
    let goesOn = true;
    const more = loopBody(shell, () => {
      const clause = condition(interpreter, () => interpreter.runner.runList(node.clause, interpreter));
      goesOn = (clause === 0) === (node.kind === "while");
      if (!goesOn) return;
      status = 0;
      status = interpreter.runner.runList(node.body, interpreter);
    });
    if (!more || !goesOn) break;
  }
  shell.status = status;
  return status;
}

/** Whether the loop goes on. */
function loopBody(shell: Shell, work: () => void): boolean {
  shell.loops++;
  try {
    work();
    return true;
  } catch (error) {
    if (!(error instanceof LoopSignal)) throw error;
    if (error.levels > 1) {
      error.levels--;
      throw error;
    }
    return error.kind === "continue";
  } finally {
    shell.loops--;
  }
}

export function caseCommand(node: Case, interpreter: Interpreter): number {
  const { shell, expansion } = interpreter;
  const text = expandText(node.word, expansion);
  for (const item of node.items) {
    if (item.terminator !== undefined && item.terminator !== ";;") {
      throw new NotCovered(`${item.terminator} is not supported`);
    }
    for (const word of item.pattern) {
      const pattern = expandPattern(word, expansion);
      interpreter.world.spend(text.length * pattern.length);
      if (compilePattern(pattern, negationOf(shell))(text) || unquotePattern(pattern) === text)
        return item.body.commands.length > 0 ? interpreter.runner.runList(item.body, interpreter) : (shell.status = 0);
    }
  }
  shell.status = 0;
  return 0;
}
