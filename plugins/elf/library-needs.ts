/**
 * Native addons of npm packages need libraries of the system, which package.json has no words for, and programs for another machine those
 * that this host cannot have: they become edges of the closure, so that the layers lie and reasons are told as for everything else. What is
 * nowhere is told by the check of the finished image, or is an error (`lacking.ts`).
 */
import { baseNameOf, type ClosureGraph, type ClosureNode, type Platform, type Store } from "../../core/index.ts";
import { fitsPlatform } from "./architecture.ts";
import { SYSTEM_LIBRARIES } from "./check/chosen.ts";
import { factsIn, isSameKind, sharedObjects, type ElfFacts, type ObjectKind } from "./check/objects.ts";
import type { LackingObject } from "./lacking.ts";

interface Context {
  readonly platform: Platform;
  readonly store: Pick<Store, "readRecord" | "writeRecord">;
}

type Needer = ObjectKind & Pick<ElfFacts, "needed">;

export async function withLibraryNeeds(
  graph: ClosureGraph,
  lacking: readonly LackingObject[],
  { platform, store }: Context,
): Promise<ClosureGraph> {
  const needers = new Map<ClosureNode, readonly Needer[]>();
  for (const object of lacking) {
    const node = graph.nodes.get(object.node);
    if (node !== undefined) needers.set(node, [...(needers.get(node) ?? []), object]);
  }
  for (const node of graph.nodes.values()) {
    if (node.kind !== "npm") continue;
    const facts = (await sharedObjects(node.tree, store)).flatMap(({ facts }) =>
      facts.format === "elf" && fitsPlatform(facts.architecture, platform) ? [facts] : [],
    );
    if (facts.length > 0) needers.set(node, facts);
  }
  if (needers.size === 0) return graph;
  const libraries = systemLibraries(graph, new Set([...needers.values()].flat().flatMap(({ needed }) => needed)));
  const nodes = new Map(graph.nodes);
  for (const [node, objects] of needers) {
    const found = objects.flatMap((facts) =>
      facts.needed.flatMap(
        (name) => libraries.get(name)?.find((library) => isSameKind(library.facts, facts))?.node ?? [],
      ),
    );
    nodes.set(node.id, { ...node, needs: [...new Set([...node.needs, ...found])].toSorted() });
  }
  return { ...graph, nodes };
}

interface Library {
  readonly facts: ElfFacts;
  /** The id of who brings it. */
  readonly node: string;
}

/** Those in the directories that the loader searches, by name; what packages of npm bring they find by their own paths. */
function systemLibraries(
  { nodes }: ClosureGraph,
  wanted: ReadonlySet<string>,
): ReadonlyMap<string, readonly Library[]> {
  const found = new Map<string, Library[]>();
  for (const { id, kind, tree } of nodes.values()) {
    if (kind === "npm") continue;
    for (const entry of tree.entries()) {
      const name = baseNameOf(entry.path);
      if (entry.type === "directory" || !wanted.has(name) || entry.path.replace(SYSTEM_LIBRARIES, "") !== name)
        continue;
      const facts = factsIn(tree, entry);
      if (facts?.format === "elf") found.set(name, [...(found.get(name) ?? []), { facts, node: id }]);
    }
  }
  return found;
}
