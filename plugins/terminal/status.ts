/** The lines at the end of a terminal that are drawn again and again; elsewhere nothing. */
import { stripVTControlCharacters } from "node:util";
import { unheard, type Output } from "./output.ts";

export interface Status {
  /** A line that stays. */
  line(text: string): void;
  /** What is under way now, in place of what was. */
  show(lines: () => readonly string[]): void;
  /** Takes away what is under way and stops drawing. */
  close(): void;
}

/** Redrawn so often at most. */
const FRAME_MILLISECONDS = 80;
/** And where nothing new is said, so that time is seen to pass. */
const TICK_MILLISECONDS = 1000;
const MOST_LINES = 8;
/** Where nothing is redrawn, such as in the log of a CI job, what has been under way for so long is told in lines. */
const PATIENCE_MILLISECONDS = 30_000;

export function terminalStatus(output: Output): Status {
  unheard(output);
  let wanted = NOTHING;
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;
  let isSoon = false;

  const erase = (): string => {
    const text = drawn === 0 ? "" : `\x1b[${drawn}A\r\x1b[J`;
    drawn = 0;
    return text;
  };
  const draw = (): string => {
    const shown = wanted().slice(0, MOST_LINES);
    const lines = shown.map((line) => shorten(line, (output.columns || 80) - 1));
    drawn = lines.length;
    return lines.map((line) => `${line}\n`).join("");
  };
  const drawIn = (milliseconds: number): void => {
    clearTimeout(timer);
    isSoon = milliseconds === FRAME_MILLISECONDS;
    timer = setTimeout(() => {
      output.write(`${erase()}${draw()}`);
      drawIn(TICK_MILLISECONDS);
    }, milliseconds).unref();
  };
  return {
    line(text) {
      output.write(`${erase()}${text}\n${draw()}`);
    },
    show(lines) {
      wanted = lines;
      if (!isSoon) drawIn(FRAME_MILLISECONDS);
    },
    close() {
      clearTimeout(timer);
      isSoon = false;
      wanted = NOTHING;
      if (drawn > 0) output.write(erase());
    },
  };
}

const NOTHING = (): readonly string[] => [];

export function plainStatus(output: Output): Status {
  unheard(output);
  let wanted = NOTHING;
  let timer: NodeJS.Timeout | undefined;
  const say = (text: string): void => void output.write(`${text}\n`);
  return {
    line: say,
    show(lines) {
      wanted = lines;
      timer ??= setInterval(() => wanted().forEach(say), PATIENCE_MILLISECONDS).unref();
    },
    close() {
      clearInterval(timer);
      timer = undefined;
    },
  };
}

/** A line that wraps cannot be erased by counting lines. Drawn lines have no colours. */
function shorten(line: string, columns: number): string {
  const text = stripVTControlCharacters(line);
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}
