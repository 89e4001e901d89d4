/** Filters that take parts of lines or of files: head, tail, cut, paste (coreutils), byte by byte as in the C locale. */
import { displayBytes } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";
import { eachText, linesOf, printLine, printLines, readText } from "./text.ts";

export const LINE_FILTER_COMMANDS: CommandTable = {
  head: (invocation) =>
    partOfFiles(invocation, (items, count, sign) => (sign === "-" ? items.slice(0, -count) : items.slice(0, count))),
  tail: (invocation) =>
    partOfFiles(invocation, (items, count, sign) => {
      if (sign === "+") return items.slice(Math.max(count - 1, 0));
      return count === 0 ? [] : items.slice(-count);
    }),
  cut,
  paste,
};

type Pick = (items: readonly string[], count: number, sign: string) => readonly string[];

function partOfFiles(invocation: Invocation, pick: Pick): number {
  const { name } = invocation;
  const args = invocation.args.map((arg) => (/^-\d{1,6}$/.test(arg) ? `-n${arg.slice(1)}` : arg));
  const options = parseOptions(invocation, ["n:", "c:", "q", "lines:", "bytes:"], { args });
  const bytes = options.last("c", "bytes");
  const wanted = bytes ?? options.last("n", "lines") ?? "10";
  const [, sign = "", digits] =
    /^([+-]?)(\d{1,6})$/.exec(wanted) ?? invocation.refuse(`${name} -n ${displayBytes(wanted)}`);
  const count = Number(digits);
  const isUnusual = bytes !== undefined && options.has("n", "lines");
  // Of nothing, head still opens what it does not read.
  if (isUnusual || (options.operands.length > 1 && !options.has("q")) || (count === 0 && sign === "-"))
    return invocation.refuse(`${name} so called`);
  // `tail -n -1` and `head -n +1` are as without a sign.
  const counted = sign === (name === "head" ? "-" : "+") ? sign : "";
  if (count === 0 && counted === "") return name === "tail" || isReadable(invocation, options.operands) ? 0 : 1;
  return eachText(invocation, options.operands, (text) => {
    const items = bytes === undefined ? (text.match(/[^\n]+\n?|\n/g) ?? []) : [...text];
    invocation.print(pick(items, count, counted).join(""));
  });
}

function isReadable(invocation: Invocation, paths: readonly string[]): boolean {
  return paths.every((path) => {
    const entry = path === "-" ? undefined : invocation.world.files.find(path, invocation.shell.directory);
    if (path !== "-" && entry?.type !== "file") invocation.printError(`${invocation.name}: cannot open '${path}'\n`);
    return path === "-" || entry?.type === "file" || entry?.type === "directory";
  });
}

function cut(invocation: Invocation): number {
  const options = parseOptions(invocation, ["d:", "f:", "c:", "b:", "s", "delimiter:", "fields:", "only-delimited"]);
  const fields = options.last("f", "fields");
  const list = fields ?? options.last("c", "b");
  const delimiter = options.last("d", "delimiter");
  const kinds = ["f", "fields", "c", "b"].flatMap((name) => options.values.get(name) ?? []);
  const ranges = list === undefined || kinds.length > 1 ? undefined : rangesOf(list);
  const isForFields = delimiter !== undefined || options.has("s", "only-delimited");
  if (list === undefined || (delimiter !== undefined && delimiter.length !== 1)) invocation.refuse("cut so called");
  if (ranges === undefined || (fields === undefined && isForFields)) {
    invocation.printError("cut: invalid list or options\n");
    return 1;
  }
  const by = delimiter ?? "\t";
  const keep = (_item: unknown, index: number) => ranges.some(({ low, high }) => index + 1 >= low && index + 1 <= high);
  return eachText(invocation, options.operands, (text) => {
    const lines = linesOf(text).flatMap((line) => {
      if (fields === undefined) return [[...line].filter(keep).join("")];
      if (!line.includes(by)) return options.has("s", "only-delimited") ? [] : [line];
      return [line.split(by).filter(keep).join(by)];
    });
    printLines(invocation, lines);
  });
}

/** Undefined for what is no list of ranges. */
function rangesOf(list: string): readonly { readonly low: number; readonly high: number }[] | undefined {
  const ranges = list.split(",").map((range) => {
    const [whole, low, dash, high] = /^(\d{0,6})(-?)(\d{0,6})$/.exec(range) ?? [];
    const from = low === "" ? 1 : Number(low);
    const to = dash === "" ? from : high === "" ? Infinity : Number(high);
    const isRange = whole !== undefined && whole !== "" && whole !== "-" && from > 0 && to >= from;
    return isRange ? { low: from, high: to } : undefined;
  });
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}

function paste(invocation: Invocation): number {
  const options = parseOptions(invocation, ["s", "d:", "serial", "delimiters:"]);
  const { operands } = options;
  const list = (options.last("d", "delimiters") ?? "\t").replaceAll("\\n", "\n").replaceAll("\\t", "\t");
  if (list === "" || list.includes("\\") || operands.filter((path) => path === "-").length > 1)
    return invocation.refuse("paste so called");
  const isFolder = (path: string) =>
    invocation.world.files.find(path, invocation.shell.directory)?.type === "directory";
  // It is opened, and cannot be read.
  if (operands.some(isFolder)) return invocation.refuse("paste of a directory");
  const texts = (operands.length === 0 ? ["-"] : operands).map((path) => readText(invocation, path));
  const files = texts.flatMap((text) => (text === undefined ? [] : [linesOf(text)]));
  const joined = (parts: readonly string[]) =>
    parts.reduce((line, part, index) => (index === 0 ? part : line + list[(index - 1) % list.length]! + part), "");
  if (options.has("s", "serial")) {
    for (const lines of files) printLine(invocation, joined(lines));
    return texts.includes(undefined) ? 1 : 0;
  }
  if (texts.includes(undefined)) return 1;
  const rows = Math.max(...files.map(({ length }) => length));
  for (let row = 0; row < rows; row++) printLine(invocation, joined(files.map((lines) => lines[row] ?? "")));
  return 0;
}
