/** awk's functions on texts and numbers. */
import { displayBytes } from "../../../../core/index.ts";
import type { RegularExpression } from "../regular-expression/expression.ts";
import { refuseAwk } from "./lexer.ts";
import { type Value, numberOf, textOf } from "./values.ts";

/** Functions of their arguments alone. */
export const PURE: Readonly<Record<string, (args: readonly Value[]) => Value>> = {
  index: ([text, part, ...more]) =>
    part === undefined || more.length > 0 ? wrong("index") : textOf(text).indexOf(textOf(part)) + 1,
  int: ([value, ...more]) => (more.length > 0 ? wrong("int") : Math.trunc(numberOf(value)) + 0),
  substr,
  tolower: ([text]) => textOf(text).replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()),
  toupper: ([text]) => textOf(text).replaceAll(/[a-z]/g, (letter) => letter.toUpperCase()),
};

function wrong(name: string): never {
  return refuseAwk(`${name} with such arguments`);
}

function substr([value, from, length, ...more]: readonly Value[]): string {
  const text = textOf(value);
  const start = numberOf(from);
  const count = length === undefined ? Infinity : numberOf(length);
  if (from === undefined || more.length > 0) return wrong("substr");
  if (!Number.isInteger(start) || !(Number.isInteger(count) || count === Infinity)) return wrong("substr");
  // mawk counts from the first character then, others from where it would be.
  if (start < 1 && length !== undefined) return wrong("substr");
  return text.slice(Math.max(start - 1, 0), Math.max(start - 1 + count, 0));
}

/** `sub` and `gsub`: the text with what was put in, and how often. */
export function substituted(
  text: string,
  expression: RegularExpression,
  replacement: string,
  everywhere: boolean,
): { readonly text: string; readonly count: number } {
  if (/\\(?!&)/.test(replacement)) refuseAwk(`the replacement ${displayBytes(replacement)}`);
  const put = (match: string) => replacement.replaceAll(/\\?&/g, (sign) => (sign === "&" ? match : "&"));
  let result = "";
  let count = 0;
  let from = 0;
  for (let span = expression.find(text); span;) {
    const { start, end } = span;
    result += text.slice(from, start) + put(text.slice(start, end));
    count++;
    from = end;
    if (!everywhere || end > text.length) break;
    if (end > start) {
      // Nothing directly behind a match is no further one.
      span = expression.find(text, end);
      if (span && span.start === end && span.end === end) span = stepOver(end);
    } else span = stepOver(end);
  }
  return { text: result + text.slice(from), count };

  function stepOver(place: number) {
    if (place >= text.length) return undefined;
    result += text[place]!;
    from = place + 1;
    return expression.find(text, from);
  }
}
