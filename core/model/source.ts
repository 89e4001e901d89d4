/** Sources: what users put into an image. Plain data, told apart by `kind`; a plugin knows how to collect each kind. */
import { rememberCall } from "../source-place.ts";
import type { StandardSchema } from "./schema.ts";

/** What every source may say, whatever its kind. */
export interface SourcePlacement {
  /** What its layer and messages call it. @default what the kind calls it */
  readonly name?: string | undefined;
  /**
   * Where it lies: `own`, in a layer of its own; `top`, with what belongs to the whole image; or a name, in one layer with all sources
   * of that name. @default as the image's layering says
   */
  readonly layer?: "own" | "top" | (string & {}) | undefined;
}

/** Contents of an image, as `files()`, `debian()` and the like make them. */
export interface Source<Kind extends string = string, Options = unknown> {
  /** The name of its function: `files`. */
  readonly kind: Kind;
  /** What the function was called with. */
  readonly options: Options;
  /** For messages, plans and the layers' comments. */
  readonly name?: string;
  /** `own`, `top`, or the name of a layer that it shares. */
  readonly layer?: string;
  /** What images have: by it the compiler tells that an image is no source. */
  readonly preset?: never;
}

/** The function that makes sources of one kind, with what the config check needs to know of it. */
export interface SourceDefinition<Kind extends string, Options> {
  (options: Options & SourcePlacement): Source<Kind, Options>;
  /** What taps of `collect`, `base` and `images` are registered for. */
  readonly kind: Kind;
  /** Checks the options, with the rest of the config, and fills in defaults. */
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
  const make = (asked: Options & SourcePlacement): Source<Kind, Options> => {
    const source = written(asked);
    rememberCall(source);
    return source;
  };
  const written = (asked: Options & SourcePlacement): Source<Kind, Options> => {
    if (typeof asked !== "object" || asked === null) return Object.freeze({ kind, options: asked });
    const { layer, ...named } = asked;
    const { name, ...bare } = named;
    const isOwn = name === undefined || mayKnowName(schema);
    return Object.freeze({
      kind,
      options: (isOwn ? named : bare) as Options,
      ...(!isOwn && { name }),
      ...(layer !== undefined && { layer }),
    });
  };
  return Object.assign(make, { kind, schema });
}

/** Whether `name` may be one of the kind's own options, which it then is: of schemas other than valibot's nothing is known. */
function mayKnowName(schema: StandardSchema & { readonly entries?: object }): boolean {
  return schema.entries === undefined || "name" in schema.entries;
}

/** Whether a value of a config was made by a source's function, whoever's; its options may still be wrong. */
export function isSource(value: unknown): value is Source {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    typeof value.kind === "string" &&
    "options" in value &&
    !("preset" in value)
  );
}
