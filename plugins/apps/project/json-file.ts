/** Reads a project's own JSON files: bounded, by a schema, with the file and the line of what is wrong. */
import type * as v from "valibot";
import {
  ImageDslError,
  messageOf,
  readRegularSync,
  systemCodeOf,
  withoutMark,
  type ErrorPlace,
} from "../../../core/index.ts";
import { checked } from "../checked.ts";

/** A file that was read, and where in it things stand. */
export interface ProjectFile<Value> {
  /** Absolute. */
  readonly file: string;
  readonly value: Value;
  /** Of the line that this key stands in, the last of the path. */
  placeOf(...path: readonly string[]): ErrorPlace;
}

/** Throws `E_CONFIG_INVALID`, with `hint` where the file is missing. `parse`: where it is more than JSON. */
export function readProjectFile<Value>(
  file: string,
  schema: v.GenericSchema<unknown, Value>,
  hint: string,
  parse: (text: string) => unknown = JSON.parse,
): ProjectFile<Value> {
  const text = textOf(file, hint);
  const placeOf = (...path: readonly string[]): ErrorPlace => ({ file, ...lineOf(text, path) });
  const result = checked(file, schema, parsed(file, text, parse));
  if ("output" in result) return { file, value: result.output, placeOf };
  const [problem] = result.problems;
  throw new ImageDslError("E_CONFIG_INVALID", problem!.text, { place: placeOf(...problem!.keys) });
}

function textOf(file: string, hint: string): string {
  try {
    return withoutMark(readRegularSync(file, "project.file").toString("utf8"));
  } catch (cause) {
    const isMissing = systemCodeOf(cause) === "ENOENT";
    const what = isMissing ? `There is no ${file}` : `Cannot read ${file}: ${messageOf(cause)}`;
    throw new ImageDslError("E_CONFIG_INVALID", what, { cause, place: { file }, ...(isMissing && { hint }) });
  }
}

function parsed(file: string, text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new ImageDslError("E_CONFIG_INVALID", `Cannot read ${file}: ${messageOf(cause)}`, { cause, place: { file } });
  }
}

/** Each key is looked for behind the one before: enough for files that people write, and only for a message. */
function lineOf(text: string, path: readonly string[]): Pick<ErrorPlace, "line" | "lineText"> {
  let at = 0;
  for (const key of path) {
    const found = text.indexOf(JSON.stringify(key), at);
    if (found < 0) break;
    at = found;
  }
  if (at === 0) return {};
  const line = text.slice(0, at).split("\n").length;
  return { line, lineText: text.split("\n")[line - 1]!.replace(/\r$/, "") };
}
