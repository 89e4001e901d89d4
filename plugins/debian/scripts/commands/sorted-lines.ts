/** sort, uniq and comm (coreutils): lines in the order of their bytes, as in the C locale. */
import { displayBytes } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";
import { linesOf, printLines, readText } from "./text.ts";

export const SORTED_LINES_COMMANDS: CommandTable = { comm, sort, uniq };

/** Of a character of a line whose keys are taken out, in bytes handled. */
const KEY_COST = 5;

const ORDERS = ["n", "g", "r", "b", "f"] as const;

interface Key {
  /** Fields from 1; without them the whole line. */
  readonly first: number;
  readonly last: number;
  readonly options: ReadonlySet<string>;
}

function sort(invocation: Invocation): number {
  const options = parseOptions(invocation, ["u", "s", "o:", "k:", "t:", ...ORDERS, "unique", "reverse"]);
  const separator = options.last("t");
  if (separator !== undefined && separator.length !== 1) return invocation.refuse("sort with such a separator");
  const global = new Set<string>(ORDERS.filter((name) => options.has(name)));
  if (options.has("reverse")) global.add("r");
  const keys = (options.values.get("k") ?? []).map((text) => keyOf(text, global, invocation));
  const lines: string[] = [];
  for (const path of options.operands.length === 0 ? ["-"] : options.operands) {
    const text = readText(invocation, path);
    // Nothing is printed unless all can be read.
    if (text === undefined) return 2;
    for (const line of linesOf(text)) lines.push(line);
  }
  const all = keys.length > 0 ? keys : [{ first: 0, last: 0, options: global }];
  const compare = (left: string, right: string): number => {
    for (const key of all) {
      const [a, b] = [keyText(left, key, separator), keyText(right, key, separator)];
      const order = compareBy(a, b, key.options, invocation);
      if (order !== 0) return key.options.has("r") ? -order : order;
    }
    return 0;
  };
  const isUnique = options.has("u", "unique");
  const lastResort = (a: string, b: string) => (global.has("r") ? byBytes(b, a) : byBytes(a, b));
  const isPlain = isUnique || options.has("s");
  const sorted = lines.toSorted((a, b) => {
    invocation.world.spend(keys.length * KEY_COST * (a.length + b.length) + 2 * (Math.min(a.length, b.length) + 10));
    return compare(a, b) || (isPlain ? 0 : lastResort(a, b));
  });
  const kept = isUnique
    ? sorted.filter((line, index) => index === 0 || compare(sorted[index - 1]!, line) !== 0)
    : sorted;
  const target = options.last("o");
  if (target === undefined) printLines(invocation, kept);
  else {
    const { files } = invocation.world;
    files.write(
      files.resolve(target, invocation.shell.directory),
      kept.map((line) => `${line}\n`).join(""),
      0o666 & ~invocation.shell.umask,
    );
  }
  return 0;
}

function keyOf(text: string, global: ReadonlySet<string>, invocation: Invocation): Key {
  const [, first = "0", own = "", , last, more = ""] =
    /^([1-9]\d{0,3})([ngrbf]*)(,([1-9]\d{0,3})([ngrbf]*))?$/.exec(text) ??
    invocation.refuse(`sort -k ${displayBytes(text)}`);
  const options = new Set([...own, ...more]);
  return {
    first: Number(first),
    last: last === undefined ? Infinity : Number(last),
    options: options.size > 0 ? options : global,
  };
}

/** Without a separator, fields take the blanks before them along. */
function keyText(line: string, { first, last }: Key, separator: string | undefined): string {
  if (first === 0) return line;
  const fields = separator === undefined ? (line.match(/[^ \t]+|[ \t]+[^ \t]*/g) ?? []) : line.split(separator);
  return fields.slice(first - 1, last).join(separator ?? "");
}

function compareBy(left: string, right: string, options: ReadonlySet<string>, invocation: Invocation): number {
  if (options.has("n")) return numberOf(left, invocation) - numberOf(right, invocation);
  if (options.has("g")) return generalNumberOf(left, invocation) - generalNumberOf(right, invocation);
  const prepared = (text: string) => {
    const shown = options.has("b") ? text.replace(/^[ \t]+/, "") : text;
    return options.has("f") ? shown.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase()) : shown;
  };
  return byBytes(prepared(left), prepared(right));
}

function numberOf(text: string, invocation: Invocation): number {
  const number = /^[ \t]*(-?\d*(?:\.\d*)?)/.exec(text)![1]!;
  if (number.length > 15) invocation.refuse("sort -n of such long numbers");
  return Number(number) || 0;
}

/** As strtod(3) reads it; only plain decimals, of which there is no doubt. */
function generalNumberOf(text: string, invocation: Invocation): number {
  const [, number] =
    /^[ \t]*(-?\d+(?:\.\d*)?)(?![\dexpEXP.])/.exec(text) ?? invocation.refuse("sort -g of such numbers");
  if (number!.length > 15) invocation.refuse("sort -g of such long numbers");
  return Number(number);
}

function byBytes(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function uniq(invocation: Invocation): number {
  const options = parseOptions(invocation, ["c", "d", "u", "i", "count", "repeated", "unique", "ignore-case"]);
  if (options.operands.length > 1) return invocation.refuse("uniq with two files");
  const text = readText(invocation, options.operands[0] ?? "-");
  if (text === undefined) return 1;
  const folded = (line: string) =>
    options.has("i", "ignore-case") ? line.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase()) : line;
  const runs: { readonly line: string; count: number }[] = [];
  for (const line of linesOf(text)) {
    const last = runs.at(-1);
    if (last !== undefined && folded(last.line) === folded(line)) last.count++;
    else runs.push({ line, count: 1 });
  }
  const kept = runs.filter(({ count }) => (count > 1 ? !options.has("u", "unique") : !options.has("d", "repeated")));
  printLines(
    invocation,
    kept.map(({ line, count }) => (options.has("c", "count") ? `${String(count).padStart(7)} ${line}` : line)),
  );
  return 0;
}

function comm(invocation: Invocation): number {
  const options = parseOptions(invocation, ["1", "2", "3"]);
  const [one, other, ...more] = options.operands;
  if (one === undefined || other === undefined || more.length > 0) return invocation.refuse("comm so called");
  const [left, right] = [one, other].map((path) => readText(invocation, path));
  if (left === undefined || right === undefined) return 1;
  const [a, b] = [linesOf(left), linesOf(right)];
  const isSorted = (lines: readonly string[]) => lines.every((line, index) => index === 0 || lines[index - 1]! <= line);
  if (!isSorted(a) || !isSorted(b)) return invocation.refuse("comm of lines that are not sorted");
  const shows = ["1", "2", "3"].map((column) => !options.has(column)) as [boolean, boolean, boolean];
  const before = [0, Number(shows[0]), Number(shows[0]) + Number(shows[1])];
  const lines: string[] = [];
  const add = (column: number, line: string) => {
    if (shows[column]) lines.push("\t".repeat(before[column]!) + line);
  };
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const [l, r] = [a[i], b[j]];
    if (r === undefined || (l !== undefined && l < r)) add(0, a[i++]!);
    else if (l === undefined || r < l) add(1, b[j++]!);
    else {
      add(2, l);
      i++;
      j++;
    }
  }
  printLines(invocation, lines);
  return 0;
}
