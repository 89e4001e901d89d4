/**
 * Shell patterns (POSIX 2.13): `*`, `?`, `[…]`, with `\` before what is meant literally. Matched byte by byte with
 * one point of return, so that no pattern takes more than length × length steps.
 */

/** The pattern that matches `text` alone. */
export function quotePattern(text: string): string {
  return text.replace(/[\\*?[\]]/g, "\\$&");
}

/** Whether a pattern holds anything but literal characters. */
export function isPattern(pattern: string): boolean {
  return /(^|[^\\])(\\\\)*[*?[]/.test(pattern);
}

/** The text of a pattern without active characters. */
export function unquotePattern(pattern: string): string {
  return pattern.replace(/\\(.)/gs, "$1");
}

type Element = { readonly kind: "star" } | { readonly kind: "one"; readonly matches: (char: string) => boolean };

/** A test of whole texts. */
export function compilePattern(pattern: string): (text: string) => boolean {
  const elements: Element[] = [];
  for (let at = 0; at < pattern.length;) {
    const char = pattern[at]!;
    if (char === "*") {
      if (elements.at(-1)?.kind !== "star") elements.push({ kind: "star" });
      at++;
    } else if (char === "?") {
      elements.push({ kind: "one", matches: () => true });
      at++;
    } else if (char === "[") {
      const set = parseBracket(pattern, at);
      if (set) {
        elements.push({ kind: "one", matches: set.matches });
        at = set.end;
      } else {
        elements.push({ kind: "one", matches: (other) => other === "[" });
        at++;
      }
    } else {
      const literal = char === "\\" && at + 1 < pattern.length ? pattern[at + 1]! : char;
      elements.push({ kind: "one", matches: (other) => other === literal });
      at += char === "\\" && at + 1 < pattern.length ? 2 : 1;
    }
  }
  return (text) => matches(elements, text);
}

/** The shortest or longest prefix (or suffix) of `text` that a pattern matches: how many characters, or undefined. */
export function matchEnd(
  pattern: string,
  text: string,
  end: "prefix" | "suffix",
  longest: boolean,
): number | undefined {
  if (!isPattern(pattern)) {
    const literal = unquotePattern(pattern);
    const there = end === "prefix" ? text.startsWith(literal) : text.endsWith(literal);
    return there ? literal.length : undefined;
  }
  const test = compilePattern(pattern);
  for (let step = 0; step <= text.length; step++) {
    const length = longest ? text.length - step : step;
    if (test(end === "prefix" ? text.slice(0, length) : text.slice(text.length - length))) return length;
  }
  return undefined;
}

function matches(elements: readonly Element[], text: string): boolean {
  let element = 0;
  let at = 0;
  let starElement = -1;
  let starAt = 0;
  while (at < text.length) {
    const current = elements[element];
    if (current?.kind === "star") {
      starElement = element++;
      starAt = at;
    } else if (current?.kind === "one" && current.matches(text[at]!)) {
      element++;
      at++;
    } else if (starElement >= 0) {
      element = starElement + 1;
      at = ++starAt;
    } else return false;
  }
  while (elements[element]?.kind === "star") element++;
  return element === elements.length;
}

/** A bracket expression that starts at `start`; undefined where none closes. Shared with regular expressions. */
export function parseBracket(
  pattern: string,
  start: number,
  options: { readonly regex?: boolean } = {},
): { readonly matches: (char: string) => boolean; readonly end: number } | undefined {
  let at = start + 1;
  const negated = pattern[at] === "^" || (pattern[at] === "!" && !options.regex);
  if (negated) at++;
  const tests: ((char: string) => boolean)[] = [];
  for (let first = true; ; first = false) {
    const char = pattern[at];
    if (char === undefined) return undefined;
    if (char === "]" && !first) break;
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(at, at + 12));
    if (named) {
      const test = CLASSES[named[1]!];
      if (!test) return undefined;
      tests.push((other) => test.test(other));
      at += named[0].length;
      continue;
    }
    // Inside a regular expression a backslash is an ordinary character; in a shell pattern it quotes.
    const quoted = char === "\\" && !options.regex && at + 1 < pattern.length;
    const low = quoted ? pattern[at + 1]! : char;
    at += quoted ? 2 : 1;
    if (pattern[at] === "-" && pattern[at + 1] !== undefined && pattern[at + 1] !== "]") {
      const high = pattern[at + 1]!;
      at += 2;
      tests.push((other) => other >= low && other <= high);
    } else tests.push((other) => other === low);
  }
  return { end: at + 1, matches: (char) => tests.some((test) => test(char)) !== negated };
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alpha: /^[A-Za-z]$/,
  digit: /^[0-9]$/,
  alnum: /^[A-Za-z0-9]$/,
  upper: /^[A-Z]$/,
  lower: /^[a-z]$/,
  space: /^[ \t\n\v\f\r]$/,
  blank: /^[ \t]$/,
  punct: /^[!-/:-@[-`{-~]$/,
  xdigit: /^[0-9A-Fa-f]$/,
  print: /^[ -~]$/,
  graph: /^[!-~]$/,
};
