/** fold (coreutils): lines broken at a width, counted in columns. */
import type { CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";

const USUAL_WIDTH = 80;

export const FOLD_COMMANDS: CommandTable = {
  fold(invocation) {
    const options = parseOptions(invocation, ["b", "bytes", "s", "spaces", "w:", "width:"]);
    const width = options.last("w", "width") ?? String(USUAL_WIDTH);
    if (options.operands.length > 0 || !/^[1-9][0-9]{0,5}$/.test(width))
      return invocation.refuse("fold with such options");
    const next = options.has("b", "bytes") ? (column: number) => column + 1 : nextColumn;
    invocation.print(folded(invocation, Number(width), options.has("s", "spaces"), next));
    return 0;
  },
};

type NextColumn = (column: number, char: string) => number;

function nextColumn(column: number, char: string): number {
  if (char === "\b") return Math.max(0, column - 1);
  if (char === "\r") return 0;
  return char === "\t" ? column + 8 - (column % 8) : column + 1;
}

function folded(invocation: Invocation, width: number, atBlanks: boolean, next: NextColumn): string {
  const lines = invocation.readInput().split("\n");
  return lines.map((line) => foldedLine(invocation, line, width, atBlanks, next)).join("\n");
}

function foldedLine(invocation: Invocation, text: string, width: number, atBlanks: boolean, next: NextColumn): string {
  const done: string[] = [];
  let line = "";
  let column = 0;
  for (const char of text) {
    for (let after = next(column, char); line !== "" && after > width; after = next(column, char)) {
      const blank = atBlanks ? Math.max(line.lastIndexOf(" "), line.lastIndexOf("\t")) : -1;
      const end = blank < 0 ? line.length : blank + 1;
      invocation.world.spend(line.length);
      done.push(line.slice(0, end));
      line = line.slice(end);
      column = [...line].reduce(next, 0);
    }
    column = next(column, char);
    line += char;
  }
  return [...done, line].join("\n");
}
