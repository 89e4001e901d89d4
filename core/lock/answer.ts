/** How a lock's answers have to be: by a Standard Schema of whoever asked. */
import type { Json } from "../model/json.ts";
import type { SchemaIssue } from "../model/schema.ts";

/** A Standard Schema whose result has a type: how an answer of the lock has to be, which anybody may have edited. */
export interface AnswerSchema<Answer> {
  /** Where libraries of the Standard Schema interface, version 1, have their check. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => AnswerResult<Answer> | Promise<AnswerResult<Answer>>;
  };
}

type AnswerResult<Answer> =
  | { readonly value: Answer; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** Throws what `damaged` makes of the first thing that is wrong. */
export function checkedAnswer<Answer>(
  schema: AnswerSchema<Answer>,
  answer: Json,
  damaged: (why: string) => Error,
): Answer {
  const result = schema["~standard"].validate(answer);
  if (result instanceof Promise) throw new Error("The schema of a lock's answer cannot be asynchronous");
  if (result.issues === undefined) return result.value;
  const [issue] = result.issues;
  const path = (issue?.path ?? []).map((step) => String(typeof step === "object" ? step.key : step));
  throw damaged(`${path.length === 0 ? "its answer" : path.join(".")}: ${issue?.message}`);
}
