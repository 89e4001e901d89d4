/** The sources that options name, wherever they stand in them. */
import { isRecord } from "../model/json.ts";
import { isSource, type Source } from "../model/source.ts";

/** Also those that are options of others, such as a step's inputs; not those that only a function names when it runs. */
export function sourcesIn(value: unknown): readonly Source[] {
  if (Array.isArray(value)) return value.flatMap(sourcesIn);
  if (isSource(value)) return [value, ...sourcesIn(value.options)];
  // An image that is built on is a build of its own.
  return isRecord(value) && value["kind"] !== "image" ? Object.values(value).flatMap(sourcesIn) : [];
}
