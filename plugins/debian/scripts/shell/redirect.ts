/** Redirections (POSIX 2.7): descriptors are texts to read and places to write, files are those of the tree. */
import type { Redirection } from "unbash";
import { displayBytes } from "../../../../core/index.ts";
import { FileSystemError } from "../file-system.ts";
import { expandQuotedParts, expandText } from "./expand.ts";
import type { Interpreter } from "./interpreter.ts";
import { bodyParts } from "./parse.ts";
import { DISCARD, type Input, NotCovered, type Output, emptyInput } from "./state.ts";

/** Status of a command whose redirection fails, as dash gives it; bash gives 1. */
export const REDIRECTION_FAILED = 2;

/** Of a character of a here-document, in bytes handled. */
const HERE_COST = 3;

/** Runs `work` under redirections and puts the descriptors back. */
export function withRedirections(
  redirections: readonly Redirection[],
  interpreter: Interpreter,
  work: () => number,
): number {
  if (redirections.length === 0) return work();
  const { shell } = interpreter;
  const saved = { inputs: shell.inputs, outputs: shell.outputs };
  shell.inputs = new Map(saved.inputs);
  shell.outputs = new Map(saved.outputs);
  try {
    if (!applyRedirections(redirections, interpreter)) return shell.source.dialect === "bash" ? 1 : REDIRECTION_FAILED;
    return work();
  } finally {
    shell.inputs = saved.inputs;
    shell.outputs = saved.outputs;
  }
}

/** Changes the shell's descriptors for good (`exec`). False where a file could not be opened. */
export function applyRedirections(redirections: readonly Redirection[], interpreter: Interpreter): boolean {
  const { shell } = interpreter;
  for (const redirection of redirections) {
    try {
      apply(redirection, interpreter);
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      shell.outputs.get(2)?.write(`cannot redirect: ${error.message}\n`);
      return false;
    }
  }
  return true;
}

function apply(redirection: Redirection, interpreter: Interpreter): void {
  const { shell, expansion } = interpreter;
  const { operator, descriptor } = redirection;
  if (descriptor?.type === "FileDescriptorVariable") throw new NotCovered("a named descriptor is not supported");
  if (redirection.type === "HereDoc") {
    const parts = bodyParts(redirection);
    const text = typeof parts === "string" ? parts : expandQuotedParts(parts, expansion);
    expansion.spend(HERE_COST * text.length);
    shell.inputs.set(descriptor?.value ?? 0, { text, position: 0 });
    return;
  }
  if (redirection.type === "HereString" || !redirection.target) throw new NotCovered(`${operator} is not supported`);
  const target = expandText(redirection.target, expansion);
  switch (operator) {
    case ">":
      if (shell.noclobber) checkClobbering(target, interpreter);
      shell.outputs.set(descriptor?.value ?? 1, openOutput(target, false, interpreter));
      return;
    case ">|":
      shell.outputs.set(descriptor?.value ?? 1, openOutput(target, false, interpreter));
      return;
    case ">>":
      shell.outputs.set(descriptor?.value ?? 1, openOutput(target, true, interpreter));
      return;
    case "<":
      shell.inputs.set(descriptor?.value ?? 0, openInput(target, interpreter));
      return;
    case ">&":
      shell.outputs.set(descriptor?.value ?? 1, duplicate(target, shell.outputs, DISCARD));
      return;
    case "<&":
      shell.inputs.set(descriptor?.value ?? 0, duplicate(target, shell.inputs, emptyInput()));
      return;
    default:
      throw new NotCovered(`${operator} is not supported`);
  }
}

/** `set -o noclobber`: a regular file is not written over, but by `>|`. */
function checkClobbering(path: string, { shell, world }: Interpreter): void {
  if (path === "" || path.startsWith("/dev/")) return;
  if (world.files.find(path, shell.directory)?.type === "file") throw new FileSystemError("File exists");
}

function duplicate<Stream>(target: string, streams: ReadonlyMap<number, Stream>, closed: Stream): Stream {
  if (target === "-") return closed;
  const stream = /^[0-9]$/.test(target) ? streams.get(Number(target)) : undefined;
  if (stream === undefined) throw new NotCovered(`the descriptor ${displayBytes(target)} is not supported`);
  return stream;
}

function openInput(path: string, { shell, world }: Interpreter): Input {
  if (path === "/dev/null") return emptyInput();
  if (path.startsWith("/dev/")) throw new NotCovered(`reading ${displayBytes(path)} is not supported`);
  const entry = world.files.find(path, shell.directory);
  if (!entry) throw new FileSystemError("No such file or directory");
  return { text: world.files.read(entry.path), position: 0 };
}

function openOutput(path: string, append: boolean, { shell, world }: Interpreter): Output {
  if (path === "/dev/null") return DISCARD;
  const standard = { "/dev/stdout": 1, "/dev/stderr": 2 }[path];
  if (standard !== undefined) return shell.outputs.get(standard) ?? DISCARD;
  if (path.startsWith("/dev/")) throw new NotCovered(`writing ${displayBytes(path)} is not supported`);
  if (shell.identity.uid !== 0) throw new NotCovered("writing files as another user is not supported");
  const { files } = world;
  const place = files.resolve(path, shell.directory);
  const mode = 0o666 & ~shell.umask;
  let text = append && files.get(place) ? files.read(place) : "";
  files.write(place, text, mode);
  return {
    write(bytes) {
      text += bytes;
      files.write(place, text, mode);
    },
  };
}
