/** Commands that print, and filters of lines (coreutils, dash's builtins), byte by byte as in the C locale. */
import { createHash } from "node:crypto";
import { displayBytes } from "../../../../core/index.ts";
import { FileSystemError } from "../file-system.ts";
import { testCommand } from "../shell/test-command.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";
import { formatPrintf, unescapeEcho } from "./printf.ts";

export const TEXT_COMMANDS: CommandTable = {
  "[": testCommand,
  test: testCommand,
  true: () => 0,
  false: () => 1,
  echo(invocation) {
    const args = [...invocation.args];
    const newline = args[0] !== "-n";
    if (!newline) args.shift();
    const isBash = invocation.shell.source.dialect === "bash";
    if (isBash && /^-[neE]+$/.test(args[0] ?? "")) return invocation.refuse(`echo ${args[0]}`);
    const text = args.join(" ");
    const { out, stop } = isBash ? { out: text, stop: false } : unescapeEcho(text);
    invocation.print(out + (newline && !stop ? "\n" : ""));
    return 0;
  },
  printf(invocation) {
    const args = invocation.args[0] === "--" ? invocation.args.slice(1) : invocation.args;
    invocation.print(formatPrintf(args[0] ?? "", args.slice(1), invocation));
    return 0;
  },
  cat(invocation) {
    const { operands } = parseOptions(invocation, ["u"]);
    return eachText(invocation, operands, (text) => invocation.print(text));
  },
  pwd(invocation) {
    const { directory, namedDirectory } = invocation.shell;
    const [option = "-L"] = invocation.args;
    if (invocation.args.length > 1 || !/^-[LP]$/.test(option)) return invocation.refuse("pwd with such options");
    return printLine(invocation, option === "-P" ? directory : namedDirectory);
  },
  basename(invocation) {
    const { operands } = parseOptions(invocation, [], { ordered: true });
    const [path, suffix] = operands;
    if (path === undefined || operands.length > 2) return invocation.refuse("basename with such operands");
    const name = path.replace(/\/+$/, "").split("/").at(-1)! || "/";
    const cut = suffix !== undefined && name !== suffix && name.endsWith(suffix);
    return printLine(invocation, cut ? name.slice(0, name.length - suffix.length) : name);
  },
  dirname(invocation) {
    const { operands } = parseOptions(invocation, []);
    for (const path of operands) {
      const trimmed = path.replace(/\/+$/, "");
      const slash = trimmed.lastIndexOf("/");
      const parent = slash < 0 ? "." : trimmed.slice(0, slash).replace(/\/+$/, "") || "/";
      printLine(invocation, trimmed === "" && path !== "" ? "/" : parent);
    }
    return 0;
  },
  head: (invocation) => headOrTail(invocation, (items, count) => items.slice(0, count)),
  tail: (invocation) => headOrTail(invocation, (items, count) => (count === 0 ? [] : items.slice(-count))),
  wc(invocation) {
    const options = parseOptions(invocation, ["l", "c", "w"]);
    if (options.values.size !== 1 || options.operands.length > 0) return invocation.refuse("wc with such options");
    const text = invocation.readInput();
    const count = options.has("c")
      ? text.length
      : options.has("l")
        ? text.split("\n").length - 1
        : text.split(/\s+/).filter((word) => word !== "").length;
    return printLine(invocation, String(count));
  },
  sort(invocation) {
    const options = parseOptions(invocation, ["u", "r", "n", "g"]);
    let text = "";
    const status = eachText(invocation, options.operands, (piece) => (text += piece));
    const numeric = options.has("n", "g");
    if (numeric && options.has("u")) return invocation.refuse("sort -nu");
    // Ties go by bytes, as sort's last resort has it.
    const byBytes = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
    const valueOf = (line: string) => Number(/^\s*(-?[0-9]*\.?[0-9]*)/.exec(line)![1]) || 0;
    const lines = [...linesOf(text)].sort((a, b) => (numeric ? valueOf(a) - valueOf(b) : 0) || byBytes(a, b));
    const kept = options.has("u") ? [...new Set(lines)] : lines;
    printLines(invocation, options.has("r") ? kept.reverse() : kept);
    return status;
  },
  uniq(invocation) {
    const options = parseOptions(invocation, ["c", "d", "u"]);
    if (options.operands.length > 0) return invocation.refuse("uniq with files");
    const runs: { line: string; count: number }[] = [];
    for (const line of linesOf(invocation.readInput())) {
      const last = runs.at(-1);
      if (last?.line === line) last.count++;
      else runs.push({ line, count: 1 });
    }
    const kept = runs.filter(({ count }) => (count > 1 ? !options.has("u") : !options.has("d")));
    printLines(
      invocation,
      kept.map(({ line, count }) => (options.has("c") ? `${String(count).padStart(7)} ${line}` : line)),
    );
    return 0;
  },
  cut,
  tr,
  seq(invocation) {
    const numbers = invocation.args.map((arg) => (/^-?\d{1,6}$/.test(arg) ? Number(arg) : Number.NaN));
    if (numbers.length < 1 || numbers.length > 3 || numbers.some(Number.isNaN))
      return invocation.refuse("seq with such operands");
    const first = numbers.length > 1 ? numbers[0]! : 1;
    const step = numbers.length > 2 ? numbers[1]! : 1;
    const last = numbers.at(-1)!;
    if (step === 0 || Math.abs((last - first) / step) > 10_000) return invocation.refuse("seq of such a length");
    const lines: string[] = [];
    for (let value = first; step > 0 ? value <= last : value >= last; value += step) lines.push(String(value));
    printLines(invocation, lines);
    return 0;
  },
  md5sum: (invocation) => checksum(invocation, "md5"),
  sha1sum: (invocation) => checksum(invocation, "sha1"),
  sha256sum: (invocation) => checksum(invocation, "sha256"),
  sha512sum: (invocation) => checksum(invocation, "sha512"),
  cmp(invocation) {
    const { operands } = parseOptions(invocation, ["s", "q", "quiet", "silent"]);
    if (operands.length !== 2) return invocation.refuse("cmp with such operands");
    const texts = operands.map((path) => readText(invocation, path));
    if (texts.includes(undefined)) return 2;
    if (texts[0] === texts[1]) return 0;
    invocation.print("differ\n");
    return 1;
  },
};

