/**
 * Where in the user's own files something was thrown or called: file, line, column, and the line itself, of the TypeScript
 * as it was written. One place for all errors; nothing is read, translated or written out before one needs it.
 */
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ErrorPlace } from "./error.ts";
import { exportOffset, keyOffset } from "./key-offset.ts";

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
/** Where something was called: runtimes write the stack of an error out when it is read. And of which of its options it comes. */
const calls = new WeakMap<object, { readonly call: Error; readonly keys: readonly PropertyKey[] }>();
/** Of parts of configs: one may stand in several places. */
const paths = new WeakMap<object, readonly string[]>();

export function translateFrames(files: Iterable<string>, toSource: ToSource): void {
  for (const file of files) translated.set(file, toSource);
}

/**
 * Remembers that this comes of a call: the one that runs now, at the cost of some microseconds, or an earlier one; `keys`
 * lead to the option that it comes of.
 */
export function rememberCall(made: object, call = thisCall(), keys: readonly PropertyKey[] = []): void {
  calls.set(made, { call, keys });
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
  return calls.get(made)?.call;
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
 * what was remembered; there, the option that `keys` lead to, if it is written out. Undefined where there is none.
 */
export function sourcePlace(of: unknown, keys?: readonly PropertyKey[]): ErrorPlace | undefined {
  if (isParsersOwn(of)) {
    const { file, line, column, lineText } = of.position;
    return { file, line, column, lineText };
  }
  const known = typeof of === "object" && of !== null ? calls.get(of) : undefined;
  const frame = userFrame(known?.call ?? of);
  if (frame === undefined) return undefined;
  const { file, line, column } = frame;
  if (column === undefined) return { file, line };
  const at = translated.get(file)?.(file, { line, column }) ?? { line, column };
  const text = textOf(file);
  const offset = text === undefined ? undefined : offsetOf(text, at);
  if (text === undefined || offset === undefined) return { file, ...at };
  const start = nameBefore(text, offset);
  return { file, ...placeAt(text, keyOffset(text, start, keys ?? known?.keys ?? []) ?? start) };
}

/** The user's own file that calls, alone: to know the line as well, a translated config is translated again. */
export function callingFile(): string | undefined {
  return userFrame(new Error())?.file;
}

/** Where a config's file says what `keys` lead to, of what it exports by default; the file where it does not say it there. */
export function placeInFile(file: string, keys: readonly PropertyKey[]): ErrorPlace {
  const text = textOf(file) ?? "";
  const start = exportOffset(text, file.endsWith(".json"));
  const at = start === undefined ? undefined : keyOffset(text, start, keys);
  return { file, ...(at !== undefined && placeAt(text, at)) };
}

/** Line, column and the line itself. */
export function placeAt(text: string, offset: number): Required<Omit<ErrorPlace, "file" | "path">> {
  const before = text.slice(0, offset).split("\n");
  const column = before.at(-1)!.length + 1;
  const lineText = text.split("\n", before.length).at(-1)!.replace(/\r$/, "");
  return { line: before.length, column, lineText };
}

function offsetOf(text: string, { line, column }: Position): number | undefined {
  const lines = text.split("\n", line);
  return lines.length < line ? undefined : lines.join("\n").length - lines.at(-1)!.length + column - 1;
}

/** Some runtimes say of a call where its name is, others where its parenthesis is. */
function nameBefore(text: string, offset: number): number {
  const name = text[offset] === "(" ? /[\w$]*$/.exec(text.slice(0, offset))![0] : "";
  return offset - name.length;
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

function userFrame(error: unknown): Frame | undefined {
  const stack = error instanceof Error ? error.stack : undefined;
  const lines = stack?.split("\n") ?? [];
  for (const [index, line] of lines.entries()) {
    const frame = readFrame(line);
    if (frame === undefined || isForeign(frame.file)) continue;
    return { ...frame, column: frame.column ?? caretIn(lines.slice(index + 1)) };
  }
  return undefined;
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
    return fileURLToPath(url.replace(/[?#][^]*/, ""));
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

/** Of what nobody wrote by hand, nothing. */
function textOf(file: string): string | undefined {
  try {
    return isReadable(file) ? readFileSync(file, "utf8") : undefined;
  } catch {
    return undefined;
  }
}
