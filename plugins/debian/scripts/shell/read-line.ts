/** The builtin `read`: a line of standard input, split at IFS into variables (POSIX 2.6.5 for its fields). */
import { displayBytes } from "../../../../core/index.ts";
import { DISCARD, NotCovered, type Shell, setVariable } from "./state.ts";

/** What dash gives for wrong arguments. */
const MISUSED = 2;

/** Of a character that is looked at, in bytes handled. */
const CHARACTER_COST = 5;

export function readLine(args: readonly string[], shell: Shell, spend: (units: number) => void): number {
  const raw = args[0] === "-r";
  const names = raw ? args.slice(1) : args;
  if (names.some((name) => !/^[A-Za-z_]\w*$/.test(name)))
    throw new NotCovered(`read ${displayBytes(args.join(" "))} is not supported`);
  if (names.length === 0 && shell.source.dialect === "sh") {
    (shell.outputs.get(2) ?? DISCARD).write("read: arg count\n");
    return MISUSED;
  }
  const input = shell.inputs.get(0);
  if (!input) return 1;
  const start = input.position;
  let line = "";
  /** Which characters a backslash made ordinary. */
  const literal = new Set<number>();
  let ended = false;
  while (input.position < input.text.length) {
    const char = input.text[input.position++]!;
    if (char === "\n") {
      ended = true;
      break;
    }
    if (char === "\\" && !raw) {
      const next = input.text[input.position++];
      if (next === undefined || next === "\n") continue;
      literal.add(line.length);
      line += next;
    } else line += char;
  }
  spend(CHARACTER_COST * (input.position - start));
  if (line.includes("\0")) throw new NotCovered("read of a NUL is not supported");
  if (names.length === 0) setVariable(shell, "REPLY", line);
  else assignFields(line, literal, names, shell);
  return ended ? 0 : 1;
}

function assignFields(line: string, literal: ReadonlySet<number>, names: readonly string[], shell: Shell): void {
  const separators = shell.variables.get("IFS") ?? " \t\n";
  const isSeparator = (at: number) => at < line.length && separators.includes(line[at]!) && !literal.has(at);
  const isSpace = (at: number) => isSeparator(at) && " \t\n".includes(line[at]!);
  const pastSpaces = (start: number): number => {
    let at = start;
    while (isSpace(at)) at++;
    return at;
  };
  const endOfField = (start: number): number => {
    let at = start;
    while (at < line.length && !isSeparator(at)) at++;
    return at;
  };
  /** Behind white space with one other separator in it. */
  const pastSeparator = (end: number): number => {
    const at = pastSpaces(end);
    return isSeparator(at) ? pastSpaces(at + 1) : at;
  };
  let at = pastSpaces(0);
  for (const name of names.slice(0, -1)) {
    const end = endOfField(at);
    setVariable(shell, name, line.slice(at, end));
    at = pastSeparator(end);
  }
  // The last variable takes all that is left; of a single field not even the separator behind it.
  const end = endOfField(at);
  let last = line.length;
  if (pastSeparator(end) >= line.length) last = end;
  else while (last > at && isSpace(last - 1)) last--;
  setVariable(shell, names.at(-1)!, line.slice(at, last));
}
