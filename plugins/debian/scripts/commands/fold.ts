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
  const text = invocation.readInput();
  let done = "";
  let line = "";
  let column = 0;
  const breakAt = (length: number) => {
    invocation.world.spend(line.length);
    done += `${line.slice(0, length)}\n`;
    line = line.slice(length);
    column = 0;
    for (const char of line) column = next(column, char);
  };
  for (const char of text) {
    if (char === "\n") {
      breakAt(line.length);
      continue;
    }
    while (line !== "" && next(column, char) > width) {
      const blank = atBlanks ? Math.max(line.lastIndexOf(" "), line.lastIndexOf("\t")) : -1;
      breakAt(blank < 0 ? line.length : blank + 1);
    }
    column = next(column, char);
    line += char;
  }
  return done + line;
}
