/** grep(1), egrep and fgrep: does a line match, and which. */
import { displayBytes } from "../../../../core/index.ts";
import { compileExpression } from "../regular-expression.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";
import { linesOf, printLine, readText } from "./text.ts";

export const GREP_COMMANDS: CommandTable = {
  grep: (invocation) => grep(invocation, false, false),
  egrep: (invocation) => grep(invocation, true, false),
  fgrep: (invocation) => grep(invocation, false, true),
};

const OPTIONS = [
  "q",
  "s",
  "i",
  "v",
  "E",
  "F",
  "x",
  "w",
  "c",
  "l",
  "h",
  "H",
  "n",
  "o",
  "e:",
  "quiet",
  "silent",
  "regexp:",
];

function grep(invocation: Invocation, extended: boolean, plain: boolean): number {
  const options = parseOptions(invocation, OPTIONS);
  const given = [...(options.values.get("e") ?? []), ...(options.values.get("regexp") ?? [])];
  const patterns = (given.length > 0 ? given : options.operands.slice(0, 1)).flatMap((text) => text.split("\n"));
  const paths = given.length > 0 ? options.operands : options.operands.slice(1);
  if (patterns.length === 0) return invocation.refuse("grep without a pattern");
  const tests = patterns.map((pattern) =>
    lineTest(pattern, {
      extended: extended || options.has("E"),
      plain: plain || options.has("F"),
      ignoreCase: options.has("i"),
      whole: options.has("x"),
      word: options.has("w"),
      spend: invocation.world.spend,
    }),
  );
  const quiet = options.has("q", "quiet", "silent");
  const withNames = options.has("H") || (paths.length > 1 && !options.has("h"));
  let found = false;
  let failed = false;
  for (const path of paths.length === 0 ? ["-"] : paths) {
    const text = readText(invocation, path);
    if (text === undefined) {
      failed = true;
      continue;
    }
    if (text.includes("\0")) return invocation.refuse(`grep in the binary file ${displayBytes(path)}`);
    let count = 0;
    for (const [index, line] of linesOf(text).entries()) {
      const part = tests.map((test) => test(line)).find((match) => match !== undefined);
      if ((part === undefined) !== options.has("v")) continue;
      count++;
      if (quiet || options.has("c") || options.has("l")) continue;
      const shown = options.has("o") ? (part ?? "") : line;
      printLine(invocation, `${withNames ? `${path}:` : ""}${options.has("n") ? `${index + 1}:` : ""}${shown}`);
    }
    if (count > 0) found = true;
    if (options.has("c") && !quiet) printLine(invocation, `${withNames ? `${path}:` : ""}${count}`);
    if (options.has("l") && !quiet && count > 0) printLine(invocation, path);
  }
  if (options.has("o") && (options.has("v") || tests.length > 1))
    return invocation.refuse("grep -o of several patterns");
  if (found && quiet) return 0;
  return failed ? 2 : found ? 0 : 1;
}

interface LineOptions {
  readonly extended: boolean;
  readonly plain: boolean;
  readonly ignoreCase: boolean;
  readonly whole: boolean;
  readonly word: boolean;
  readonly spend: (units: number) => void;
}

/** Gives what matches in a line. */
function lineTest(pattern: string, options: LineOptions): (line: string) => string | undefined {
  const source = options.plain ? pattern.replace(/[\\.*[\]^$]/g, "\\$&") : pattern;
  const expression = compileExpression(source, { ...options, extended: options.plain ? false : options.extended });
  const isWord = (char: string | undefined) => char !== undefined && /\w/.test(char);
  // `-x` asks for a match of the whole line, which the first, greedy one need not be where there are alternatives.
  const wholeSource = options.extended && !options.plain ? `^(${source})$` : `^\\(${source}\\)$`;
  const whole = options.whole
    ? compileExpression(wholeSource, { ...options, extended: !options.plain && options.extended })
    : undefined;
  return (line) => {
    if (whole) return whole.match(line) ? line : undefined;
    for (let match = expression.match(line); match; match = expression.match(line, match.start + 1)) {
      const bounded = !options.word || (!isWord(line[match.start - 1]) && !isWord(line[match.end]));
      if (bounded) return line.slice(match.start, match.end);
    }
    return undefined;
  };
}
