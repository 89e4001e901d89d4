/** What a shell on paper knows while it runs, and the ways in which it stops. */
import type { Function as FunctionNode } from "unbash";

/** A construct or a command that cannot be evaluated exactly: nothing of the package's scripts counts then. */
export class NotCovered extends Error {
  /** Where it happened, innermost first, one place per script text. */
  readonly places: { readonly source: Source; readonly line: number }[] = [];

  addPlace(source: Source, position: number): void {
    if (this.places.some((place) => place.source.name === source.name)) return;
    this.places.push({ source, line: lineOf(source, position) });
  }
}

/** What is called deeper than the stack goes: a RangeError in every runtime. */
export function isStackEnd(error: unknown): boolean {
  return error instanceof RangeError && /stack|recursion/i.test(error.message);
}

/** `exit`, or `set -e` at work. */
export class ExitSignal extends Error {
  readonly status: number;
  constructor(status: number) {
    super("exit");
    this.status = status;
  }
}

export class ReturnSignal extends Error {
  readonly status: number;
  constructor(status: number) {
    super("return");
    this.status = status;
  }
}

/** `break` and `continue`; `levels` loops are concerned. */
export class LoopSignal extends Error {
  readonly kind: "break" | "continue";
  levels: number;
  constructor(kind: "break" | "continue", levels: number) {
    super(kind);
    this.kind = kind;
    this.levels = levels;
  }
}

/** One script text: where an AST's positions point into. */
export interface Source {
  /** As messages name it: `postinst`, or a path in the tree. */
  readonly name: string;
  readonly text: string;
  /** `bash` scripts do not take dash's reading of `echo`. */
  readonly dialect: "sh" | "bash";
}

/** A function that a script's text defines. */
export interface ShellFunction {
  readonly node: FunctionNode;
  readonly source: Source;
}

/** Where output goes. `write` throws once there is too much of it. */
export interface Output {
  write(bytes: string): void;
}

export interface Input {
  readonly text: string;
  position: number;
}

export interface Shell {
  readonly variables: Map<string, string>;
  readonly exported: Set<string>;
  /** `debconf`: one of its module's, which are emulated. */
  readonly functions: Map<string, ShellFunction | "debconf">;
  /** One map per running function: what `local` hides, to be put back. */
  readonly locals: Map<string, string | undefined>[];
  readonly traps: Map<string, string>;
  parameters: readonly string[];
  /** `$0`. */
  readonly name: string;
  errexit: boolean;
  nounset: boolean;
  noglob: boolean;
  noclobber: boolean;
  readonly readOnly: Set<string>;
  /** Above 0 while a condition is evaluated, where `set -e` does not bite. */
  conditions: number;
  /** How many loops are around what runs: what `break` may leave. */
  loops: number;
  /** Of the last command, `$?`. */
  status: number;
  /** Of the last command substitution, for assignments without a command. */
  substitutionStatus: number;
  /** Where relative paths begin, links followed. */
  directory: string;
  /** The same as `cd` was told it. */
  namedDirectory: string;
  umask: number;
  /** The user that commands run as: root, but inside `su -c`. */
  identity: { readonly uid: number; readonly gid: number };
  source: Source;
  /** The position in `source` of what is running. */
  position: number;
  inputs: Map<number, Input>;
  outputs: Map<number, Output>;
  /** Where `getopts` stands. */
  optionPlace: OptionPlace;
}

/** The next parameter to look at (from 1) and how many bytes of the one before it are read; -1 for none of it. */
export interface OptionPlace {
  readonly index: number;
  readonly offset: number;
  /** `$OPTIND` as of then: another value means that the script set it, to start anew. */
  readonly variable: string | undefined;
}

/** Every assignment of the script's own goes through here. */
export function setVariable(shell: Pick<Shell, "variables" | "readOnly">, name: string, value: string): void {
  if (shell.readOnly.has(name)) throw new NotCovered(`$${name} is read-only, and setting it ends the script`);
  shell.variables.set(name, value);
}

/** `getopts` from the first parameter on. */
export function firstOption(shell: Pick<Shell, "variables">): OptionPlace {
  return { index: 1, offset: -1, variable: shell.variables.get("OPTIND") };
}

/** A subshell: everything is copied, but what is written goes to the same places. */
export function cloneShell(shell: Shell): Shell {
  return {
    ...shell,
    variables: new Map(shell.variables),
    exported: new Set(shell.exported),
    readOnly: new Set(shell.readOnly),
    functions: new Map(shell.functions),
    locals: shell.locals.map((saved) => new Map(saved)),
    traps: new Map(),
    inputs: new Map(shell.inputs),
    outputs: new Map(shell.outputs),
  };
}

export interface Capture extends Output {
  text(): string;
}

const MAX_OUTPUT = 4 * 1024 * 1024;

export function captureOutput(spend: (units: number) => void): Capture {
  const pieces: string[] = [];
  let size = 0;
  return {
    write(bytes) {
      size += bytes.length;
      spend(bytes.length);
      if (size > MAX_OUTPUT) throw new NotCovered(`a command prints more than ${MAX_OUTPUT} bytes`);
      pieces.push(bytes);
    },
    text: () => pieces.join(""),
  };
}

export const DISCARD: Output = { write() {} };

export function emptyInput(): Input {
  return { text: "", position: 0 };
}

export function lineOf(source: Source, position: number): number {
  let line = 1;
  for (let at = source.text.indexOf("\n"); at >= 0 && at < position; at = source.text.indexOf("\n", at + 1)) line++;
  return line;
}
