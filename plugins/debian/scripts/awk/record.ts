/** The record that is looked at, and its fields: each is made anew from the other when it is asked for. */
import { displayBytes } from "../../../../core/index.ts";
import type { RegularExpression } from "../regular-expression/expression.ts";
import { refuseAwk } from "./lexer.ts";
import { type Value, textOf } from "./values.ts";

const MOST_FIELDS = 10_000;

export interface CurrentRecord {
  /** `separator`: FS as it is now. */
  set(text: string, separator: string): void;
  /** `separator`: OFS, for a record of which a field was changed. */
  text(separator: string): string;
  field(index: number): Value;
  setField(index: number, value: string | number): void;
  count(): number;
  setCount(count: number): void;
}

/** `noField`: what a field is that the record has not. */
export function createRecord(
  split: (text: string, separator: string) => readonly string[],
  noField: Value,
): CurrentRecord {
  let whole: string | undefined = "";
  let fields: Value[] | undefined = [];
  let splitBy = " ";
  const all = (): Value[] => (fields ??= split(whole ?? "", splitBy).map((input) => ({ input })));
  const change = (count: number): Value[] => {
    if (count > MOST_FIELDS) refuseAwk(`more than ${MOST_FIELDS} fields`);
    const list = all();
    whole = undefined;
    return list;
  };
  return {
    set(text, separator) {
      whole = text;
      splitBy = separator;
      fields = undefined;
    },
    text: (separator) => (whole ??= all().map(textOf).join(separator)),
    field: (index) => all()[index - 1] ?? noField,
    setField(index, value) {
      const list = change(index);
      while (list.length < index) list.push("");
      list[index - 1] = value;
    },
    count: () => all().length,
    setCount(count) {
      const list = change(count);
      while (list.length < count) list.push("");
      list.length = count;
    },
  };
}

/** `expression`: compiles, for separators that are no single character. */
export function splitText(
  text: string,
  separator: string,
  expression: (pattern: string) => RegularExpression,
): readonly string[] {
  if (separator === " ") return text.match(/[^ \t\n]+/g) ?? [];
  if (text === "") return [];
  if (separator === "" || separator === "\\" || separator.includes("^") || separator === "\n")
    return refuseAwk(`the separator ${displayBytes(separator)}`);
  if (separator.length === 1) return text.split(separator);
  return splitByExpression(text, expression(separator));
}

export function splitByExpression(text: string, expression: RegularExpression): readonly string[] {
  if (text === "") return [];
  if (expression.test("")) return refuseAwk("a separator that may be nothing");
  const pieces: string[] = [];
  let from = 0;
  for (let span = expression.find(text); span; span = expression.find(text, span.end)) {
    pieces.push(text.slice(from, span.start));
    from = span.end;
  }
  return [...pieces, text.slice(from)];
}
