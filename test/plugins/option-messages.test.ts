// @runtimes node
/**
 * What is said of a wrong value, for every option of every function that a config can call: in words, of what the
 * option takes. The golden file has one wrong value for each; UPDATE_GOLDEN=1 writes it anew.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { describeIssues } from "../../core/config/describe-issues.ts";
import { pathText } from "../../core/config/problem.ts";
import type { StandardSchema } from "../../core/model/schema.ts";
import { createBuilder } from "../../core/pipeline/builder.ts";
import { standardPlugins } from "../../plugins/standard.ts";
import { suite } from "../harness.ts";

const test = suite("plugins/option-messages");

/** A valibot schema, as far as its options are found. */
interface Schema {
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly pipe?: readonly Schema[];
  readonly wrapped?: Schema;
  readonly options?: readonly (Schema | string)[];
}

const GOLDEN = join(import.meta.dirname, "option-messages.txt");
const WRONG = [
  true,
  5,
  -1,
  1.5,
  1e20,
  "",
  "\0",
  "a b/../c:::",
  null,
  {},
  [],
  [5],
  [""],
  ["\0"],
  { "": 5 },
  { "a b": "\0" },
];
/** The words of schemas' own libraries, and patterns. */
const INTERNAL =
  /\/\^|\$\/|\bexpected (?:check|custom|unknown|undefined|never|regex|record|[<>=!])|\bor unknown\b|Invalid |[<>]=|\|/;
/** Options within options, and no further. */
const DEPTH = 2;

test("each wrong value is told in words of what is expected", async () => {
  const builder = createBuilder(standardPlugins);
  const roots = new Map<string, StandardSchema>([
    ...builder.sources,
    ...[...builder.presets].map(([name, { schema }]) => [name, schema] as const),
  ]);
  const told: string[] = [];
  for (const [name, schema] of [...roots].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    for (const path of optionsOf(schema as Schema, DEPTH)) {
      const messages: string[] = [];
      for (const value of WRONG) messages.push(...(await messagesAt(schema, path, value)));
      for (const message of messages) assert.not.match(message, INTERNAL, `${name}.${path.join(".")}`);
      if (messages[0] !== undefined) told.push(`${name}.${path.join(".")}: ${messages[0]}`);
    }
  }
  assert.ok(told.length > 200, `${told.length} options were found`);
  const text = `${told.join("\n")}\n`;
  if (process.env["UPDATE_GOLDEN"]) writeFileSync(GOLDEN, text);
  assert.equal(text.split("\n"), readFileSync(GOLDEN, "utf8").split("\n"));
});

/** What is said of the option, of all that is wrong with such an object. */
async function messagesAt(schema: StandardSchema, path: readonly string[], value: unknown): Promise<readonly string[]> {
  const asked = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  const { issues = [] } = await schema["~standard"].validate(asked);
  const problems = describeIssues(issues, schema, []).map((each) => ({ ...each, at: pathText(each.path) }));
  return problems.filter(({ at }) => at.startsWith(pathText(path))).map(({ message }) => message);
}

function optionsOf(schema: Schema, depth: number): readonly (readonly string[])[] {
  const named = objectsIn(schema).flatMap(({ entries = {} }) => Object.entries(entries));
  return named.flatMap(([key, inner]) => [
    [key],
    ...(depth === 1 ? [] : optionsOf(inner, depth - 1).map((path) => [key, ...path])),
  ]);
}

function objectsIn(schema: Schema | string): readonly Schema[] {
  if (typeof schema === "string") return [];
  if (schema.entries !== undefined) return [schema];
  const inner = schema.pipe ?? schema.options ?? (schema.wrapped === undefined ? [] : [schema.wrapped]);
  return inner.filter((each) => each !== schema).flatMap(objectsIn);
}

test.run();
