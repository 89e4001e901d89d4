/** The words of awk programs. What the awks of Debian read each in their own way is refused. */
import { displayBytes } from "../../../../core/index.ts";
import { NotCovered } from "../shell/state.ts";

export interface Token {
  readonly kind: "number" | "string" | "expression" | "name" | "function" | "keyword" | "newline" | "end" | "sign";
  /** A string's and a regular expression's content, else as it is written. */
  readonly text: string;
  /** Whether a parenthesis follows at once: a call, if it is a name. */
  readonly called: boolean;
}

const KEYWORDS = new Set(
  "BEGIN END break continue delete do else exit for if in next print printf return while".split(" "),
);
export const FUNCTIONS = new Set("gsub index int length match split sprintf sub substr tolower toupper".split(" "));
const REFUSED = new Set(
  `function func getline nextfile system close fflush rand srand sqrt exp log sin cos atan2 systime strftime mktime toupperstr
   gensub asort asorti strtonum and or xor compl lshift rshift delarray BEGINFILE ENDFILE switch case default`.split(
    /\s+/,
  ),
);

const SIGNS = /^(?:\+=|-=|\*=|\/=|%=|\^=|==|<=|>=|!=|!~|\+\+|--|&&|\|\||>>|[{}()[\];,+\-*%^!<>|?:~$=/])/;

export function refuseAwk(what: string): never {
  throw new NotCovered(`awk: ${what} is not supported`);
}

export function tokensOf(program: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const add = (kind: Token["kind"], text: string, length: number) => {
    at += length;
    tokens.push({ kind, text, called: program[at] === "(" });
  };
  while (at < program.length) {
    const rest = program.slice(at);
    const skipped = /^(?:[ \t\r]|\\\n|#[^\n]*)+/.exec(rest)?.[0];
    if (skipped !== undefined) at += skipped.length;
    else if (rest[0] === "\n") add("newline", "\n", 1);
    else if (rest[0] === '"') {
      const { text, length } = stringAt(rest);
      add("string", text, length);
    } else if (rest[0] === "/" && !isValue(tokens.at(-1))) {
      const { text, length } = expressionAt(rest);
      add("expression", text, length);
    } else {
      const number = /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(rest)?.[0];
      const name = /^[A-Za-z_]\w*/.exec(rest)?.[0];
      const sign = SIGNS.exec(rest)?.[0];
      if (number !== undefined) {
        if (/^[A-Za-z_]/.test(rest.slice(number.length))) refuseAwk(`the number ${displayBytes(rest.slice(0, 20))}`);
        add("number", number, number.length);
      } else if (name !== undefined) {
        if (REFUSED.has(name)) refuseAwk(name);
        add(KEYWORDS.has(name) ? "keyword" : FUNCTIONS.has(name) ? "function" : "name", name, name.length);
      } else if (sign !== undefined && !rest.startsWith("**")) add("sign", sign, sign.length);
      else refuseAwk(displayBytes(rest.slice(0, 20)));
    }
  }
  tokens.push({ kind: "end", text: "", called: false });
  return tokens;
}

/** After a value, a slash divides. */
function isValue(token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind === "function") return token.text === "length";
  return /^(number|string|expression|name)$/.test(token.kind) || /^(\)|\]|\$|\+\+|--)$/.test(token.text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
};

function stringAt(rest: string): { readonly text: string; readonly length: number } {
  const raw = /^"((?:[^"\\\n]|\\[\s\S])*)"/.exec(rest)?.[1] ?? refuseAwk("a string without its end");
  return { text: unescapeString(raw), length: raw.length + 2 };
}

/** As in a program's strings and in what `-v` gives. */
export function unescapeString(raw: string): string {
  return raw.replaceAll(/\\([0-7]{1,3}|[\s\S]|$)/g, (whole, code: string) => {
    if (/^[0-7]/.test(code)) {
      const value = Number.parseInt(code, 8);
      return value > 0 && value < 256 ? String.fromCharCode(value) : refuseAwk(`the escape ${whole}`);
    }
    return ESCAPES[code] ?? refuseAwk(`the escape ${displayBytes(whole)}`);
  });
}

function expressionAt(rest: string): { readonly text: string; readonly length: number } {
  const raw = /^\/((?:[^/\\\n]|\\[^\n])*)\//.exec(rest)?.[1] ?? refuseAwk("a regular expression without its end");
  // A slash among brackets ends the expression to one awk, and not to another.
  if (endsInBrackets(raw.replaceAll(/\\[\s\S]/g, ""))) refuseAwk(`the expression /${displayBytes(raw)}/`);
  return { text: raw.replaceAll("\\/", "/"), length: raw.length + 2 };
}

/** A bracket right behind the opening one is a member. */
function endsInBrackets(expression: string): boolean {
  const last = expression.lastIndexOf("]");
  return (
    expression.includes("[", last + 1) || (last > 0 && /\[\^?$/.test(expression.slice(Math.max(0, last - 2), last)))
  );
}
