/** Sources: what users put into an image. Plain data, told apart by `kind`; a plugin knows how to collect each kind. */
import type { StandardSchema } from "./schema.ts";

export interface Source<Kind extends string = string, Options = unknown> {
  readonly kind: Kind;
  readonly options: Options;
}

/** The function that makes sources of one kind, with what the config check needs to know of it. */
export interface SourceDefinition<Kind extends string, Options> {
  (options: Options): Source<Kind, Options>;
  readonly kind: Kind;
  readonly schema: StandardSchema;
}

/**
 * Defines a kind of source. The schema checks options when the config is read, not when the function is
 * called, so that all problems of a config are reported at once, each with its path.
 */
export function defineSource<const Kind extends string, Options>(
  kind: Kind,
  schema: StandardSchema,
): SourceDefinition<Kind, Options> {
  const make = (options: Options): Source<Kind, Options> => Object.freeze({ kind, options });
  return Object.assign(make, { kind, schema });
}

export function isSource(value: unknown): value is Source {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    typeof value.kind === "string" &&
    "options" in value
  );
}
