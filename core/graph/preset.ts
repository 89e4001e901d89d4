/**
 * Presets: the functions that users call for an image (`buildLayeredImage`, …). A call only writes down what was
 * asked for; the config check validates it and expands it, so that all problems of a config are reported at once, in
 * the words of the user's own arguments, whether the config is TypeScript or JSON.
 */
import { rememberCall } from "../source-place.ts";
import type { ImageSpec, TargetSpec } from "../model/image-spec.ts";
import type { StandardSchema } from "../model/schema.ts";

/** An image as a config holds it: frozen plain data. */
export interface ImageCall<Preset extends string = string, Options = unknown> {
  /** By it and `preset` the config check tells a call from a source. */
  readonly kind: "image";
  /** The name of the function; a plugin of the build has to bring it in `presets`. */
  readonly preset: Preset;
  /** As the user gave them, unchecked. */
  readonly options: Options;
}

/** What the config check needs of a preset; a plugin brings it in `presets`. */
export interface ImagePreset {
  /** Of the function that users call, for messages; unique among the presets of a build. */
  readonly name: string;
  /** Checks the options and fills in defaults; its issues are told with their places in the config. */
  readonly schema: StandardSchema;
  /** Gets what the schema gave, and the specs of the images that stand in it. Pure. */
  expand(options: unknown, specOf: SpecOf): TargetSpec;
}

/** The spec of an image that another one's options hold, as its `fromImage`. */
export type SpecOf = (call: ImageCall) => ImageSpec;

/** The function that users call, and the preset itself. */
export interface PresetDefinition<Name extends string, Options> {
  (options: Options): ImageCall<Name, Options>;
  /** To be listed in the plugin's `presets`. */
  readonly preset: ImagePreset;
}

/** Defines a preset. `expand` gets what `schema` made of the options. */
export function definePreset<const Name extends string, Options, Parsed>(
  name: Name,
  schema: StandardSchema,
  expand: (options: Parsed, specOf: SpecOf) => TargetSpec,
): PresetDefinition<Name, Options> {
  const call = (options: Options): ImageCall<Name, Options> => {
    const made: ImageCall<Name, Options> = Object.freeze({ kind: "image", preset: name, options });
    rememberCall(made);
    return made;
  };
  return Object.assign(call, {
    preset: { name, schema, expand: (options: unknown, specOf: SpecOf) => expand(options as Parsed, specOf) },
  });
}

/** Whether a value of a config was made by an image function, whoever's; its options may still be wrong. */
export function isImageCall(value: unknown): value is ImageCall {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    value.kind === "image" &&
    "preset" in value &&
    typeof value.preset === "string" &&
    "options" in value
  );
}
