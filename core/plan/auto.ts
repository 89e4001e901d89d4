/**
 * The size-driven strategy: the largest units become *primaries*, one after another, and what the same primaries
 * need shares a layer, until one more primary would need more layers than there are.
 *
 * As described, every unit has a label: the primaries that need it, less those that need it only through another
 * primary; a primary's label is itself. Equal label, same layer. Here it is computed otherwise, with the same result.
 * The primaries that need a unit, with the unit itself if it is one, are closed under "needs it", and a label is that
 * set's lowest members. Either determines the other, so layers are the classes of units with the same set; and a new
 * primary only splits each class into what the primary reaches and the rest. Classes never join, so their number
 * never falls, and the first step over the limit is the last one to be tried.
 */
import type { PlanLimits } from "../model/plan.ts";
import type { ClosureGraph } from "../closure/closure.ts";
import type { LayerPlan } from "../model/plan.ts";
import { autoReasons } from "./auto-reasons.ts";
import { groupClosureSizes } from "./closure-sizes.ts";
import { Partition } from "./partition.ts";
import { byRank, layerGroups, planningUnits, type PlanningUnit } from "./planning-units.ts";
import { BLOCK, flattenReferences, spreadToNeeds } from "./reach-words.ts";

/**
 * At most `limits.layers` groups, ordered by the bytes of their joint closures, smallest first; ties, also between
 * equally large primaries, go by the total order of nodes. Units without entries are no primaries and count for no
 * layer. Throws `E_LAYERS` where `limits.layers` is below 1. Source: the default layering of nixpkgs' dockerTools since
 * its pull request 355189.
 */
export function planAuto(graph: ClosureGraph, limits: PlanLimits): LayerPlan {
  const units = planningUnits(graph, limits.layers);
  const { groups, primaries } = splitByPrimaries(units, limits.layers);
  const closureSizes = groupClosureSizes(units, groups);
  const reasons = autoReasons(units, groups, primaries);
  const ordered = groups
    .map((group, index) => ({
      units: group.map((unit) => units[unit]!).sort(byRank),
      closureSize: closureSizes[index]!,
      reason: reasons[index]!,
    }))
    .sort((a, b) => a.closureSize - b.closureSize || byRank(a.units[0]!, b.units[0]!));
  return { strategy: "auto", groups: layerGroups(ordered, units) };
}

/** Indexes of units. */
interface Split {
  readonly groups: readonly (readonly number[])[];
  /** Largest first. */
  readonly primaries: readonly number[];
}

function splitByPrimaries(units: readonly PlanningUnit[], layers: number): Split {
  const filled = units.flatMap((unit, index) => (unit.isEmpty ? [] : [index]));
  const candidates = [...filled].sort((a, b) => units[b]!.size - units[a]!.size || byRank(units[a]!, units[b]!));
  // There can be no more classes than units, so each would become a primary.
  if (filled.length <= layers) return { groups: filled.map((unit) => [unit]), primaries: candidates };

  const partition = new Partition(units.length, filled);
  const references = flattenReferences(units);
  const words = new Int32Array(units.length);
  let accepted = 0;
  for (; accepted < candidates.length; accepted++) {
    const bit = accepted % BLOCK;
    if (bit === 0) {
      words.fill(0);
      candidates.slice(accepted, accepted + BLOCK).forEach((unit, place) => (words[unit] = 1 << place));
      spreadToNeeds(references, words, units.length - 1);
    }
    if (!partition.split(words, 1 << bit, layers)) break;
  }
  return { groups: partition.classes(), primaries: candidates.slice(0, accepted) };
}
