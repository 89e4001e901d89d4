/**
 * Where in the user's own files something was thrown or called: file, line, column, and the line itself, of the TypeScript
 * as it was written. One place for all errors; nothing is read, translated or written out before one needs it.
 */
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ErrorPlace } from "./error.ts";

/** Both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** From the code that runs to what it was made of. */
export type ToSource = (file: string, position: Position) => Position;

/** What is longer was made by a program, and no line of it says anything. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Our own functions, a helper or two of a package, and the user's. */
const FRAMES = 8;

/** By path: the user's files that run as a translation. */
const translated = new Map<string, ToSource>();
/** Errors made where something was called. Runtimes write their stacks out when they are read. */
const calls = new WeakMap<object, Error>();
/** Of parts of configs: one may stand in several places. */
const paths = new WeakMap<object, readonly string[]>();

export function translateFrames(files: Iterable<string>, toSource: ToSource): void {
  for (const file of files) translated.set(file, toSource);
}

/** Remembers that this comes of a call: the one that runs now, at the cost of some microseconds, or an earlier one. */
export function rememberCall(made: object, call = thisCall()): void {
  calls.set(made, call);
}

export function thisCall(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  const call = new Error();
  Error.stackTraceLimit = limit;
  return call;
}

/** What `rememberCall` remembered. */
export function callOf(made: object): Error | undefined {
  return calls.get(made);
}

/** Remembers where in the config this stands. */
export function rememberPath(part: object, path: string): void {
  const known = paths.get(part) ?? [];
  if (!known.includes(path)) paths.set(part, [...known, path]);
}

/** Where in the config a part of this target stands, and where the call was that made it. */
export function configPlace(part: object, target: string): ErrorPlace {
  const known = paths.get(part) ?? [];
  const path = known.find((each) => each.startsWith(`images.${target}`)) ?? known[0];
  return { ...sourcePlace(part), ...(path !== undefined && { path }) };
}

/**
 * The uppermost frame that is the user's own: neither ours, nor a package's, nor the runtime's. Of a thrown value, or of
 * what was remembered. Undefined where there is none.
 */
export function sourcePlace(of: unknown): ErrorPlace | undefined {
  if (isParsersOwn(of)) {
    const { file, line, column, lineText } = of.position;
    return { file, line, column, lineText };
  }
  const error = typeof of === "object" && of !== null ? (calls.get(of) ?? of) : undefined;
  const stack = error instanceof Error ? error.stack : undefined;
  const lines = stack?.split("\n") ?? [];
  for (const [index, line] of lines.entries()) {
    const frame = readFrame(line);
    if (frame === undefined || isForeign(frame.file)) continue;
    const column = frame.column ?? caretIn(lines.slice(index + 1));
    if (column === undefined) return { file: frame.file, line: frame.line };
    const ran = { line: frame.line, column };
    const at = translated.get(frame.file)?.(frame.file, ran) ?? ran;
    const lineText = lineOf(frame.file, at.line);
    if (lineText === undefined) return { file: frame.file, ...at };
    return { file: frame.file, line: at.line, column: nameBefore(lineText, at.column), lineText };
  }
  return undefined;
}

/** Some runtimes say of a call where its name is, others where its parenthesis is. */
function nameBefore(line: string, column: number): number {
  const name = line[column - 1] === "(" ? /[\w$]*$/.exec(line.slice(0, column - 1))![0] : "";
  return column - name.length;
}

/** Bun's error for what it cannot parse: it has no stack, and says where in fields. */
export function isParsersOwn(thrown: unknown): thrown is { readonly position: Required<Omit<ErrorPlace, "path">> } {
  if (typeof thrown !== "object" || thrown === null || !("position" in thrown)) return false;
  const { position } = thrown;
  return typeof position === "object" && position !== null && "lineText" in position && "column" in position;
}

/** Node begins the stack of what it cannot parse with some lines and a caret, in place of a column. */
function caretIn(lines: readonly string[]): number | undefined {
  const caret = lines.slice(0, 5).find((line) => /^\s*\^+$/.test(line));
  return caret === undefined ? undefined : caret.indexOf("^") + 1;
}

interface Frame {
  readonly file: string;
  readonly line: number;
  readonly column: number | undefined;
}

/** `    at name (file:///path:1:2)`, `    at /path:1:2`; of parsers, ` /path:1:2` (jiti) and `file:///path:1` (Node). */
const FRAME = /(?:^|[\s(])((?:file:\/\/)?\/.*?):(\d+)(?::(\d+))?\)?$/;

function readFrame(line: string): Frame | undefined {
  const [, where, row, column] = FRAME.exec(line) ?? [];
  if (where === undefined) return undefined;
  const file = where.startsWith("file:") ? pathOf(where) : where;
  if (file === undefined) return undefined;
  // Babel, whose words jiti tells, counts columns from 0.
  const first = line.startsWith(" /") ? 0 : 1;
  return { file, line: Number(row), column: column === undefined ? undefined : Number(column) + 1 - first };
}

function pathOf(url: string): string | undefined {
  try {
    return fileURLToPath(url.replace(/[?#].*$/, ""));
  } catch {
    return undefined;
  }
}

function isForeign(file: string): boolean {
  return file.includes("/node_modules/") || OWN.some((folder) => file.startsWith(folder)) || !isReadable(file);
}

/** Where our code lies: in dist/, or beside this file. */
const OWN = ownFolders(fileURLToPath(import.meta.url));

function ownFolders(here: string): readonly string[] {
  const bundle = here.lastIndexOf("/dist/");
  if (!here.endsWith(".ts")) return [here.slice(0, bundle + "/dist/".length)];
  const root = here.slice(0, here.lastIndexOf("/core/") + 1);
  return [`${root}core/`, `${root}plugins/`];
}

function isReadable(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.size <= MOST_BYTES;
}

function lineOf(file: string, line: number): string | undefined {
  try {
    return readFileSync(file, "utf8").split("\n")[line - 1]?.replace(/\r$/, "");
  } catch {
    return undefined;
  }
}
