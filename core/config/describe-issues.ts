/**
 * Turns a schema's issues into problems that a person can act on: what was found, what is allowed, the nearest known
 * key. Knows valibot's issues, which our own schemas and plugins use; other libraries' messages pass as they are.
 */
import type { SchemaIssue, StandardSchema } from "../model/schema.ts";
import { nearest } from "../model/nearest.ts";
import { describeValue, type Problem } from "./problem.ts";

interface ValibotIssue extends SchemaIssue {
  readonly kind: "schema" | "validation" | "transformation";
  readonly type: string;
  readonly input: unknown;
  readonly expected: string | null;
  readonly issues?: readonly ValibotIssue[] | undefined;
}

/** A valibot schema as far as it must be walked to find the keys that an object may have. */
interface Walkable {
  readonly expects?: string;
  readonly message?: unknown;
  readonly entries?: Readonly<Record<string, Walkable>>;
  readonly wrapped?: Walkable;
  readonly item?: Walkable;
  readonly value?: Walkable;
  readonly options?: readonly (Walkable | string | number)[];
}

/** All problems that the issues tell of, paths starting at `prefix`. */
export function describeIssues(
  issues: readonly SchemaIssue[],
  schema: StandardSchema,
  prefix: readonly PropertyKey[],
): readonly Problem[] {
  return issues.flatMap((issue) => describeIssue(issue, schema as Walkable & StandardSchema, [], prefix));
}

function describeIssue(
  issue: SchemaIssue,
  schema: Walkable,
  outer: readonly PropertyKey[],
  prefix: readonly PropertyKey[],
): readonly Problem[] {
  const inner = [...outer, ...keysOf(issue)];
  const path = [...prefix, ...inner];
  if (!isValibotIssue(issue)) return [{ path, message: lowerFirst(issue.message) }];
  if (isUnknownKey(issue)) return unknownKeys(issue, schema, inner, prefix);

  // Of a union, the alternatives that agree with the value on the outside tell best what is wrong inside it.
  const deeper = (issue.issues ?? []).filter((each) => keysOf(each).length > 0);
  const shallow = (issue.issues ?? []).length - deeper.length;
  if (deeper.length > 0 && shallow > 0) return deeper.flatMap((each) => describeIssue(each, schema, inner, prefix));

  if (isMissingKey(issue)) return [{ path, message: `is missing${expectedAt(schema, inner)}` }];
  if (!issue.message.startsWith("Invalid ")) return [{ path, message: withFound(lowerFirst(issue.message), issue) }];
  const expected = shallow > 0 ? anyOf(issue.issues ?? []) : expectedWords(issue);
  return [{ path, message: `expected ${expected}, found ${describeValue(issue.input)}` }];
}

/** valibot stops at the first unknown key of an object; here all of them are told. */
function unknownKeys(
  issue: ValibotIssue,
  schema: Walkable,
  path: readonly PropertyKey[],
  prefix: readonly PropertyKey[],
): readonly Problem[] {
  const parent = path.slice(0, -1);
  const known = objectsAt(schema, parent).flatMap((object) => Object.keys(object.entries ?? {}));
  const item = issue.path?.at(-1);
  const input = typeof item === "object" && "input" in item ? item.input : undefined;
  const found = typeof input === "object" && input !== null ? Object.keys(input) : [String(path.at(-1))];
  return found
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: [...prefix, ...parent, key], message: unknownKeyMessage(key, known) }));
}

/** Shared with the check of the config's own shape. */
export function unknownKeyMessage(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  if (near !== undefined) return `is not known; did you mean "${near}"?`;
  return known.length === 0 ? "is not known; the object must be empty" : `is not known; known are ${known.join(", ")}`;
}

/** The object schemas that may stand at a path: several, where unions lead there. */
function objectsAt(schema: Walkable, path: readonly PropertyKey[]): readonly Walkable[] {
  const here = alternatives(schema);
  const [key, ...rest] = path;
  if (key === undefined) return here.filter((each) => each.entries !== undefined);
  return here.flatMap((each) => {
    const next = typeof key === "number" ? each.item : (each.entries?.[String(key)] ?? each.value);
    return next === undefined ? [] : objectsAt(next, rest);
  });
}

function alternatives(schema: Walkable): readonly Walkable[] {
  if (schema.wrapped) return alternatives(schema.wrapped);
  const options = schema.options?.filter((option): option is Walkable => typeof option === "object");
  return options && options.length > 0 ? options.flatMap(alternatives) : [schema];
}

function expectedAt(schema: Walkable, path: readonly PropertyKey[]): string {
  const key = String(path.at(-1));
  const missing = objectsAt(schema, path.slice(0, -1))[0]?.entries?.[key];
  if (missing?.expects === undefined) return "";
  // A check of its own expects something that only its message tells.
  const isOwn = typeof missing.message === "string";
  return `; ${isOwn ? lowerFirst(missing.message) : `expected ${inWords(missing.expects)}`}`;
}

/** A schema's own message usually says what is allowed and leaves what was found to us. */
function withFound(message: string, issue: ValibotIssue): string {
  if (!message.startsWith("expected ") || message.includes(", found ")) return message;
  return `${message}, found ${describeValue(issue.input)}`;
}

/** Of a union: what each alternative expects, in its own words where it has some. */
function anyOf(issues: readonly ValibotIssue[]): string {
  const parts = issues.map((issue) => {
    const own = /^expected (.*)$/i.exec(issue.message)?.[1];
    return own ?? expectedWords(issue);
  });
  return oneOf(parts);
}

function oneOf(parts: readonly string[]): string {
  const [last, ...others] = [...new Set(parts)].toReversed();
  return others.length === 0 ? (last ?? "") : `${others.toReversed().join(", ")} or ${last}`;
}

function expectedWords(issue: ValibotIssue): string {
  if (issue.type === "integer" || issue.type === "safe_integer") return "a whole number";
  if (issue.type === "min_value") return `at least ${String(issue.expected).replace(/^>=/, "")}`;
  if (issue.type === "max_value") return `at most ${String(issue.expected).replace(/^<=/, "")}`;
  if (issue.type === "non_empty" || (issue.type === "min_length" && issue.expected === ">=1")) {
    return typeof issue.input === "string" ? "a text that is not empty" : "a list that is not empty";
  }
  return inWords(issue.expected ?? issue.type.replaceAll("_", " "));
}

function inWords(expected: string): string {
  const words: Record<string, string> = {
    string: "a text",
    number: "a number",
    bigint: "a bigint",
    boolean: "true or false",
    Array: "a list",
    Object: "an object",
    Function: "a function",
    function: "a function",
    null: "null",
    Date: "a Date",
  };
  return oneOf(
    expected
      .replaceAll(/[()]/g, "")
      .split(" | ")
      .map((part) => words[part] ?? part),
  );
}

function isUnknownKey(issue: ValibotIssue): boolean {
  return issue.type === "strict_object" && issue.expected === "never";
}

function isMissingKey(issue: ValibotIssue): boolean {
  const item = issue.path?.at(-1);
  return typeof item === "object" && "origin" in item && item.origin === "key" && issue.input === undefined;
}

function isValibotIssue(issue: SchemaIssue): issue is ValibotIssue {
  return "kind" in issue && "type" in issue && "received" in issue;
}

function keysOf(issue: SchemaIssue): readonly PropertyKey[] {
  return (issue.path ?? []).map((item) => (typeof item === "object" ? item.key : item));
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z ]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}
