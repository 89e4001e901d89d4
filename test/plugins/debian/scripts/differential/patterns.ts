/** Random regular expressions and short texts for them, of few characters, so that most say something. */
import fc from "fast-check";

export interface Sample {
  readonly pattern: string;
  readonly extended: boolean;
}

/** Nested up to `depth`. What a tool may refuse is among them. */
export function patternOf(extended: boolean, depth = 3): fc.Arbitrary<string> {
  const op = (char: string) => (extended ? char : `\\${char}`);
  const plain = fc.constantFrom("a", "b", "c", "ab", "-");
  const class_ = fc.constantFrom(".", "[ab]", "[^a]", "[a-c]", "[[:alpha:]]", "\\w", "\\W", "[]a]", "[^]a]", "[-a]");
  const anchor = fc.constantFrom("^", "$", "\\b", "\\<", "\\>", "\\B", "");
  const repeat = fc.constantFrom("*", "*", op("+"), op("?"), `${op("{")}2${op("}")}`, `${op("{")}1,2${op("}")}`);
  const leaf = fc.oneof(plain, plain, class_, fc.tuple(fc.oneof(plain, class_), repeat).map(join), anchor);
  if (depth === 0) return leaf;
  const inner = patternOf(extended, depth - 1);
  const group = inner.map((body) => `${op("(")}${body}${op(")")}`);
  return fc.oneof(
    leaf,
    fc.tuple(inner, inner).map(join),
    fc.tuple(inner, inner, inner).map(join),
    fc.tuple(inner, inner).map(([a, b]) => `${a}${op("|")}${b}`),
    group,
    fc.tuple(group, repeat).map(join),
  );
}

export const sample: fc.Arbitrary<Sample> = fc
  .boolean()
  .chain((extended) => patternOf(extended).map((pattern) => ({ pattern, extended })));

/** A line over the patterns' characters. */
export const lineText = fc
  .array(fc.constantFrom("a", "b", "c", "-", "_", " ", "]", "1"), { maxLength: 8 })
  .map((chars) => chars.join(""));

function join(parts: readonly string[]): string {
  return parts.join("");
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
