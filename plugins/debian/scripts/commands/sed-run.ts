/** Runs a sed script over lines, with a pattern space and a hold space, in the order that GNU sed has. */
import { NotCovered } from "../shell/state.ts";
import type { RegularExpression } from "../regular-expression/expression.ts";
import type { Invocation } from "../world.ts";
import type { Action, Address, Instruction, Substitution } from "./sed-script.ts";

export interface Line {
  readonly text: string;
  /** Whether a newline stood behind it. */
  readonly ended: boolean;
}

export interface SedResult {
  readonly output: string;
  readonly status: number;
  readonly quit: boolean;
}

const MAX_SPACE = 4 * 1024 * 1024;
/** Of looking at one instruction, in bytes handled. */
const COST = 20;

export function runScript(
  program: readonly Instruction[],
  lines: readonly Line[],
  quiet: boolean,
  invocation: Invocation,
): SedResult {
  const { spend } = invocation.world;
  const out = createOutput(spend);
  const ranges = program.map(({ from }) => ({
    state: from?.kind === "line" && from.number === 0 ? "active" : "inactive",
    end: 0,
  }));
  /** Of the line that was read last, from 1. */
  let number = 0;
  let space = "";
  let ended = true;
  /** A copied text takes along whether it ends in a newline. */
  let hold: Line = { text: "", ended: true };
  let replaced = false;
  /** What `a` prints at the end of the cycle. */
  let appended = "";
  /** The expression that an empty one stands for. */
  let recent: RegularExpression | undefined;

  const lookUp = (expression: RegularExpression | undefined): RegularExpression => {
    recent = expression ?? recent ?? invocation.refuse("sed with an empty first expression");
    return recent;
  };
  const isLast = () => number >= lines.length;
  const meets = (address: Address): boolean => {
    switch (address.kind) {
      case "line":
        return number === address.number;
      case "every":
        return (
          number >= address.first &&
          (address.step === 0 ? number === address.first : (number - address.first) % address.step === 0)
        );
      case "last":
        return isLast();
      case "match":
        return lookUp(address.expression).test(space);
    }
  };
  const selects = (index: number): boolean => {
    const { from, to } = program[index]!;
    if (!from) return true;
    if (!to) return meets(from);
    const range = ranges[index]!;
    const isNew = range.state !== "active";
    if (isNew) {
      const starts = from.kind === "line" ? range.state !== "closed" && number >= from.number : meets(from);
      if (!starts) return false;
      range.state = "active";
      if (to.kind === "match") return true;
      if (to.kind === "after") range.end = number + to.number;
      if (to.kind === "multiple") range.end = number + to.number - (number % to.number);
      if (to.kind === "after" || to.kind === "multiple") return true;
    }
    if (to.kind === "line") {
      if (number >= to.number) range.state = "closed";
      return number <= to.number || (isNew && meets(from));
    }
    const isOver = range.end > 0 ? number >= range.end : meets(to as Address);
    if (isOver) range.state = "closed";
    return true;
  };
  const readLine = (append: boolean): void => {
    if (appended !== "") out.text(appended);
    appended = "";
    replaced = false;
    const line = lines[number++]!;
    space = append ? `${space}\n${line.text}` : line.text;
    ended = line.ended;
  };
  const checkSize = (text: string): string => {
    spend(text.length);
    if (text.length > MAX_SPACE) throw new NotCovered(`sed's text grows beyond ${MAX_SPACE} bytes`);
    return text;
  };

  /** One cycle from an instruction on: what comes next. */
  const cycle = ():
    | { readonly next: "print" | "delete" | "restart" }
    | { readonly quit: "q" | "Q"; status: number } => {
    for (let index = 0; index < program.length;) {
      spend(COST);
      const { negated, action } = program[index]!;
      const isSelected = selects(index) !== negated;
      index++;
      if (!isSelected) {
        if (action.kind === "{") index = action.to;
        continue;
      }
      switch (action.kind) {
        case "{":
        case "}":
          break;
        case "b":
          index = action.to;
          break;
        case "t":
        case "T":
          if (replaced === (action.kind === "t")) index = action.to;
          replaced = false;
          break;
        case "c":
          out.text(action.text);
          return { next: "delete" };
        case "d":
          return { next: "delete" };
        case "D": {
          const end = space.indexOf("\n");
          if (end < 0) return { next: "delete" };
          space = space.slice(end + 1);
          return { next: "restart" };
        }
        case "q":
        case "Q":
          return { quit: action.kind, status: action.status };
        case "n":
          if (!quiet) out.line(space, ended);
          if (isLast()) return { next: "delete" };
          readLine(false);
          break;
        case "N":
          if (isLast()) return { next: "print" };
          readLine(true);
          checkSize(space);
          break;
        default:
          simple(action);
      }
    }
    return { next: "print" };
  };
  const simple = (
    action: Exclude<Action, { kind: "{" | "}" | "b" | "c" | "t" | "T" | "d" | "D" | "q" | "Q" | "n" | "N" }>,
  ) => {
    switch (action.kind) {
      case "p":
        return out.line(space, ended);
      case "P":
        return space.includes("\n") ? out.line(space.split("\n", 1)[0]!, true) : out.line(space, ended);
      case "=":
        return out.line(String(number), true);
      case "i":
        return out.text(action.text);
      case "a":
        appended = checkSize(appended + action.text);
        return;
      case "g":
        space = checkSize(hold.text);
        ended = hold.ended;
        return;
      case "G":
        space = checkSize(`${space}\n${hold.text}`);
        ended = hold.ended;
        return;
      case "h":
        hold = { text: checkSize(space), ended };
        return;
      case "H":
        hold = { text: checkSize(`${hold.text}\n${space}`), ended };
        return;
      case "x":
        [space, ended, hold] = [hold.text, hold.ended, { text: space, ended }];
        return;
      case "y":
        space = [...checkSize(space)].map((char) => action.map.get(char) ?? char).join("");
        return;
      case "s": {
        const changed = substitute(space, lookUp(action.expression), action, checkSize);
        if (changed === undefined) return;
        replaced = true;
        space = changed;
        if (action.print) out.line(space, ended);
      }
    }
  };

  let restart = false;
  while (restart || !isLast()) {
    if (!restart) readLine(false);
    restart = false;
    const result = cycle();
    if ("quit" in result) {
      if (result.quit === "q" && !quiet) out.line(space, ended);
      // What `a` left is printed even where there is none, so that a newline that lacks is added.
      if (result.quit === "q") out.text(appended);
      return { output: out.all(), status: result.status, quit: true };
    }
    if (result.next === "print" && !quiet) out.line(space, ended);
    restart = result.next === "restart";
    // A restarted cycle reads no line, so what `a` left is printed at once.
    if (appended !== "" && (restart || isLast())) {
      out.text(appended);
      appended = "";
    }
  }
  return { output: out.all(), status: 0, quit: false };
}

