/** A plugin: a name, and what it taps. */
import type { SourceDefinition } from "../model/source.ts";
import type { ImagePreset } from "../graph/preset.ts";
import type { Builder } from "./builder.ts";
import type { OutputDefinition } from "./hooks.ts";

export interface Plugin {
  /** Shown in errors; unique among the plugins of a build. */
  readonly name: string;
  /** Kinds of source it brings; their schemas check the config. */
  readonly sources?: readonly Pick<SourceDefinition<string, never>, "kind" | "schema">[];
  /** Functions that make images; the config check validates and expands their calls. */
  readonly presets?: readonly ImagePreset[];
  /** Transports that it writes to. */
  readonly outputs?: readonly OutputDefinition[];
  /** Kinds of source that it collects through others and so cannot do without. */
  readonly requires?: readonly string[];
  apply(builder: Builder): void;
}
