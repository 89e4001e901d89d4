/** Sets of bytes, and the classes that POSIX names, as the C locale has them. */

/** 256 places: 1 for what is in the set. */
export type CharacterSet = Uint8Array;

export function setWhere(test: (code: number) => boolean): CharacterSet {
  return Uint8Array.from({ length: 256 }, (_none, code) => (test(code) ? 1 : 0));
}

/** One character, or both of its cases. */
export function setOf(char: string, ignoreCase = false): CharacterSet {
  const code = char.charCodeAt(0);
  const set = new Uint8Array(256);
  for (const each of ignoreCase ? bothCases(code) : [code]) set[each] = 1;
  return set;
}

export function complementOf(set: CharacterSet): CharacterSet {
  return set.map((member) => 1 - member);
}

/** ASCII letters have two cases; other bytes have one. */
export function bothCases(code: number): readonly number[] {
  const upper = code & ~0x20;
  return upper >= 65 && upper <= 90 ? [upper, upper | 0x20] : [code];
}

const isIn = (low: string, high: string) => (code: number) => code >= low.charCodeAt(0) && code <= high.charCodeAt(0);
const upper = isIn("A", "Z");
const lower = isIn("a", "z");
const digit = isIn("0", "9");
const alpha = (code: number) => upper(code) || lower(code);
const alnum = (code: number) => alpha(code) || digit(code);
const graph = isIn("!", "~");

/** Letters, digits and the underscore. */
export const WORD = setWhere((code) => alnum(code) || code === 95);

export const CLASSES: Readonly<Record<string, CharacterSet>> = {
  alpha: setWhere(alpha),
  digit: setWhere(digit),
  alnum: setWhere(alnum),
  upper: setWhere(upper),
  lower: setWhere(lower),
  space: setWhere((code) => code === 32 || (code >= 9 && code <= 13)),
  blank: setWhere((code) => code === 32 || code === 9),
  punct: setWhere((code) => graph(code) && !alnum(code)),
  xdigit: setWhere((code) => digit(code) || isIn("A", "F")(code) || isIn("a", "f")(code)),
  print: setWhere(isIn(" ", "~")),
  graph: setWhere(graph),
  cntrl: setWhere((code) => code < 32 || code === 127),
};
