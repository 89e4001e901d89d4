/**
 * The strategy that remembers: layers of the last plan whose nodes are the same stay as they are, and what moves anyway, as some of it
 * was updated, is shared out anew among the layers that are left, so that the fewest bytes are expected to move next time.
 *
 * What changes often is in the way of what is large, and what is large and steady goes with nothing: nodes stand in a row by how often
 * they change for their size, which is cut into layers at the least expected cost (`cheapestCuts`). That is the partition problem of
 * data broadcasting (items with sizes and demands shared out among channels), whose best answers are pieces of such a row.
 */
import type { ClosureGraph } from "../../closure/closure.ts";
import type { LayerPlan, PlanLimits } from "../../model/plan.ts";
import { layerGroups, planningUnits, type UnitGroup } from "../planning-units.ts";
import { cheapestCuts, type Thing } from "./cheapest-cuts.ts";
import { byFirst, membersOf, rateIn, unitsOf, weightIn, type Group, type Member } from "./members.ts";
import type { OtherLayers } from "./layers-of-images.ts";
import { nodeKeys, type PlanMemory } from "./plan-memory.ts";
import { stableReason } from "./stable-reasons.ts";

export interface StableOptions {
  /** Of the image's last plan; before the first, without layers or none. */
  readonly memory?: PlanMemory | undefined;
  /** Layers of images that share with this one what they can. @default none */
  readonly others?: OtherLayers | undefined;
  /** By the node's id, of the whole closure where the graph is a part of it. @default of the graph */
  readonly keys?: ReadonlyMap<string, string> | undefined;
}

/**
 * At most `limits.layers` groups: those that stay, in the order in which they were, and above them what moves, rarest changes first.
 * A layer that another image has too stays one even where it moves. Throws `E_LAYERS` where `limits.layers` is below 1.
 */
export function planStable(graph: ClosureGraph, { layers }: PlanLimits, options: StableOptions = {}): LayerPlan {
  // No need of another joins nodes here: what they need does not tell how often they change.
  const alone = Array.from(graph.nodes, ([id, node]) => [id, { ...node, needs: [] }] as const);
  const units = planningUnits({ ...graph, nodes: new Map(alone) }, layers);
  const members = membersOf(graph, units, options.memory, options.keys ?? nodeKeys(graph));
  const { staying, moving, free } = standing(members, layers, options);
  const room = layers - staying.length - moving.length;
  const planned = [...moving, ...shareOut(free, room)].sort((a, b) => rateIn(a) - rateIn(b) || byFirst(a, b));
  const updates = options.memory?.updates ?? 0;
  const groups: readonly UnitGroup[] = [
    ...staying.map((group) => ({ units: unitsOf(group), reason: stableReason(group, updates, "stays") })),
    ...planned.map((group) => ({ units: unitsOf(group), reason: stableReason(group, updates, "planned anew") })),
  ];
  return { strategy: "stable", groups: layerGroups(groups, units) };
}

interface Standing {
  /** Layers that are the same as before. */
  readonly staying: readonly Group[];
  /** Layers of the same members, of which some are others. */
  readonly moving: readonly Group[];
  /** What is in no layer yet, or in one that moves. */
  readonly free: Group;
}

/** What of the memory holds; of an image that has none, what the others' layers give it. */
function standing(members: readonly Member[], layers: number, { memory, others }: StableOptions): Standing {
  const byKey = new Map(members.map((member) => [member.key, member]));
  const taken = new Set<Member>();
  const [staying, moving]: [Group[], Group[]] = [[], []];
  const isPlanned = memory !== undefined && memory.layers.length > 0;
  for (const layer of isPlanned ? memory.layers : (others?.all() ?? [])) {
    const group = Array.from(layer.keys(), (key) => byKey.get(key)).filter((member) => member !== undefined);
    if (group.length < layer.size || group.length === 0 || group.some((member) => taken.has(member))) continue;
    const isSame = group.every(({ key, identity }) => layer.get(key) === identity);
    // Without a plan of its own, all of them are others'.
    if (!isSame && isPlanned && others?.has(layer) !== true) continue;
    (isSame ? staying : moving).push(group);
    for (const member of group) taken.add(member);
  }
  const rest = members.filter((member) => !taken.has(member));
  // What fits no longer, or leaves no room for what is new: the lightest move with it.
  const byWeight = [...staying, ...moving].sort((a, b) => weightIn(a) - weightIn(b) || byFirst(a, b));
  const given = new Set<Group>();
  const isFull = (): boolean => byWeight.length - given.size + (rest.length + given.size > 0 ? 1 : 0) > layers;
  while (isFull()) given.add(byWeight[given.size]!);
  const left = (group: Group): boolean => !given.has(group);
  return {
    staying: staying.filter(left),
    moving: moving.filter(left),
    free: [...rest, ...[...given].flat()],
  };
}

/** At most `room` groups. */
function shareOut(free: Group, room: number): readonly Group[] {
  if (free.length === 0) return [];
  const row = (free.length > room ? families(free) : free.map((member) => bundle([member]))).sort(
    (a, b) => a.rate / a.weight - b.rate / b.weight || byFirst(a.members, b.members),
  );
  let from = 0;
  return cheapestCuts(row, room).map((to) => {
    const group = row.slice(from, to).flatMap(({ members }) => members);
    from = to;
    return group;
  });
}

interface Bundle extends Thing {
  readonly members: Group;
}

/** What is released together moves together, so that it may as well lie together. */
function families(free: Group): Bundle[] {
  const groups = new Map<string, Member[]>();
  for (const member of free) {
    const { kind, family, version } = member.node;
    const name = family === undefined ? member.key : `${kind}/${family}=${version}`;
    const known = groups.get(name);
    if (known === undefined) groups.set(name, [member]);
    else known.push(member);
  }
  return [...groups.values()].map(bundle);
}

function bundle(members: Group): Bundle {
  return { members, weight: weightIn(members), rate: members.reduce((most, { rate }) => Math.max(most, rate), 0) };
}
