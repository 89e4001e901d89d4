/** The strategy `pipeline`: layers as the user's own steps make them. */
import type { PlanLimits } from "../../model/plan.ts";
import { pathText } from "../../config/problem.ts";
import { ImageDslError } from "../../error.ts";
import type { ClosureGraph } from "../../closure/closure.ts";
import type { LayerPlan } from "../../model/plan.ts";
import { namesPhrase, sizePhrase } from "../phrases.ts";
import { byRank, layerGroups, planningUnits, sizeOf, type PlanningUnit, type UnitGroup } from "../planning-units.ts";
import { parsePipeline } from "./parse.ts";
import { runSteps, type PipelineRun } from "./run.ts";
import { selectorIndex } from "./selectors.ts";
import type { PipelineStep } from "./steps.ts";
import { graphsIn, wholeGraph, type Subgraph } from "./value.ts";

/**
 * The layers that `limits.pipeline` makes of the closure, in its order; graphs without files make none. Nodes that need
 * each other are one, as for the other strategies. What `remove_paths` took out is a last layer, since no node may be
 * lost. Throws `E_CONFIG_INVALID` for steps that are none, and `E_LAYERS` for a step that does not fit the closure and
 * for more layers than `limits.layers`. Source: nixpkgs' flattenReferencesGraph.
 */
export function planByPipeline(graph: ClosureGraph, limits: PlanLimits): LayerPlan {
  const steps = requireSteps(limits.pipeline);
  const units = planningUnits(graph, limits.layers);
  const run: PipelineRun = { units, selectors: selectorIndex(graph, units), removed: new Set() };
  const result = units.length === 0 ? [] : graphsIn(runSteps(steps, wholeGraph(units), [], run));
  const made = result.flatMap((layer) => filledGroup(layer, units));
  const removed = removedGroups(run);
  refuseTooMany(made.length, removed.length, limits.layers);
  return { strategy: "pipeline", groups: layerGroups([...made, ...removed], units) };
}

function requireSteps(pipeline: PlanLimits["pipeline"]): readonly PipelineStep[] {
  if (pipeline === undefined) {
    throw new ImageDslError(
      "E_CONFIG_INVALID",
      'Layering by "pipeline" needs the steps of the pipeline, but there are none',
      {
        hint: 'Set layeringPipeline to a list of steps, such as [["popularity_contest"], ["limit_layers", 20]]',
      },
    );
  }
  const parsed = parsePipeline(pipeline);
  if (parsed.problems === undefined) return parsed.steps;
  const lines = parsed.problems.map(({ path, message }) => `${pathText(["layeringPipeline", ...path])}: ${message}`);
  throw new ImageDslError("E_CONFIG_INVALID", `The layering pipeline is wrong\n  ${lines.join("\n  ")}`);
}

function filledGroup(graph: Subgraph, units: readonly PlanningUnit[]): readonly UnitGroup[] {
  const members = graph.units.map((unit) => units[unit]!).filter(({ isEmpty }) => !isEmpty);
  if (members.length === 0) return [];
  return [
    { units: members, reason: reasonOf(graph.trail.length === 0 ? "undivided" : graph.trail.join(", "), members) },
  ];
}

function removedGroups({ removed, units }: PipelineRun): readonly UnitGroup[] {
  const members = [...removed].map((unit) => units[unit]!).filter(({ isEmpty }) => !isEmpty);
  return members.length === 0 ? [] : [{ units: members, reason: reasonOf("taken out by remove_paths", members) }];
}

function reasonOf(madeBy: string, members: readonly PlanningUnit[]): string {
  const titles = [...members]
    .sort(byRank)
    .map(({ title, isCycle }) => (isCycle && members.length > 1 ? `(${title})` : title));
  return `${madeBy}: ${namesPhrase(titles)} (${sizePhrase(sizeOf(members))})`;
}

/** Nothing is joined unasked: which layers matter is what a pipeline is for. */
function refuseTooMany(made: number, removed: number, allowed: number): void {
  const count = made + removed;
  if (count <= allowed) return;
  const limit = allowed - removed;
  throw new ImageDslError(
    "E_LAYERS",
    `The layering pipeline makes ${count} layers${removed > 0 ? " (one of them for what remove_paths took out)" : ""}, but only ${allowed} are left for the closure`,
    {
      hint:
        limit < 1
          ? "Leave out remove_paths, or raise maxLayers"
          : `End the pipeline with ["flatten"], ["limit_layers", ${limit}], or join small layers with ["min_size", bytes]`,
      place: { path: "layeringPipeline" },
    },
  );
}
