/** Holds values against schemas where no config check does it: what presets are called with, and a project's own files. */
import * as v from "valibot";
import { describeIssues, pathText, type SchemaIssue } from "../../core/index.ts";

export type Checked<Output> = { readonly output: Output } | { readonly problems: readonly CheckedProblem[] };

export interface CheckedProblem {
  /** The keys that lead to it. */
  readonly keys: readonly string[];
  /** One phrase, which begins with where it is. */
  readonly text: string;
}

/** `name`: what stands before a problem's path. */
export function checked<Output>(
  name: string,
  schema: v.GenericSchema<unknown, Output>,
  value: unknown,
): Checked<Output> {
  const result = v.safeParse(schema, value);
  if (result.success) return { output: result.output };
  const problems = describeIssues(result.issues as readonly SchemaIssue[], schema, []);
  return {
    problems: problems.map(({ path, message }) => ({
      keys: path.filter((key) => typeof key === "string"),
      text: `${[name, ...(path.length === 0 ? [] : [pathText(path)])].join(": ")} ${message}`,
    })),
  };
}
