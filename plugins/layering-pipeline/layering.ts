/** The steps of a layering pipeline as functions: each gives the step's plain JSON, which a config may hold as well. */
import type { PipelineStep, Selectors, SplitSpec } from "../../core/index.ts";

type Layering = Readonly<{
  /** Graph → a layer for each node, what most others build upon first. */
  popularityContest(): PipelineStep;
  /** List → at most `count` layers: all from the `count`th on are joined. */
  limitLayers(count: number): PipelineStep;
  /** Graph → layers of `count` nodes each, smallest nodes first. */
  splitEvery(count: number): PipelineStep;
  /** Graph → the same without these nodes, which get the last layer of the image. */
  removePaths(paths: Selectors): PipelineStep;
  /** Graph → `main`, these nodes and what only they need; `common`, what others need too; `rest`. */
  splitPaths(paths: SplitSpec | readonly SplitSpec[]): PipelineStep;
  /** For `splitPaths`: what these nodes need directly, in place of themselves. */
  childrenOf(paths: Selectors): SplitSpec;
  /** Graph → `main`, these nodes and all that they need; `rest`. */
  subcomponentOut(paths: Selectors): PipelineStep;
  /** Graph → `main`, these nodes and all that needs them; `rest`. */
  subcomponentIn(paths: Selectors): PipelineStep;
  /** Parts → the same with one of them as the step makes it. */
  over(key: string, step: PipelineStep): PipelineStep;
  /** List → the same with each of it as the step makes it. */
  map(step: PipelineStep): PipelineStep;
  /** Several steps where one is wanted, as in `over`. */
  pipe(...steps: readonly PipelineStep[]): PipelineStep;
  /** Lists and parts within each other → one list of layers. */
  flatten(): PipelineStep;
  /** List → the same backwards. */
  reverse(): PipelineStep;
  /** Graph → a layer for each group by its name, in this order, and `rest`. What two groups want, the first one gets. */
  group(groups: Readonly<Record<string, Selectors>>): PipelineStep;
  /** List → layers smaller than this joined with each other until they are not. */
  minSize(bytes: number): PipelineStep;
}>;

/** The steps of a layering pipeline, for `layeringPipeline`; docs/layering.md tells what each does. */
export const layering: Layering = Object.freeze<Layering>({
  popularityContest: () => ["popularity_contest"],
  limitLayers: (count) => ["limit_layers", count],
  splitEvery: (count) => ["split_every", count],
  removePaths: (paths) => ["remove_paths", paths],
  splitPaths: (paths) => ["split_paths", paths],
  childrenOf: (paths) => ({ children_of: paths }),
  subcomponentOut: (paths) => ["subcomponent_out", paths],
  subcomponentIn: (paths) => ["subcomponent_in", paths],
  over: (key, step) => ["over", key, step],
  map: (step) => ["map", step],
  pipe: (...steps) => ["pipe", steps],
  flatten: () => ["flatten"],
  reverse: () => ["reverse"],
  group: (groups) => ["group", Object.entries(groups).map(([name, paths]) => ({ name, paths }))],
  minSize: (bytes) => ["min_size", bytes],
});
