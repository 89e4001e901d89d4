/** sed(1): `s`, `d`, `p`, `q`, blocks and addresses, which is what maintainer scripts use; the rest is refused. */
import { displayBytes } from "../../../../core/index.ts";
import type { RegularExpression } from "../regular-expression.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";
import { type Action, type Address, type Instruction, parseScript } from "./sed-script.ts";
import { eachText, readText } from "./text.ts";

export const SED_COMMANDS: CommandTable = { sed };

function sed(invocation: Invocation): number {
  const options = parseOptions(invocation, [
    "n",
    "e:",
    "E",
    "r",
    "i",
    "s",
    "quiet",
    "silent",
    "expression:",
    "in-place",
    "regexp-extended",
  ]);
  const given = [...(options.values.get("e") ?? []), ...(options.values.get("expression") ?? [])];
  const script = given.length > 0 ? given.join("\n") : options.operands[0];
  const paths = given.length > 0 ? options.operands : options.operands.slice(1);
  if (script === undefined) return invocation.refuse("sed without a script");
  const extended = options.has("E", "r", "regexp-extended");
  const quiet = options.has("n", "quiet", "silent");
  const edit = (text: string) => run(parseScript(script, extended, invocation), text, quiet, invocation);

  if (!options.has("i", "in-place")) {
    let input = "";
    const status = eachText(
      invocation,
      paths,
      (text) => (input += text === "" || text.endsWith("\n") ? text : `${text}\n`),
    );
    invocation.print(edit(input));
    return status === 0 ? 0 : 2;
  }
  for (const path of paths) {
    const { files } = invocation.world;
    const place = files.resolve(path, invocation.shell.directory, false);
    if (files.get(place)?.type !== "file")
      return invocation.refuse(`sed -i of ${displayBytes(path)}, which is no plain file,`);
    const text = readText(invocation, path);
    if (text !== undefined && !text.endsWith("\n") && text !== "")
      invocation.refuse("sed -i of a file without a last line end");
    files.write(place, edit(text ?? ""), 0o644);
  }
  return 0;
}

function run(script: readonly Instruction[], text: string, quiet: boolean, invocation: Invocation): string {
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const out: string[] = [];
  /** The expression that an empty one stands for. */
  let recent: RegularExpression | undefined;
  let quit = false;

  const lookUp = (expression: RegularExpression | undefined): RegularExpression => {
    recent = expression ?? recent ?? invocation.refuse("sed with an empty first expression");
    return recent;
  };
  const meets = (address: Address, line: string, number: number): boolean => {
    if (address.kind === "line") return number === address.number;
    if (address.kind === "last") return number === lines.length;
    return lookUp(address.expression).match(line) !== undefined;
  };
  const selects = (instruction: Instruction, line: string, number: number): boolean => {
    const { from, to } = instruction;
    if (!from) return true;
    if (!to) return meets(from, line, number);
    if (instruction.active) {
      if (to.kind === "line" ? number >= to.number : meets(to, line, number)) instruction.active = false;
      // A range whose last line is already past is its first line only.
      return to.kind !== "line" || number <= to.number;
    }
    const zero = from.kind === "line" && from.number === 0;
    if (zero ? number !== 1 : !meets(from, line, number)) return false;
    instruction.active = true;
    if (zero && meets(to, line, number)) instruction.active = false;
    else if (to.kind === "line" && to.number <= number) instruction.active = false;
    else if (to.kind === "last" && number === lines.length) instruction.active = false;
    return true;
  };
  /** The line afterwards; undefined where it is deleted. */
  const apply = (instructions: readonly Instruction[], start: string, number: number): string | undefined => {
    let line = start;
    for (const instruction of instructions) {
      invocation.world.step();
      if (selects(instruction, line, number) === instruction.negated) continue;
      const { action } = instruction;
      if (action.kind === "delete") return undefined;
      if (action.kind === "print") out.push(line);
      else if (action.kind === "quit") {
        quit = true;
        return line;
      } else if (action.kind === "block") {
        const after = apply(action.body, line, number);
        if (after === undefined || quit) return after;
        line = after;
      } else {
        const changed = substitute(line, lookUp(action.expression), action);
        if (changed === undefined) continue;
        line = changed;
        if (action.print) out.push(line);
      }
    }
    return line;
  };

  for (const [index, line] of lines.entries()) {
    const after = apply(script, line, index + 1);
    if (after !== undefined && !quiet) out.push(after);
    if (quit) break;
  }
  return out.map((line) => `${line}\n`).join("");
}

function substitute(
  line: string,
  expression: RegularExpression,
  action: Action & { kind: "substitute" },
): string | undefined {
  let result = "";
  let at = 0;
  let count = 0;
  let previous = -1;
  let changed = false;
  while (at <= line.length) {
    const match = expression.match(line, at);
    if (!match) break;
    // Right behind a match there is no empty one.
    if (match.end === match.start && match.start === previous) {
      result += line[at++] ?? "";
      continue;
    }
    previous = match.end;
    count++;
    result += line.slice(at, match.start);
    if (count >= action.nth) {
      result += action.replacement
        .map((piece) => (typeof piece === "string" ? piece : (match.groups[piece] ?? "")))
        .join("");
      changed = true;
    } else result += line.slice(match.start, match.end);
    at = match.end;
    // An empty match takes the next character along, so that the search goes on behind it.
    if (match.end === match.start) result += line[at++] ?? "";
    if (changed && !action.all) break;
  }
  return changed ? result + line.slice(at) : undefined;
}
