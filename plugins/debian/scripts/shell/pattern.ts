/**
 * Shell patterns (POSIX 2.13): `*`, `?`, `[…]`, with `\` before what is meant literally. Matched byte by byte with
 * one point of return, so that no pattern takes more than length × length steps.
 */
import { displayBytes } from "../../../../core/index.ts";
import { CLASSES } from "../regular-expression/character-set.ts";
import { NotCovered, type Shell } from "./state.ts";

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

/** Which characters say "none of these" at the start of a bracket: dash takes the exclamation mark alone. */
export type Negation = "!" | "!^";

export function negationOf({ source }: Shell): Negation {
  return source.dialect === "sh" ? "!" : "!^";
}

/** A test of whole texts. */
export function compilePattern(pattern: string, negation: Negation = "!^"): (text: string) => boolean {
  const elements = elementsOf(pattern, negation);
  return (text) => matches(elements, text);
}

function elementsOf(pattern: string, negation: Negation): readonly Element[] {
  const elements: Element[] = [];
  const unclosed = new Set<number>();
  for (let at = 0; at < pattern.length;) {
    const char = pattern[at]!;
    if (char === "*") {
      if (elements.at(-1)?.kind !== "star") elements.push({ kind: "star" });
      at++;
    } else if (char === "?") {
      elements.push({ kind: "one", matches: () => true });
      at++;
    } else if (char === "[") {
      const set = parseBracket(pattern, at, negation, unclosed);
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
  return elements;
}

/**
 * The shortest or longest prefix (or suffix) of `text` that a pattern matches: how many characters, or undefined. All
 * places in the pattern are followed at once, from the text's end for a suffix.
 */
export function matchEnd(
  pattern: string,
  text: string,
  end: "prefix" | "suffix",
  longest: boolean,
  negation: Negation,
): number | undefined {
  if (!isPattern(pattern)) {
    const literal = unquotePattern(pattern);
    const there = end === "prefix" ? text.startsWith(literal) : text.endsWith(literal);
    return there ? literal.length : undefined;
  }
  const forward = elementsOf(pattern, negation);
  const elements = end === "prefix" ? forward : [...forward].reverse();
  let places = withStars([0], elements);
  let found: number | undefined;
  for (let length = 0; places.length > 0; length++) {
    if (places.includes(elements.length)) {
      found = length;
      if (!longest) break;
    }
    if (length === text.length) break;
    const char = text[end === "prefix" ? length : text.length - 1 - length]!;
    const next = places.flatMap((place) => {
      const element = elements[place];
      if (element?.kind === "star") return [place];
      return element?.matches(char) ? [place + 1] : [];
    });
    places = withStars([...new Set(next)], elements);
  }
  return found;
}

/** A star may stand for nothing. */
function withStars(places: readonly number[], elements: readonly Element[]): readonly number[] {
  return [...new Set(places.flatMap((place) => (elements[place]?.kind === "star" ? [place, place + 1] : [place])))];
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

/**
 * A bracket expression that starts at `start`; undefined where none closes. `unclosed`: places in earlier ones behind which
 * none closes, so that thousands of brackets that are no expressions are not each read to the pattern's end.
 */
function parseBracket(
  pattern: string,
  start: number,
  negation: Negation,
  unclosed: Set<number>,
): { readonly matches: (char: string) => boolean; readonly end: number } | undefined {
  let at = start + 1;
  const negated = pattern[at] !== undefined && negation.includes(pattern[at]!);
  if (negated) at++;
  const tests: ((char: string) => boolean)[] = [];
  const places: number[] = [];
  for (let first = true; ; first = false) {
    const char = pattern[at];
    if (char === undefined || unclosed.has(at)) {
      for (const place of places) unclosed.add(place);
      return undefined;
    }
    if (!first) places.push(at);
    if (char === "]" && !first) break;
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(at, at + 12));
    if (named) {
      const set = Object.hasOwn(CLASSES, named[1]!) ? CLASSES[named[1]!]! : undefined;
      if (!set) return refuse(pattern);
      tests.push((other) => set[other.charCodeAt(0)] === 1);
      at += named[0].length;
      continue;
    }
    if (char === "[" && /[.=:]/.test(pattern[at + 1] ?? "")) return refuse(pattern);
    const quoted = char === "\\" && at + 1 < pattern.length;
    const low = quoted ? pattern[at + 1]! : char;
    at += quoted ? 2 : 1;
    if (pattern[at] === "-" && pattern[at + 1] !== undefined && pattern[at + 1] !== "]") {
      const high = pattern[at + 1]!;
      // What a quoted end means, or a range the wrong way round, is each tool's own.
      if (high === "\\" || high < low) return refuse(pattern);
      at += 2;
      tests.push((other) => other >= low && other <= high);
    } else tests.push((other) => other === low);
  }
  return { end: at + 1, matches: (char) => tests.some((test) => test(char)) !== negated };
}

function refuse(pattern: string): never {
  throw new NotCovered(`the pattern ${displayBytes(pattern)} is not supported`);
}
