/**
 * Packages with peers stand once for each set of peers that they are given, as Yarn's "virtual packages" do (Project.ts:
 * applyVirtualResolutionMutations): the layout keeps each beside what it was given.
 */
import { isWithin } from "../../../../core/index.ts";
import type { AskingPackage } from "./asked.ts";

/** A package as somebody sees it. */
export interface Instance {
  /** What the layout knows it by; of two that differ in peers alone, the same after `#`. */
  readonly reference: string;
  readonly asking: AskingPackage;
  readonly isVirtual: boolean;
  /** By name, peers included. Undefined for a peer that nobody gives. */
  readonly dependencies: Map<string, Seen | undefined>;
  readonly peers: Set<string>;
}

/** What one package sees of another; those who see the same one share it. */
export interface Seen {
  instance: Instance;
}

export interface InstanceGraph {
  /** By workspace's locator. */
  readonly workspaces: ReadonlyMap<string, Instance>;
  /** Locators of what somebody cannot do without. */
  readonly required: ReadonlySet<string>;
}

/** `resolve`: what a dependency means; `refused` is told where they need each other without an end, or stand for more sets of peers than anybody's. */
export function instancesOf(
  workspaces: readonly AskingPackage[],
  resolve: (asking: AskingPackage, name: string) => AskingPackage,
  refused: (asking: AskingPackage, limit: "npm.depth" | "npm.packages") => never,
): InstanceGraph {
  const plain = new Map<string, Instance>();
  const unfilled: Instance[] = [];
  const required = new Set<string>();
  const visited = new Set<Instance>();
  const seenAs = new Map<Instance, Set<Seen>>();
  const dependents = new Map<Instance, Set<Instance>>();
  const masters = new Map<string, Instance>();
  const dropped = new Set<Instance>();
  let count = 0;
  for (const workspace of workspaces) {
    const instance = plainInstance(workspace);
    visit({ instance }, instance, false, 0);
  }
  return { workspaces: new Map(workspaces.map((each) => [each.locked.locator, plainInstance(each)])), required };

  function plainInstance(asking: AskingPackage): Instance {
    const first = knownOrNew(asking);
    for (let next = unfilled.pop(); next !== undefined; next = unfilled.pop()) fill(next);
    return first;
  }

  function knownOrNew(asking: AskingPackage): Instance {
    const { locator, reference } = asking.locked;
    const known = plain.get(locator);
    if (known !== undefined) return known;
    const instance = { reference, asking, isVirtual: false, dependencies: new Map(), peers: new Set(asking.peers) };
    plain.set(locator, instance);
    unfilled.push(instance);
    return instance;
  }

  function fill({ asking, dependencies }: Instance): void {
    for (const name of asking.dependencies.keys())
      dependencies.set(name, { instance: knownOrNew(resolve(asking, name)) });
  }

  function visit(self: Seen, top: Instance, isOptional: boolean, depth: number): void {
    const parent = self.instance;
    if (!isWithin("npm.depth", depth)) refused(parent.asking, "npm.depth");
    if (!isOptional) required.add(parent.asking.locked.locator);
    if (visited.has(parent)) return;
    visited.add(parent);
    const made: { readonly seen: Seen; readonly own: Instance; readonly isOptional: boolean }[] = [];
    for (const [name, seen] of parent.dependencies) {
      if (seen === undefined || (parent.peers.has(name) && parent !== top)) continue;
      const mayMiss = isOptional || parent.asking.optional.has(name);
      const { asking } = seen.instance;
      if (asking.peers.length === 0) visit(seen, top, mayMiss, depth + 1);
      else made.push({ ...virtualInstance(parent, name, asking), isOptional: mayMiss });
    }
    const given = new Map<string, Seen | undefined>();
    for (const { own } of made) givePeers(own, self, given);
    dedupe(
      made.map(({ own }) => own),
      top,
    );
    for (const { seen, own, isOptional: mayMiss } of made) if (!dropped.has(own)) visit(seen, top, mayMiss, depth + 1);
    for (const { own } of made) {
      for (const [name, seen] of own.dependencies) if (seen === undefined) own.dependencies.delete(name);
    }
  }

  function virtualInstance(parent: Instance, name: string, asking: AskingPackage) {
    if (!isWithin("npm.packages", count)) refused(asking, "npm.packages");
    const reference = `virtual:${count++}#${asking.locked.reference}`;
    const own: Instance = { reference, asking, isVirtual: true, dependencies: new Map(), peers: new Set(asking.peers) };
    fill(own);
    const seen: Seen = { instance: own };
    parent.dependencies.set(name, seen);
    seenAs.set(own, new Set([seen]));
    return { seen, own };
  }

  /** Peers are what the parent has, or the parent itself; what nobody gives, a package may bring for itself. */
  function givePeers(own: Instance, self: Seen, given: Map<string, Seen | undefined>): void {
    const { instance: parent } = self;
    for (const name of own.asking.peers) {
      if (!given.has(name))
        given.set(name, parent.dependencies.get(name) ?? (parent.asking.locked.name === name ? self : undefined));
      const peer = given.get(name);
      if (peer === undefined && own.dependencies.has(name)) {
        own.peers.delete(name);
        continue;
      }
      own.dependencies.set(name, peer);
      if (peer?.instance.isVirtual) setOf(dependents, peer.instance).add(own);
    }
    const ordered = [...own.dependencies].toSorted(([a], [b]) => (a < b ? -1 : 1));
    own.dependencies.clear();
    for (const [name, seen] of ordered) own.dependencies.set(name, seen);
  }

  /** One that sees what an earlier one sees is that one. Those who saw it are looked at again. */
  function dedupe(made: readonly Instance[], top: Instance): void {
    const candidates = new Set(made);
    for (const own of candidates) {
      candidates.delete(own);
      if (dropped.has(own)) continue;
      const sees = [...own.dependencies.values()].map((seen) => identity(seen, top));
      const key = JSON.stringify([own.asking.locked.locator, ...sees]);
      const master = masters.get(key);
      if (master === undefined) masters.set(key, own);
      if (master === undefined || master === own) continue;
      for (const seen of seenAs.get(own) ?? []) {
        seen.instance = master;
        setOf(seenAs, master).add(seen);
      }
      dropped.add(own);
      for (const dependent of dependents.get(own) ?? []) {
        setOf(dependents, master).add(dependent);
        candidates.add(dependent);
      }
    }
  }
}

function identity(seen: Seen | undefined, top: Instance): string {
  if (seen === undefined) return "missing";
  const { asking, reference } = seen.instance;
  return `${asking.locked.name}@${reference}${seen.instance === top ? " (top)" : ""}`;
}

function setOf<Key, Value>(map: Map<Key, Set<Value>>, key: Key): Set<Value> {
  const known = map.get(key) ?? new Set();
  map.set(key, known);
  return known;
}
