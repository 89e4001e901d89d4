/** glob(3) in one component of a path: `*`, `?`, `[…]` and quoting, by bytes. Its time grows with name times pattern. */

/** What one byte may be; `many` stands for any number of any. */
type Token = "many" | ((byte: number) => boolean);

/** A leading dot is matched by a dot alone. */
export function componentMatcher(pattern: string): (name: string) => boolean {
  const tokens = tokensOf(pattern);
  const least = tokens.filter((token) => token !== "many").length;
  const isHidden = pattern.startsWith(".") || pattern.startsWith("\\.");
  return (name) => name.length >= least && (isHidden || !name.startsWith(".")) && matches(tokens, name);
}

/** Goes back to the last `*` alone: what an earlier one took more could be taken by that as well. */
function matches(tokens: readonly Token[], name: string): boolean {
  let token = 0;
  let at = 0;
  let retry: { readonly token: number; at: number } | undefined;
  while (at < name.length) {
    const next = tokens[token];
    if (next === "many") retry = { token: ++token, at };
    else if (next?.(name.charCodeAt(at))) {
      token++;
      at++;
    } else if (retry !== undefined) {
      token = retry.token;
      at = ++retry.at;
    } else return false;
  }
  return tokens.slice(token).every((rest) => rest === "many");
}

function tokensOf(pattern: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    const set = char === "[" ? setAt(pattern, at) : undefined;
    if (char === "*") {
      if (tokens.at(-1) !== "many") tokens.push("many");
    } else if (char === "?") tokens.push(() => true);
    else if (set !== undefined) {
      tokens.push(set.has);
      at = set.end;
    } else {
      const quoted = char === "\\" && at + 1 < pattern.length ? pattern.charCodeAt(++at) : pattern.charCodeAt(at);
      tokens.push((byte) => byte === quoted);
    }
  }
  return tokens;
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  digit: /[0-9]/,
  lower: /[a-z]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[A-Fa-f0-9]/,
};

/** Undefined where nothing closes it: then it is a bracket. A range that runs backwards holds nothing. */
function setAt(
  pattern: string,
  start: number,
): { readonly has: (byte: number) => boolean; readonly end: number } | undefined {
  const isNegated = pattern[start + 1] === "!" || pattern[start + 1] === "^";
  const members: ((byte: number) => boolean)[] = [];
  for (let at = start + (isNegated ? 2 : 1), first = at; at < pattern.length; at++) {
    if (pattern[at] === "]" && at > first)
      return { has: (byte) => members.some((member) => member(byte)) !== isNegated, end: at };
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(at, at + 12));
    const ofClass = named && CLASSES[named[1]!];
    if (named && ofClass) {
      members.push((byte) => ofClass.test(String.fromCharCode(byte)));
      at += named[0].length - 1;
      continue;
    }
    if (pattern[at] === "\\" && at + 1 < pattern.length) at++;
    const low = pattern.charCodeAt(at);
    const isRange = pattern[at + 1] === "-" && at + 2 < pattern.length && pattern[at + 2] !== "]";
    const high = isRange ? pattern.charCodeAt(at + 2) : low;
    if (isRange) at += 2;
    members.push((byte) => byte >= low && byte <= high);
  }
  return undefined;
}
