/** What the words of a script are where no evaluation is needed to know it: literals, and variables that only ever hold one text. */
import type { Word, WordPart } from "unbash";

/** By a variable's name: every text it may hold, where all are known. */
export type Constants = ReadonlyMap<string, readonly string[]>;

/** More are not told apart. */
const MOST_TEXTS = 64;

/** Every text that a word may be; none where one of its parts is worked out when the script runs. */
export function constantTexts(word: Word, constants: Constants): readonly string[] {
  return word.parts === undefined ? [word.value] : textsOfParts(word.parts, constants);
}

function textsOfParts(parts: readonly WordPart[], constants: Constants): readonly string[] {
  let texts: readonly string[] = [""];
  for (const part of parts) {
    const here = textsOfPart(part, constants);
    texts = texts.flatMap((before) => here.map((text) => before + text));
    if (texts.length > MOST_TEXTS) return [];
  }
  return texts;
}

function textsOfPart(part: WordPart, constants: Constants): readonly string[] {
  switch (part.type) {
    case "Literal":
    case "SingleQuoted":
    case "AnsiCQuoted":
      return [part.value];
    case "DoubleQuoted":
      return textsOfParts(part.parts, constants);
    case "SimpleExpansion":
      return constants.get(part.text.slice(1)) ?? [];
    case "ParameterExpansion":
      return part.operation || part.prefix || part.index ? [] : (constants.get(part.parameter) ?? []);
    default:
      return [];
  }
}