/** A line that came without a newline gets one as soon as something follows it. */
function createOutput(spend: (units: number) => void) {
  const pieces: string[] = [];
  let size = 0;
  let lacksNewline = false;
  const text = (value: string) => {
    const piece = lacksNewline ? `\n${value}` : value;
    lacksNewline = false;
    size += piece.length;
    spend(piece.length);
    if (size > MAX_SPACE) throw new NotCovered(`sed prints more than ${MAX_SPACE} bytes`);
    pieces.push(piece);
  };
  return {
    text,
    line(value: string, ended: boolean) {
      text(ended ? `${value}\n` : value);
      lacksNewline = !ended;
    },
    all: () => pieces.join(""),
  };
}

function substitute(
  line: string,
  expression: RegularExpression,
  { replacement, nth, all }: Substitution,
  checkSize: (text: string) => string,
): string | undefined {
  const wantsGroups = replacement.some((piece) => typeof piece === "number" && piece > 0);
  const pieces: string[] = [];
  let size = 0;
  const add = (piece: string) => {
    size += piece.length;
    if (size > MAX_SPACE) throw new NotCovered(`sed's text grows beyond ${MAX_SPACE} bytes`);
    pieces.push(piece);
  };
  let at = 0;
  let count = 0;
  let previous = -1;
  let changed = false;
  const goesOn = () => all || !changed;
  while (at <= line.length && goesOn()) {
    const match = expression.find(line, at);
    if (!match) break;
    add(line.slice(at, match.start));
    // Right behind a match there is no empty one.
    const counts = match.end > match.start || match.start !== previous;
    if (counts && ++count >= nth) {
      const groups = wantsGroups ? expression.groups(line, match) : [line.slice(match.start, match.end)];
      for (const piece of replacement) add(typeof piece === "string" ? piece : (groups[piece] ?? ""));
      changed = true;
    } else add(line.slice(match.start, match.end));
    previous = match.end;
    at = match.end;
    // An empty match takes the next character along, so that the search goes on behind it.
    if (match.end === match.start && goesOn()) add(line[at++] ?? "");
  }
  if (!changed) return undefined;
  add(line.slice(at));
  return checkSize(pieces.join(""));
}
