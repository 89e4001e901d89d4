/**
 * The order in which packages are configured: what a package needs comes first. Cycles are broken where dpkg would have
 * to break one too; ties are broken by the order given, so the same list gives the same order.
 */

/** A package with the ids of what it needs configured before it. */
export interface OrderedPackage {
  readonly id: string;
  /** Pre-Depends: never broken up, unless they form a cycle by themselves. */
  readonly preDepends: readonly string[];
  readonly depends: readonly string[];
}

/** Ids in configure order. References to unknown ids are ignored. */
export function configureOrder(packages: readonly OrderedPackage[]): readonly string[] {
  const byID = new Map(packages.map((item) => [item.id, item]));
  const order: string[] = [];
  for (const component of components(packages, byID)) {
    if (component.length === 1) order.push(component[0]!);
    else order.push(...insideCycle(component, packages));
  }
  return order;
}

/** Within a cycle only Pre-Depends are kept; the rest goes by the order given. */
function insideCycle(component: readonly string[], packages: readonly OrderedPackage[]): readonly string[] {
  const members = new Set(component);
  const reduced = packages
    .filter((item) => members.has(item.id))
    .map((item) => ({ id: item.id, preDepends: item.preDepends.filter((id) => members.has(id)), depends: [] }));
  return components(reduced, new Map(reduced.map((item) => [item.id, item]))).flat();
}

/** Tarjan's strongly connected components, without recursion: they come out with what is needed first. */
function components(
  packages: readonly OrderedPackage[],
  byID: ReadonlyMap<string, OrderedPackage>,
): readonly (readonly string[])[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const onStack = new Set<string>();
  const stack: string[] = [];
  const result: string[][] = [];
  const position = new Map(packages.map((item, place) => [item.id, place]));

  for (const root of packages) {
    if (index.has(root.id)) continue;
    const work: { readonly id: string; readonly needs: readonly string[]; next: number }[] = [];
    const enter = (id: string) => {
      index.set(id, index.size);
      low.set(id, index.get(id)!);
      stack.push(id);
      onStack.add(id);
      const item = byID.get(id)!;
      const needs = [...item.preDepends, ...item.depends].filter((need) => byID.has(need));
      work.push({ id, needs, next: 0 });
    };
    enter(root.id);
    while (work.length > 0) {
      const frame = work.at(-1)!;
      const need = frame.needs[frame.next++];
      if (need !== undefined) {
        if (!index.has(need)) enter(need);
        else if (onStack.has(need)) low.set(frame.id, Math.min(low.get(frame.id)!, index.get(need)!));
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent) low.set(parent.id, Math.min(low.get(parent.id)!, low.get(frame.id)!));
      if (low.get(frame.id) !== index.get(frame.id)) continue;
      const component: string[] = [];
      for (let id = stack.pop()!; ; id = stack.pop()!) {
        onStack.delete(id);
        component.push(id);
        if (id === frame.id) break;
      }
      result.push(component.sort((a, b) => position.get(a)! - position.get(b)!));
    }
  }
  return result;
}
