/**
 * The steps of a layering pipeline as users write them: dockerTools' twelve, by its names and arguments, then two of
 * our own, `group` and `min_size`. Plain JSON. What each does stands with the code that does it; docs/layering.md
 * says how to combine them.
 */

/** `root`: what the config itself asks for; `leaf`: what needs nothing else. Of the whole closure, whatever the step is given. */
export type Role = "root" | "leaf";

/**
 * Which nodes a step is about: a node's id (of a store path, the path itself) or its name, exactly; else a glob over names, such
 * as `lib*`; or all that have a role.
 */
export type Selector =
  | string
  | {
      /** All nodes that have it in the whole closure. */
      readonly role: Role;
    };

/** One selector of contents, or several. */
export type Selectors = Selector | readonly Selector[];

/** In `split_paths`, also what a node needs directly, in place of the node itself. */
export type SplitSpec =
  | Selector
  | {
      /** Nodes whose direct needs are meant, not they themselves. */
      readonly children_of: Selectors;
    };

/** A layer of its own for some nodes. The name is the key for `over`. */
export type NamedGroup = {
  /** The key for `over`; each once in a step. */
  readonly name: string;
  /** Which nodes get that layer. */
  readonly paths: Selectors;
};

/** A step of a layering pipeline, as its JSON has it; `layering` makes them. */
export type PipelineStep =
  | readonly [name: "popularity_contest"]
  | readonly [name: "limit_layers", count: number]
  | readonly [name: "split_every", count: number]
  | readonly [name: "remove_paths", paths: Selectors]
  | readonly [name: "split_paths", paths: SplitSpec | readonly SplitSpec[]]
  | readonly [name: "subcomponent_out", paths: Selectors]
  | readonly [name: "subcomponent_in", paths: Selectors]
  | readonly [name: "over", key: string, step: PipelineStep]
  | readonly [name: "map", step: PipelineStep]
  | readonly [name: "pipe", steps: readonly PipelineStep[]]
  | readonly [name: "flatten"]
  | readonly [name: "reverse"]
  | readonly [name: "group", groups: readonly NamedGroup[]]
  | readonly [name: "min_size", bytes: number];

export type StepName = PipelineStep[0];

/** What a step is given, in the words of messages. */
export type ValueKind = "graph" | "list" | "parts";

/** What each step takes. */
export const TAKES: Readonly<Record<StepName, ValueKind | "any">> = Object.freeze({
  popularity_contest: "graph",
  limit_layers: "list",
  split_every: "graph",
  remove_paths: "graph",
  split_paths: "graph",
  subcomponent_out: "graph",
  subcomponent_in: "graph",
  over: "parts",
  map: "list",
  pipe: "any",
  flatten: "any",
  reverse: "list",
  group: "graph",
  min_size: "list",
});

export const STEP_NAMES = Object.keys(TAKES) as readonly StepName[];

/** Where a step stands: `layeringPipeline[2][1]` is the second member of the third step. */
export type StepPath = readonly (string | number)[];

/** What is wrong with a step of one kind that is given a value of another, and what to write. */
export function kindProblem(step: PipelineStep, given: ValueKind, keys: readonly string[]): string {
  const found = {
    graph: "a graph that nothing has divided yet",
    list: "a list of layers",
    parts: `parts by name (${keys.join(", ")})`,
  }[given];
  return `${step[0]} cannot take ${found}; ${mend(step[0], TAKES[step[0]], given, keys)}`;
}

function mend(name: StepName, takes: ValueKind | "any", given: ValueKind, keys: readonly string[]): string {
  const step = `["${name}"${name === "popularity_contest" || name === "reverse" ? "" : ", …"}]`;
  if (takes === "parts")
    return "put split_paths, subcomponent_out, subcomponent_in or group before it, which make parts";
  if (takes === "list") {
    if (given === "parts") return `put ["flatten"] before it`;
    return `put ["popularity_contest"] or ["split_every", n] before it, which make a list`;
  }
  if (given === "list") return `write ["map", ${step}] to do it to each of the list`;
  return `write ["over", "${keys.at(-1) ?? "rest"}", ${step}] to do it to one of them`;
}
