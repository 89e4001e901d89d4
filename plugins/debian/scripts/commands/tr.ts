/** tr(1) of coreutils: bytes translated, deleted or squeezed. */
import { displayBytes } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";

export const TR_COMMANDS: CommandTable = { tr };

function tr(invocation: Invocation): number {
  const options = parseOptions(invocation, ["d", "s", "c", "C", "delete", "squeeze-repeats", "complement"], {
    ordered: true,
  });
  const [deletes, squeezes] = [options.has("d", "delete"), options.has("s", "squeeze-repeats")];
  const complement = options.has("c", "C", "complement");
  const [first, second, ...more] = options.operands;
  const refuse = (): never => invocation.refuse(`tr ${displayBytes(invocation.args.join(" "))}`);
  if (first === undefined || more.length > 0) return refuse();
  // One set with one of the two options, and two with both or none: all else is an error, or has rules of its own.
  if ((second === undefined) !== (deletes !== squeezes) && !(squeezes && !deletes && second !== undefined))
    return refuse();
  const from = expandSet(first, invocation);
  const to = second === undefined ? undefined : expandSet(second, invocation);
  const places = new Map([...from].map((char, index) => [char, index]));
  const isNamed = (char: string) => places.has(char) !== complement;
  let text = [...invocation.readInput()];
  invocation.world.spend(3 * text.length);
  if (deletes) text = text.filter((char) => !isNamed(char));
  else if (to !== undefined) {
    checkTarget(first, second!, to, refuse);
    if (complement && to.length !== 1) refuse();
    const translate = (char: string) => to[Math.min(complement ? 0 : places.get(char)!, to.length - 1)]!;
    text = text.map((char) => (isNamed(char) ? translate(char) : char));
  }
  if (squeezes) {
    const isSqueezed = to === undefined ? isNamed : (char: string) => to.includes(char);
    text = text.filter((char, index) => index === 0 || char !== text[index - 1] || !isSqueezed(char));
  }
  invocation.print(text.join(""));
  return 0;
}

/** Classes in the second set stand only for the other case of the same place. */
function checkTarget(first: string, second: string, to: string, refuse: () => never): void {
  const pair = `${first} ${second}`;
  const changesCase = pair === "[:lower:] [:upper:]" || pair === "[:upper:] [:lower:]";
  if (to === "" || (second.includes("[:") && !changesCase)) refuse();
  if (/\[:(upper|lower):\]/.test(first) && second.includes("[:") && !changesCase) refuse();
}

const range = (low: string, high: string): string => {
  let text = "";
  for (let code = low.charCodeAt(0); code <= high.charCodeAt(0); code++) text += String.fromCharCode(code);
  return text;
};
const [UPPER, LOWER, DIGIT] = [range("A", "Z"), range("a", "z"), range("0", "9")];

/** In the order of their codes. */
const CLASSES: Readonly<Record<string, string>> = {
  upper: UPPER,
  lower: LOWER,
  digit: DIGIT,
  alpha: UPPER + LOWER,
  alnum: DIGIT + UPPER + LOWER,
  space: "\t\n\v\f\r ",
  blank: "\t ",
  cntrl: `${range("\0", "\x1f")}\x7f`,
  print: range(" ", "~"),
  graph: range("!", "~"),
  punct: range("!", "/") + range(":", "@") + range("[", "`") + range("{", "~"),
  xdigit: `${DIGIT}ABCDEFabcdef`,
};

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

function expandSet(text: string, invocation: Invocation): string {
  const refuse = (): never => invocation.refuse(`tr ${displayBytes(text)}`);
  let set = "";
  let at = 0;
  const member = (): { readonly char: string; readonly escaped: boolean } => {
    const char = text[at++]!;
    if (char !== "\\") return { char, escaped: false };
    const octal = /^[0-3]?[0-7]{1,2}/.exec(text.slice(at, at + 3))?.[0];
    at += octal?.length ?? 1;
    if (octal !== undefined) return { char: String.fromCharCode(Number.parseInt(octal, 8)), escaped: true };
    return { char: ESCAPES[text[at - 1] ?? ""] ?? refuse(), escaped: true };
  };
  while (at < text.length) {
    const named = /^\[:([a-z]+):\]/.exec(text.slice(at))?.[1];
    if (named !== undefined) {
      set += CLASSES[named] ?? refuse();
      at += named.length + 4;
      continue;
    }
    // Repetitions and equivalence classes.
    if (/^\[(=|[:]|\\?[\s\S]\*)/.test(text.slice(at))) refuse();
    const low = member();
    if (text[at] !== "-" || at + 1 >= text.length) {
      set += low.char;
      continue;
    }
    at++;
    if (text.startsWith("[:", at)) refuse();
    const high = member();
    set += low.char <= high.char ? range(low.char, high.char) : refuse();
  }
  return set;
}
