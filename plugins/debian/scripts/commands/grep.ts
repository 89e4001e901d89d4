/** grep(1), egrep and fgrep: does a line match, and which. */
import { displayBytes } from "../../../../core/index.ts";
import { type RegularExpression, compileExpression } from "../regular-expression/expression.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { type ParsedOptions, parseOptions } from "./options.ts";
import { linesOf, printLine, readText } from "./text.ts";

export const GREP_COMMANDS: CommandTable = {
  grep: (invocation) => grep(invocation, false, false),
  egrep: (invocation) => grep(invocation, true, false),
  fgrep: (invocation) => grep(invocation, false, true),
};

/** Every option by its letter, and the long names of some. */
const OPTIONS = [..."qsivEFGxwclLhHnoa", "e:", "m:"];
const LONG: Readonly<Record<string, string>> = {
  quiet: "q",
  silent: "q",
  "no-messages": "s",
  "ignore-case": "i",
  "invert-match": "v",
  "extended-regexp": "E",
  "fixed-strings": "F",
  "basic-regexp": "G",
  "line-regexp": "x",
  "word-regexp": "w",
  count: "c",
  "files-with-matches": "l",
  "files-without-match": "L",
  "no-filename": "h",
  "with-filename": "H",
  "line-number": "n",
  "only-matching": "o",
  text: "a",
  "regexp=": "e",
  "max-count=": "m",
};

function grep(invocation: Invocation, extended: boolean, plain: boolean): number {
  const options = parseOptions(invocation, OPTIONS, { args: invocation.args.map(shortened) });
  const given = options.values.get("e") ?? [];
  const patterns = (given.length > 0 ? given : options.operands.slice(0, 1)).flatMap((text) => text.split("\n"));
  const paths = given.length > 0 ? options.operands : options.operands.slice(1);
  if (patterns.length === 0) return invocation.refuse("grep without a pattern");
  if (["c", "l", "L", "o"].filter((letter) => options.has(letter)).length > 1)
    return invocation.refuse("grep with several of -c, -l, -L and -o");
  const expression = expressionOf(patterns, options, { extended, plain }, invocation);
  const print = { ...options, withNames: options.has("H") || (paths.length > 1 && !options.has("h")) };
  const most = options.has("m") ? countOf(options.last("m")!, invocation) : Infinity;
  let status = 1;
  let failed = false;
  for (const path of paths.length === 0 ? ["-"] : paths) {
    const text = readText(invocation, path, options.has("s"));
    if (text === undefined) {
      failed = true;
      continue;
    }
    if (text.includes("\0") && !options.has("a"))
      return invocation.refuse(`grep in the binary file ${displayBytes(path)}`);
    const count = searchFile(expression, text, path === "-" ? "(standard input)" : path, print, most, invocation);
    if (options.has("L") ? count === 0 : count > 0) status = 0;
    if (count > 0 && options.has("q")) return 0;
  }
  return failed ? 2 : status;
}

function shortened(arg: string): string {
  const [, name, equals = "", value = ""] = /^--([a-z-]+)(?:(=)([\s\S]*))?$/.exec(arg) ?? [];
  const letter = name === undefined ? undefined : LONG[name + equals];
  return letter === undefined ? arg : `-${letter}${value}`;
}

function countOf(text: string, invocation: Invocation): number {
  return /^[0-9]{1,6}$/.test(text) ? Number(text) : invocation.refuse(`grep -m ${displayBytes(text)}`);
}

function expressionOf(
  patterns: readonly string[],
  options: ParsedOptions,
  command: { readonly extended: boolean; readonly plain: boolean },
  invocation: Invocation,
): RegularExpression {
  const kinds = ["E", "F", "G"].filter((letter) => options.has(letter));
  if (kinds.length > 1) invocation.refuse("grep with several kinds of patterns");
  const plain = kinds.length === 0 ? command.plain : kinds[0] === "F";
  const extended = kinds.length === 0 ? command.extended : kinds[0] === "E";
  const sources = plain ? patterns.map((pattern) => pattern.replace(/[\\.*[\]^$]/g, "\\$&")) : patterns;
  const how = {
    tool: "grep",
    extended: extended && !plain,
    ignoreCase: options.has("i"),
    spend: invocation.world.spend,
  } as const;
  if (options.has("x")) return compileExpression(sources, { ...how, within: "line" });
  if (!options.has("w")) return compileExpression(sources, how);
  // Where nothing counts as a word, grep's search for words has rules of its own.
  if (compileExpression(sources, how).test("")) invocation.refuse("grep -w of an empty text");
  return compileExpression(sources, { ...how, within: "words" });
}

/** Prints what is asked for; gives the number of lines. */
function searchFile(
  expression: RegularExpression,
  text: string,
  path: string,
  options: Pick<ParsedOptions, "has"> & { readonly withNames: boolean },
  most: number,
  invocation: Invocation,
): number {
  const counts = options.has("q", "c", "l", "L");
  const prefix = options.withNames ? `${path}:` : "";
  let count = 0;
  for (const [index, line] of linesOf(text).entries()) {
    if (count >= most) break;
    if (expression.test(line) === options.has("v")) continue;
    count++;
    if (options.has("q", "l", "L")) break;
    if (counts) continue;
    const place = `${prefix}${options.has("n") ? `${index + 1}:` : ""}`;
    for (const shown of options.has("o") ? partsOf(line, expression, options.has("v")) : [line])
      printLine(invocation, place + shown);
  }
  if (options.has("q")) return count;
  if (options.has("c")) printLine(invocation, `${prefix}${count}`);
  if ((options.has("l") && count > 0) || (options.has("L") && count === 0)) printLine(invocation, path);
  return count;
}

/** What `-o` prints of a line: its matches, but for empty ones. */
function* partsOf(line: string, expression: RegularExpression, inverted: boolean): Generator<string> {
  if (inverted) return;
  for (let at = 0; at < line.length;) {
    const span = expression.find(line, at);
    if (!span) return;
    if (span.end > span.start) yield line.slice(span.start, span.end);
    at = span.end > span.start ? span.end : span.end + 1;
  }
}
