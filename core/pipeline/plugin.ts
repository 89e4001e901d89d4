/** A plugin: a name, and what it taps; and the builder that it is applied to. */
import type { SourceDefinition } from "../model/source.ts";
import type { ImagePreset } from "../graph/preset.ts";
import type { StandardSchema } from "../model/schema.ts";
import type { BuilderHooks } from "./builder-hooks.ts";
import type { CacheDefinition } from "./cache-definition.ts";
import type { InputDefinition, OutputDefinition } from "./hooks.ts";
import type { RemoteDefinition } from "./remote-definition.ts";

/** What brings sources, image functions or outputs, or taps the build's hooks. */
export interface Plugin {
  /** Shown in errors; unique among the plugins of a build. */
  readonly name: string;
  /** What functions have: by it the compiler tells that a function, which has a name and an `apply` too, is no plugin. */
  readonly call?: never;
  /** Kinds of source it brings; their schemas check the config. */
  readonly sources?: readonly Pick<SourceDefinition<string, never>, "kind" | "schema">[];
  /** Functions that make images; the config check validates and expands their calls. */
  readonly presets?: readonly ImagePreset[];
  /** Transports that it writes to. */
  readonly outputs?: readonly OutputDefinition[];
  /** Transports that it reads images from. */
  readonly inputs?: readonly InputDefinition[];
  /** Transports that machines may share results through. */
  readonly caches?: readonly CacheDefinition[];
  /** Transports by which other machines are given work. */
  readonly remotes?: readonly RemoteDefinition[];
  /** Kinds of source that it collects through others and so cannot do without. */
  readonly requires?: readonly string[];
  /** Called once before the first build: taps the hooks. */
  apply(builder: Builder): void;
}

/** The long-lived half of a run: what the plugins bring, each thing by its name, and the hooks of `BuilderHooks`. */
export interface Builder {
  /** What `apply` taps; those of one image are in `hooks.build`. */
  readonly hooks: BuilderHooks;
  /** image-dsl's own first, then the config's, in its order. */
  readonly plugins: readonly Plugin[];
  /** Schemas of the kinds of source, by kind. */
  readonly sources: ReadonlyMap<string, StandardSchema>;
  /** The functions that make images. */
  readonly presets: ReadonlyMap<string, ImagePreset>;
  /** The transports that are written to. */
  readonly outputs: ReadonlyMap<string, OutputDefinition>;
  /** The transports that images are read from. */
  readonly inputs: ReadonlyMap<string, InputDefinition>;
  /** The transports that machines share results through. */
  readonly caches: ReadonlyMap<string, CacheDefinition>;
  /** The transports by which other machines are given work. */
  readonly remotes: ReadonlyMap<string, RemoteDefinition>;
}
