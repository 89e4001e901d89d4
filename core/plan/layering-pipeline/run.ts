/** Runs a pipeline's steps over a closure. */
import { pathText } from "../../config/problem.ts";
import { nearest } from "../../model/nearest.ts";
import { ImageDslError } from "../../error.ts";
import { displayBytes, encodeText } from "../../model/bytes.ts";
import type { PlanningUnit } from "../planning-units.ts";
import { limitLayers, minSize, popularityContest, splitEvery } from "./lists.ts";
import { asList, isGlob, type SelectorIndex } from "./selectors.ts";
import { splitPaths, subcomponent } from "./split-paths.ts";
import {
  kindProblem,
  type NamedGroup,
  type PipelineStep,
  type Selectors,
  type SplitSpec,
  type StepPath,
} from "./steps.ts";
import { graphsIn, induced, listOf, needsOf, partsOf, type Subgraph, type Value } from "./value.ts";

export interface PipelineRun {
  readonly units: readonly PlanningUnit[];
  readonly selectors: SelectorIndex;
  /** What `remove_paths` took out: filled while the steps run. */
  readonly removed: Set<number>;
}

/** Throws `E_LAYERS`, with the step's place, where a step is given what it cannot take or names what is not there. */
export function runSteps(steps: readonly PipelineStep[], value: Value, path: StepPath, run: PipelineRun): Value {
  return steps.reduce((given, step, index) => runStep(step, given, [...path, index], run), value);
}

function runStep(step: PipelineStep, given: Value, path: StepPath, run: PipelineRun): Value {
  const graph = (): Subgraph => (given.kind === "graph" ? given : refuseKind(step, given, path));
  const items = (): readonly Value[] => (given.kind === "list" ? given.items : refuseKind(step, given, path));
  switch (step[0]) {
    case "popularity_contest":
      return popularityContest(graph(), run.units);
    case "split_every":
      return splitEvery(graph(), step[1], run.units);
    case "limit_layers":
      return limitLayers(items(), step[1]);
    case "min_size":
      return minSize(items(), step[1], run.units);
    case "remove_paths":
      return removePaths(graph(), selected(step[1], graph(), run), run);
    case "split_paths":
      return splitPaths(graph(), selectedForSplit(step[1], graph(), run));
    case "subcomponent_out":
      return subcomponent(graph(), selected(step[1], graph(), run), "out");
    case "subcomponent_in":
      return subcomponent(graph(), selected(step[1], graph(), run), "in");
    case "group":
      return group(graph(), step[1], path, run);
    case "over":
      return over(step, given, path, run);
    case "map":
      return listOf(items().map((item) => runStep(step[1], item, [...path, 1], run)));
    case "pipe":
      return runSteps(step[1], given, [...path, 1], run);
    case "flatten":
      return listOf(graphsIn(given));
    case "reverse":
      return listOf(items().toReversed());
  }
}

function over(
  step: PipelineStep & readonly ["over", ...unknown[]],
  given: Value,
  path: StepPath,
  run: PipelineRun,
): Value {
  const [, key, inner] = step;
  if (given.kind !== "parts") return refuseKind(step, given, path);
  const part = given.parts.get(key);
  if (part === undefined) {
    const keys = [...given.parts.keys()];
    throw stepError(
      [...path, 1],
      `There is no part "${key}" to do ${inner[0]} to, only ${keys.join(" and ")}`,
      missingPart(key, keys),
    );
  }
  return partsOf([...new Map(given.parts).set(key, runStep(inner, part, [...path, 2], run))]);
}

function missingPart(key: string, keys: readonly string[]): string {
  const near = nearest(key, keys);
  if (near !== undefined) return `Did you mean "${near}"?`;
  if (key === "main")
    return "split_paths makes no main part where none of its paths is in the closure: check their names";
  return "split_paths leaves out parts without nodes: leave out the step, or choose other paths";
}

/** The nodes go to no layer of the pipeline's; the plan puts them into one behind all others. */
function removePaths(graph: Subgraph, chosen: ReadonlySet<number>, { removed }: PipelineRun): Value {
  for (const unit of chosen) removed.add(unit);
  return induced(
    graph,
    graph.units.filter((unit) => !chosen.has(unit)),
  );
}

/** A part for each group, with what its paths mean and no earlier group took, and `rest`. */
function group(graph: Subgraph, groups: readonly NamedGroup[], path: StepPath, run: PipelineRun): Value {
  const taken = new Set<number>();
  const parts = groups.map(({ name, paths }, index) => {
    refuseUnknown(paths, [...path, 1, index, "paths"], run);
    const chosen = selected(paths, graph, run);
    const units = graph.units.filter((unit) => chosen.has(unit) && !taken.has(unit));
    for (const unit of units) taken.add(unit);
    return [name, induced(graph, units, `group ${name}`)] as const;
  });
  const others = graph.units.filter((unit) => !taken.has(unit));
  return partsOf([...parts, ["rest", induced(graph, others, "outside of all groups")]]);
}

/** A group that is written down is meant to be there. A glob may match in one image and not in another. */
function refuseUnknown(paths: Selectors, path: StepPath, { selectors }: PipelineRun): void {
  const unknown = asList(paths).find(
    (selector): selector is string =>
      typeof selector === "string" && !isGlob(selector) && selectors.find(selector).length === 0,
  );
  if (unknown === undefined) return;
  const near = nearest(unknown, selectors.names());
  throw stepError(
    path,
    `The closure has no node ${quoted(unknown)} to put into a group`,
    near === undefined ? "Leave the name out, or write a glob, which may match none" : `Did you mean ${quoted(near)}?`,
  );
}

/** Names that the graph has not are ignored, as dockerTools does. */
function selected(paths: Selectors, graph: Subgraph, { selectors }: PipelineRun): ReadonlySet<number> {
  const here = new Set(graph.units);
  return new Set(asList(paths).flatMap((selector) => selectors.find(selector).filter((unit) => here.has(unit))));
}

function selectedForSplit(
  specs: SplitSpec | readonly SplitSpec[],
  graph: Subgraph,
  run: PipelineRun,
): ReadonlySet<number> {
  const chosen = asList(specs).flatMap((spec) => {
    if (typeof spec === "string" || "role" in spec) return [...selected(spec, graph, run)];
    return [...selected(spec.children_of, graph, run)].flatMap((unit) => needsOf(graph, unit));
  });
  return new Set(chosen);
}

function quoted(name: string): string {
  return `"${displayBytes(encodeText(name))}"`;
}

function refuseKind(step: PipelineStep, given: Value, path: StepPath): never {
  const keys = given.kind === "parts" ? [...given.parts.keys()] : [];
  throw stepError(path, kindProblem(step, given.kind, keys));
}

function stepError(path: StepPath, message: string, hint?: string): ImageDslError {
  const place = pathText(["layeringPipeline", ...path]);
  return new ImageDslError("E_LAYERS", message, { hint, place: { path: place } });
}
