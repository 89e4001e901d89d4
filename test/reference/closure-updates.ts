/** Successive closures of one image, and how many bytes of it a strategy moves from each to the next. */
import { closureGraph } from "../../core/closure/closure-graph.ts";
import type { ClosureGraph, ClosureNode } from "../../core/closure/closure.ts";
import type { LayerPlan } from "../../core/model/plan.ts";
import { treePath } from "../../core/model/path.ts";
import { planAuto } from "../../core/plan/auto.ts";
import { checkPlan } from "../../core/plan/check-plan.ts";
import { planByPopularity } from "../../core/plan/popularity.ts";
import { nodeKeys, type PlanMemory } from "../../core/plan/stable/plan-memory.ts";
import { planStable } from "../../core/plan/stable/plan-stable.ts";
import { rememberPlan } from "../../core/plan/stable/remember-plan.ts";
import { FileTree, directoryEntry } from "../../core/tree/file-tree.ts";
import { randomIntegers } from "./closures.ts";

/** Plans each closure after the one before. */
export type Planner = (graph: ClosureGraph, layers: number) => LayerPlan;

export const PLANNERS: Readonly<Record<string, () => Planner>> = {
  stable: () => rememberingPlanner(),
  auto: () => (graph, layers) => planAuto(graph, { layers }),
  popularity: () => (graph, layers) => planByPopularity(graph, { layers }),
  /** What no strategy can be below, whatever the runtime bears. */
  "a layer each": () => (graph) => planAuto(graph, { layers: Math.max(1, graph.nodes.size) }),
};

/** As a build's: what the lock holds is that of the last plan. */
export function rememberingPlanner(start?: PlanMemory): Planner {
  let memory = start;
  return (graph, layers) => {
    const keys = nodeKeys(graph);
    const plan = planStable(graph, { layers }, { memory, keys });
    ({ memory } = rememberPlan(plan, graph, keys, memory));
    return plan;
  };
}

/** Bytes of layers that are none of any closure before, from the second on. */
export function bytesMoved(closures: readonly ClosureGraph[], layers: number, planner: Planner): number {
  const known = new Set<string>();
  let moved = 0;
  for (const [index, graph] of closures.entries()) {
    const plan = planner(graph, layers);
    checkPlan(graph, plan);
    for (const { nodes, size } of plan.groups) {
      const layer = [...nodes].sort().join("\0");
      if (!known.has(layer) && index > 0) moved += size;
      known.add(layer);
    }
  }
  return moved;
}

export interface PackageVersion {
  readonly name: string;
  readonly version: string;
  readonly family?: string;
  readonly size: number;
  readonly entries: number;
  readonly needs: readonly string[];
}

export function closureOfPackages(packages: readonly PackageVersion[]): ClosureGraph {
  const ids = new Map(packages.map(({ name, version }) => [name, `test:${name}=${version}`]));
  const nodes = packages.map(({ name, version, family, size, entries, needs }): ClosureNode => ({
    id: ids.get(name)!,
    kind: "test",
    name,
    version,
    ...(family !== undefined && { family }),
    tree: treeOf(entries),
    size,
    needs: needs.flatMap((need) => ids.get(need) ?? []),
    volatility: "pinned",
  }));
  return closureGraph(nodes, []);
}

const trees = new Map<number, FileTree>();

/** Only how many entries there are means something to planners. */
function treeOf(entries: number): FileTree {
  const known = trees.get(entries);
  if (known !== undefined) return known;
  const tree = FileTree.of(Array.from({ length: entries }, (_, index) => directoryEntry(treePath(`d${index}`))));
  trees.set(entries, tree);
  return tree;
}

/**
 * What point releases do to a closure of Debian: binaries of one source package are updated together, most never, some in most of them;
 * sizes differ by thousands; now and then a package comes or goes.
 */
export function pointReleases(
  seed: number,
  { packages, releases }: { packages: number; releases: number },
): ClosureGraph[] {
  const random = randomIntegers(seed);
  const isOneOf = (many: number): boolean => random(many) === 0;
  const sources: { readonly binaries: readonly number[]; readonly often: number }[] = [];
  for (let next = 0; next < packages;) {
    const count = isOneOf(3) ? 1 + random(5) : 1;
    const often = isOneOf(2) ? 200 : isOneOf(3) ? 4 : 25;
    sources.push({ binaries: Array.from({ length: count }, (_, index) => next + index), often });
    next += count;
  }
  const all = sources.flatMap(({ binaries }, source) =>
    binaries.map((binary) => ({
      binary,
      source,
      size: 2 ** (10 + random(13)) + random(4000),
      needs: Array.from({ length: random(4) }, () => binary + 1 + random(packages)),
    })),
  );
  const versions = sources.map(() => 1);
  const away = new Set(all.filter(() => isOneOf(12)).map(({ binary }) => binary));
  return Array.from({ length: releases + 1 }, (_, release) => {
    if (release > 0) {
      sources.forEach(({ often }, source) => (versions[source]! += isOneOf(often) ? 1 : 0));
      for (const { binary } of all) if (isOneOf(400)) away[away.has(binary) ? "delete" : "add"](binary);
    }
    return closureOfPackages(
      all
        .filter(({ binary }) => !away.has(binary))
        .map(({ binary, source, size, needs }) => ({
          name: `p${binary}`,
          version: `1-${versions[source]}`,
          family: `s${source}`,
          size: size + versions[source]!,
          entries: 10,
          needs: needs.map((need) => `p${need}`),
        })),
    );
  });
}
