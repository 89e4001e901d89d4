/** A problem of a config: where it is and what is wrong; and how both are written. */
import { isImageCall } from "../graph/preset.ts";
import { isSource } from "../model/source.ts";

export interface Problem {
  readonly path: readonly PropertyKey[];
  /** What was found and what is allowed: one phrase, no full stop. */
  readonly message: string;
  /** The call that it is about: an image's, or a source's. */
  readonly of?: object;
  /** What of `path` leads from there on. */
  readonly keys?: readonly PropertyKey[];
}

/** `images.redis.contents[0].packages`. Keys that are no plain words stand in brackets. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else if (typeof key === "string" && /^[A-Za-z_$][\w$-]*$/.test(key)) text += text === "" ? key : `.${key}`;
    else text += `[${typeof key === "symbol" ? String(key) : JSON.stringify(key)}]`;
  }
  return text;
}

/** A value in words, for "found …". Never long, never with control characters. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "string")
    return `the text ${JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value)}`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return `the bigint ${value}`;
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (value instanceof Promise) return "a promise (is an await missing?)";
  if (isImageCall(value)) return "an image, which from or fromImage takes";
  if (isSource(value)) return `a source of the kind "${value.kind}"`;
  return "an object";
}
