/** The lines at the end of a terminal that are drawn again and again; elsewhere nothing. */
import { stripVTControlCharacters } from "node:util";
import { unheard, type Output } from "./output.ts";

export interface Status {
  /** A line that stays. */
  line(text: string): void;
  /** What is under way now, in place of what was. */
  show(lines: readonly string[]): void;
  /** Takes away what is under way and stops drawing. */
  close(): void;
}

/** Redrawn so often at most. */
const FRAME_MILLISECONDS = 80;
const MOST_LINES = 8;

export function terminalStatus(output: Output): Status {
  unheard(output);
  let wanted: readonly string[] = [];
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;

  const erase = (): string => {
    const text = drawn === 0 ? "" : `\x1b[${drawn}A\r\x1b[J`;
    drawn = 0;
    return text;
  };
  const draw = (): string => {
    const lines = wanted.slice(0, MOST_LINES).map((line) => shorten(line, (output.columns || 80) - 1));
    drawn = lines.length;
    return lines.map((line) => `${line}\n`).join("");
  };
  return {
    line(text) {
      output.write(`${erase()}${text}\n${draw()}`);
    },
    show(lines) {
      wanted = lines;
      timer ??= setTimeout(() => {
        timer = undefined;
        output.write(`${erase()}${draw()}`);
      }, FRAME_MILLISECONDS).unref();
    },
    close() {
      clearTimeout(timer);
      timer = undefined;
      wanted = [];
      if (drawn > 0) output.write(erase());
    },
  };
}

export function plainStatus(output: Output): Status {
  unheard(output);
  return {
    line: (text) => void output.write(`${text}\n`),
    show() {},
    close() {},
  };
}

/** A line that wraps cannot be erased by counting lines. Drawn lines have no colours. */
function shorten(line: string, columns: number): string {
  const text = stripVTControlCharacters(line);
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}
