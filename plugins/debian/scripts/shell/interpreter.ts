/** What runs where: handed down unchanged but for the shell. Types only, so that no room needs another one's code. */
import type { AndOr, CompoundList, PipelineNode, Statement } from "unbash";
import type { World } from "../world.ts";
import type { Expansion } from "./expand.ts";
import type { Shell, ShellFunction } from "./state.ts";

export interface Interpreter {
  readonly shell: Shell;
  readonly world: World;
  readonly expansion: Expansion;
  readonly runner: Runner;
  /** How many functions, substitutions and scripts are entered. */
  readonly depth: number;
}

export interface Runner {
  runNode(node: PipelineNode | AndOr, interpreter: Interpreter): number;
  runList(list: CompoundList, interpreter: Interpreter): number;
  runStatements(statements: readonly Statement[], interpreter: Interpreter): number;
  /** Runs `work` in a copy of the shell that `change` prepares. */
  runSubshell(interpreter: Interpreter, change: (shell: Shell) => void, work: (inner: Interpreter) => number): number;
  callFunction(definition: ShellFunction, args: readonly string[], interpreter: Interpreter): number;
  evaluateText(text: string, interpreter: Interpreter): number;
  interpreterFor(shell: Shell, world: World, depth: number): Interpreter;
}
