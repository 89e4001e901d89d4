/**
 * Where a text says a key of a config: JavaScript, TypeScript or JSON, read no further than brackets, strings and commas tell.
 * Only an error needs it, and where it finds nothing the error points at the call or the file.
 */

/** Of the deepest of `keys` that is written out in the expression at `start`: object literals, lists, and what calls are given. */
export function keyOffset(text: string, start: number, keys: readonly PropertyKey[]): number | undefined {
  const [key, ...rest] = keys;
  if (key === undefined) return undefined;
  const at = skipBlank(text, start);
  if (text[at] === "{") return inObject(text, at, keys);
  if (text[at] === "[") return inList(text, at, key, rest);
  const brackets = /(?:async\s*)?(?=\()/y;
  brackets.lastIndex = at;
  if (brackets.test(text)) {
    // What a function without a body gives, or what stands in brackets.
    const body = /\s*=>\s*(?=\()/y;
    body.lastIndex = skipToken(text, brackets.lastIndex, "");
    return keyOffset(text, body.test(text) ? body.lastIndex : brackets.lastIndex + 1, keys);
  }
  const call = /(?:await\s+)?[\w$.]+\s*(?=\()/y;
  call.lastIndex = at;
  if (!call.test(text)) return undefined;
  for (const part of partsOf(text, call.lastIndex)) {
    const found = keyOffset(text, part, keys);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a config exports by default begins here; in JSON, that is all of it. */
export function exportOffset(text: string, isJson: boolean): number | undefined {
  if (isJson) return 0;
  const start = endOf(/^export\s+default\s+/m, text);
  if (start === undefined) return undefined;
  const [, name] = /^([\w$]+)\s*(?:;|$)/m.exec(text.slice(start)) ?? [];
  return name === undefined
    ? start
    : endOf(new RegExp(`^(?:export\\s+)?const\\s+${escaped(name)}\\b[^=]*=`, "m"), text);
}

function endOf(pattern: RegExp, text: string): number | undefined {
  const found = pattern.exec(text);
  return found === null ? undefined : found.index + found[0].length;
}

function escaped(name: string): string {
  return name.replaceAll("$", "\\$");
}

function inObject(text: string, open: number, keys: readonly PropertyKey[]): number | undefined {
  const [key, ...rest] = keys;
  const members = membersOf(text, open);
  const found = members.get(String(key));
  if (found !== undefined) return keyOffset(text, found.value, rest) ?? found.key;
  // A source or an image as plain data.
  const options = members.has("kind") ? members.get("options") : undefined;
  return options && keyOffset(text, options.value, keys);
}

interface Member {
  readonly key: number;
  readonly value: number;
}

function membersOf(text: string, open: number): ReadonlyMap<string, Member> {
  const members = new Map<string, Member>();
  for (const key of partsOf(text, open)) {
    const written = /(?:"([^"\\\n]*)"|'([^'\\\n]*)'|([\w$]+))\s*:?/y;
    written.lastIndex = key;
    const [, double, single, bare] = written.exec(text) ?? [];
    const name = double ?? single ?? bare;
    if (name !== undefined) members.set(name, { key, value: written.lastIndex });
  }
  return members;
}

function inList(text: string, open: number, key: PropertyKey, rest: readonly PropertyKey[]): number | undefined {
  const items = [...partsOf(text, open)];
  const index = Number(key);
  // What is spread before it is nobody knows how many.
  if (items.slice(0, index + 1).some((item) => text.startsWith("...", item))) return undefined;
  const item = items[index];
  return item === undefined ? undefined : (keyOffset(text, item, rest) ?? item);
}

/** Where each part begins that a comma ends, of what stands in the brackets at `open`. */
function* partsOf(text: string, open: number): Generator<number> {
  let previous = ",";
  for (let at = skipBlank(text, open + 1); at < text.length; at = skipBlank(text, at)) {
    if (CLOSING.test(text[at]!)) return;
    if (previous === "," && text[at] !== ",") yield at;
    const end = skipToken(text, at, previous);
    previous = text[end - 1]!;
    at = end;
  }
}

const OPENING = /[([{]/;
const CLOSING = /[)\]}]/;
const BLANK = /(?:\s+|\/(?:\/[^\n]*|\*[^]*?\*\/))*/y;

function skipBlank(text: string, start: number): number {
  BLANK.lastIndex = start;
  BLANK.test(text);
  return BLANK.lastIndex;
}

const WORD = /[\w$]+/y;
const QUOTED = /"(?:[^"\\\n]|\\[^])*"?|'(?:[^'\\\n]|\\[^])*'?/y;
const PATTERN = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/y;

/** The end of a word, a string, a pattern, a sign, or brackets with what is in them. `previous`: the sign before it. */
function skipToken(text: string, start: number, previous: string): number {
  const first = text[start]!;
  if (OPENING.test(first)) return skipBrackets(text, start);
  if (first === "`") return skipTemplate(text, start + 1);
  const isPattern = first === "/" && !/[\w$)\]}"'`]/.test(previous);
  for (const token of isPattern ? [PATTERN] : [WORD, QUOTED]) {
    token.lastIndex = start;
    if (token.test(text)) return token.lastIndex;
  }
  return start + 1;
}

/** All kinds are counted alike, and however deep they lie. */
function skipBrackets(text: string, start: number): number {
  let depth = 0;
  let previous = "";
  for (let at = start; at < text.length; at = skipBlank(text, at)) {
    const sign = text[at]!;
    if (OPENING.test(sign)) depth++;
    if (CLOSING.test(sign) && --depth === 0) return at + 1;
    at = OPENING.test(sign) ? at + 1 : skipToken(text, at, previous);
    previous = text[at - 1]!;
  }
  return text.length;
}

function skipTemplate(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === "`") return at + 1;
    if (text[at] === "\\") at++;
    else if (text.startsWith("${", at)) at = skipToken(text, at + 1, "") - 1;
  }
  return text.length;
}