export function printLine(invocation: Invocation, line: string): number {
  invocation.print(`${line}\n`);
  return 0;
}

export function printLines(invocation: Invocation, lines: readonly string[]): void {
  if (lines.length > 0) invocation.print(`${lines.join("\n")}\n`);
}

/** Lines without their ends; a last line without one counts. */
export function linesOf(text: string): readonly string[] {
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

/** A file's text; undefined, and a message unless it is `quiet`, where it cannot be read. */
export function readText(invocation: Invocation, path: string, quiet = false): string | undefined {
  const { world, shell } = invocation;
  if (path === "-") return invocation.readInput();
  if (path === "/dev/null") return "";
  if (/^\/(dev|proc|sys)\//.test(path)) return invocation.refuse(`reading ${displayBytes(path)}`);
  try {
    return world.files.read(world.files.resolve(path, shell.directory));
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    if (!quiet) invocation.printError(`${invocation.name}: ${path}: ${error.message}\n`);
    return undefined;
  }
}

/** All operands in order, or standard input without any. The status is 1 once one cannot be read. */
export function eachText(invocation: Invocation, paths: readonly string[], use: (text: string) => void): number {
  let status = 0;
  for (const path of paths.length === 0 ? ["-"] : paths) {
    const text = readText(invocation, path);
    if (text === undefined) status = 1;
    else use(text);
  }
  return status;
}

function headOrTail(
  invocation: Invocation,
  pick: (items: readonly string[], count: number) => readonly string[],
): number {
  const args = invocation.args.map((arg) => (/^-\d{1,6}$/.test(arg) ? `-n${arg.slice(1)}` : arg));
  const options = parseOptions(invocation, ["n:", "c:", "q", "lines:", "bytes:"], { args });
  if (options.operands.length > 1) return invocation.refuse(`${invocation.name} of several files`);
  const bytes = options.last("c", "bytes");
  const count = bytes ?? options.last("n", "lines") ?? "10";
  if (!/^\d{1,6}$/.test(count)) return invocation.refuse(`${invocation.name} -n ${displayBytes(count)}`);
  return eachText(invocation, options.operands, (text) => {
    const items = bytes === undefined ? (text.match(/[^\n]*\n|[^\n]+$/g) ?? []) : [...text];
    invocation.print(pick(items, Number(count)).join(""));
  });
}

function cut(invocation: Invocation): number {
  const options = parseOptions(invocation, ["d:", "f:", "c:", "b:", "s", "delimiter:", "fields:"]);
  const fields = options.last("f", "fields");
  const list = fields ?? options.last("c", "b");
  const delimiter = options.last("d", "delimiter") ?? "\t";
  if (list === undefined || delimiter.length !== 1) return invocation.refuse("cut with such options");
  const ranges = list.split(",").map((range) => {
    const [, low, dash, high] =
      /^(\d{0,6})(-?)(\d{0,6})$/.exec(range) ?? invocation.refuse(`cut -f ${displayBytes(list)}`);
    if (low === "" && high === "") invocation.refuse(`cut -f ${displayBytes(list)}`);
    return {
      low: low === "" ? 1 : Number(low),
      high: dash === "" ? Number(low) : high === "" ? Infinity : Number(high),
    };
  });
  const keep = (_item: unknown, index: number) => ranges.some(({ low, high }) => index + 1 >= low && index + 1 <= high);
  return eachText(invocation, options.operands, (text) => {
    const lines = linesOf(text).flatMap((line) => {
      if (fields === undefined) return [[...line].filter(keep).join("")];
      if (!line.includes(delimiter)) return options.has("s") ? [] : [line];
      return [line.split(delimiter).filter(keep).join(delimiter)];
    });
    printLines(invocation, lines);
  });
}

function tr(invocation: Invocation): number {
  const options = parseOptions(invocation, ["d", "s", "c", "C"], { ordered: true });
  const [from, to] = options.operands.map((set) => expandSet(set, invocation));
  if (from === undefined || (to === undefined) !== options.has("d") || options.has("s")) {
    return invocation.refuse(`tr ${displayBytes(invocation.args.join(" "))}`);
  }
  const complement = options.has("c", "C");
  if (complement && to !== undefined) return invocation.refuse("tr -c with two sets");
  const places = new Map([...from].map((char, index) => [char, index]));
  const result = [...invocation.readInput()].map((char) => {
    const index = places.get(char);
    if (to === undefined) return (index === undefined) === complement ? "" : char;
    return index === undefined ? char : (to[Math.min(index, to.length - 1)] ?? char);
  });
  invocation.print(result.join(""));
  return 0;
}

function expandSet(text: string, invocation: Invocation): string {
  const classes: Readonly<Record<string, string>> = {
    "[:upper:]": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "[:lower:]": "abcdefghijklmnopqrstuvwxyz",
    "[:digit:]": "0123456789",
    "[:space:]": "\t\n\v\f\r ",
    "[:blank:]": "\t ",
  };
  const named = classes[text];
  if (named !== undefined) return named;
  if (text.includes("[:") || text.includes("[=")) return invocation.refuse(`tr ${displayBytes(text)}`);
  const plain = text.replace(/\\([nt\\]|[0-7]{1,3})/g, (_match, code: string) =>
    code === "n"
      ? "\n"
      : code === "t"
        ? "\t"
        : code === "\\"
          ? "\\"
          : String.fromCharCode(Number.parseInt(code, 8) & 255),
  );
  return plain.replace(/([\s\S])-([\s\S])/g, (_match, low: string, high: string) => {
    if (low > high) return invocation.refuse(`tr ${displayBytes(text)}`);
    let range = "";
    for (let code = low.charCodeAt(0); code <= high.charCodeAt(0); code++) range += String.fromCharCode(code);
    return range;
  });
}

function checksum(invocation: Invocation, algorithm: string): number {
  const { operands } = parseOptions(invocation, ["b", "t"]);
  let status = 0;
  for (const path of operands.length === 0 ? ["-"] : operands) {
    const text = readText(invocation, path);
    if (text === undefined) status = 1;
    else {
      const digest = createHash(algorithm).update(Buffer.from(text, "latin1")).digest("hex");
      printLine(invocation, `${digest}  ${path}`);
    }
  }
  return status;
}
