/** Pipelines for property tests: every step is given what it takes, and every part that `over` names is there. */
import * as fc from "fast-check";
import type { PipelineStep } from "../../core/index.ts";

const paths = fc.array(
  fc.integer({ min: 0, max: 63 }).map((index) => `id${index}`),
  { maxLength: 4 },
);
const count = fc.integer({ min: 1, max: 6 });

const toParts: fc.Arbitrary<PipelineStep> = fc.oneof(
  paths.map((ids): PipelineStep => ["subcomponent_out", ids]),
  paths.map((ids): PipelineStep => ["subcomponent_in", ids]),
);

const toList: fc.Arbitrary<PipelineStep> = fc.oneof(
  fc.constant<PipelineStep>(["popularity_contest"]),
  count.map((size): PipelineStep => ["split_every", size]),
  fc
    .tuple(paths, fc.boolean())
    .map(([ids, backwards]): PipelineStep => [
      "pipe",
      [["split_paths", ids], ["flatten"], ...(backwards ? [["reverse"] as const] : [])],
    ]),
);

const ofGraph: fc.Arbitrary<PipelineStep> = fc.oneof(
  toList,
  fc
    .tuple(toParts, toList, fc.constantFrom("main", "rest"))
    .map(([parts, inner, key]): PipelineStep => ["pipe", [parts, ["over", key, inner]]]),
  paths.map((ids): PipelineStep => ["pipe", [["remove_paths", ids], ["popularity_contest"]]]),
);

const ofList: fc.Arbitrary<PipelineStep> = fc.oneof(
  count.map((layers): PipelineStep => ["limit_layers", layers]),
  fc.constant<PipelineStep>(["reverse"]),
  fc.oneof(toList, toParts).map((inner): PipelineStep => ["pipe", [["map", inner], ["flatten"]]]),
);

/** Ids are those of `randomClosure`, and some that no closure has. */
export const randomPipeline: fc.Arbitrary<readonly PipelineStep[]> = fc
  .tuple(ofGraph, fc.array(ofList, { maxLength: 4 }))
  .map(([first, others]) => [first, ["flatten"], ...others]);
