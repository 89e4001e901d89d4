/** Reads a source map (ECMA-426): which place of the source a place of the translation was made of. */
import type { Position } from "../source-place.ts";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Undefined where the map says nothing of the line. `mappings`: the map's field, of one source. */
export function sourcePosition(mappings: string, at: Position): Position | undefined {
  const found = { line: 0, column: 0 };
  let best: Position | undefined;
  for (const [index, line] of mappings.split(";").entries()) {
    if (index >= at.line) break;
    let generated = 0;
    for (const segment of line.split(",")) {
      const [column, , lines, columns] = readNumbers(segment);
      generated += column ?? 0;
      if (lines === undefined || columns === undefined) continue;
      found.line += lines;
      found.column += columns;
      if (index === at.line - 1 && (generated < at.column || best === undefined)) {
        best = { line: found.line + 1, column: found.column + 1 };
      }
    }
  }
  return best;
}

/** Base 64 VLQ: five bits a digit, the lowest first; of the number, the lowest bit is the sign. */
function readNumbers(segment: string): readonly number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}
