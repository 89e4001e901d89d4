/** `--limit NAME=NUMBER` or `NAME=SIZE`, of any command: what it is, and how its values are read. */
import { unknownKeyMessage } from "../config/describe-issues.ts";
import { ImageDslError } from "../error.ts";
import { highestOf, sizeOf, type RaisedLimits } from "../limits/limits.ts";
import { LIMITS, type LimitName } from "../limits/table.ts";
import { readSize } from "./read-size.ts";

export const limitOption = {
  type: "string",
  array: true,
  requiresArg: true,
  describe: "Take more of what others made: NAME=NUMBER or NAME=SIZE (repeatable); docs/limits.md has the names",
} as const;

/** The last of one name counts. Throws `E_USAGE`. */
export function readLimits(texts: readonly string[] = []): RaisedLimits {
  return Object.fromEntries(texts.map(readLimit));
}

function readLimit(text: string): readonly [LimitName, number] {
  const [, name = text, value = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (!isLimit(name)) {
    throw new ImageDslError("E_USAGE", `--limit "${name}" ${unknownKeyMessage(name, Object.keys(LIMITS))}`);
  }
  const { unit, most } = LIMITS[name];
  const given = unit === "count" ? Number(/^[0-9]+$/.exec(value)?.[0] ?? NaN) : readSize(`limit ${name}`, value);
  if (given >= 1 && given <= highestOf(name)) return [name, given];
  const highest = unit === "count" ? highestOf(name) : sizeOf(highestOf(name));
  throw new ImageDslError("E_USAGE", `--limit ${name}="${value}" is nothing from 1 to ${highest}`, {
    hint: `Without it, it is ${unit === "count" ? most : sizeOf(most)}`,
  });
}

function isLimit(name: string): name is LimitName {
  return Object.hasOwn(LIMITS, name);
}
