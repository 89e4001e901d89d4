/**
 * Where each package stands: Yarn's own hoisting, over the tree that its node-modules linker makes of a project (@yarnpkg/nm:
 * buildNodeModulesTree).
 */
import { posix } from "node:path";
import type { HoisterDependencyKind, HoisterResult, HoisterTree } from "@yarnpkg/nm/hoist";
import type { Instance } from "./instances.ts";
import { folderOf, isLink } from "./lock-file.ts";

export interface YarnWorkspace {
  readonly instance: Instance;
  /** From the root; "" is the root. */
  readonly folder: string;
  /** Peers that its own package.json names. */
  readonly peers: readonly string[];
  /** Whether what it needs is installed. */
  readonly isInstalled: boolean;
  /** Without a name nothing links to it. */
  readonly isNamed: boolean;
}

export interface YarnPlace {
  /** From the root: `node_modules/debug`. */
  readonly path: string;
  readonly instance: Instance;
}

/** Marks a workspace's own folder, beside the links to it. */
const FOLDER_SUFFIX = "$wsroot$";
const WORKSPACE: HoisterDependencyKind = 1;

/** `workspaces`: the root first. `isLeftOut`: what does not run on the target; `hoisted`: Yarn's. In Yarn's order. */
export async function hoistedPlaces(
  workspaces: readonly YarnWorkspace[],
  isLeftOut: (instance: Instance) => boolean,
  hoisted: (root: HoisterTree) => Promise<HoisterResult>,
): Promise<readonly YarnPlace[]> {
  const top = workspaces[0]!.instance;
  const byInstance = new Map(workspaces.map((each) => [each.instance, each]));
  const inner = innerWorkspaces(workspaces, dependenciesOf);
  const found = new Map<string, Instance>();
  const nodes = new Map<string, HoisterTree>();
  const root = nodeOf(top, top.asking.locked.name, true);
  const met = new Set<HoisterTree>();
  add(top, top.asking.locked.name, false, root, top, new Map());
  return placesOf(
    await hoisted(root),
    (node) => found.get(`${node.identName}@${[...node.references].toSorted()[0]!}`)!,
    byInstance,
  );

  function nodeOf(instance: Instance, name: string, isFolder: boolean): HoisterTree {
    const identName = `${instance.asking.locked.name}${isFolder && instance !== top ? FOLDER_SUFFIX : ""}`;
    const key = `${identName}@${instance.reference}:${name}`;
    const known = nodes.get(key);
    if (known !== undefined) return known;
    found.set(`${identName}@${instance.reference}`, instance);
    const made: HoisterTree = {
      name,
      identName,
      reference: instance.reference,
      dependencies: new Set(),
      peerNames: new Set(instance.isVirtual && !isFolder ? instance.peers : []),
      ...(isFolder && { dependencyKind: WORKSPACE }),
    };
    nodes.set(key, made);
    return made;
  }

  function add(
    instance: Instance,
    name: string,
    isFolder: boolean,
    parent: HoisterTree,
    from: Instance,
    siblings: ReadonlyMap<string, Instance | undefined>,
  ): void {
    const node = nodeOf(instance, name, isFolder);
    node.hoistPriority = Math.max(node.hoistPriority ?? 0, isLink(from.asking.locked) ? 1 : 0);
    // Each workspace that is installed sees itself.
    if (instance !== from || !isLink(instance.asking.locked) || byInstance.get(from)?.isInstalled === true)
      parent.dependencies.add(node);
    if (met.has(node)) return;
    met.add(node);
    const workspace = byInstance.get(instance);
    const dependencies = dependenciesOf(instance);
    for (const peer of workspace?.peers ?? []) {
      if (dependencies.has(peer)) continue;
      dependencies.set(peer, siblings.get(peer));
      node.peerNames.add(peer);
    }
    if (isLink(instance.asking.locked) && !isFolder && node !== root) return;
    for (const [each, dependency] of dependencies)
      if (dependency !== undefined) add(dependency, each, false, node, instance, dependencies);
    for (const each of inner.get(instance) ?? [])
      add(each, `${each.asking.locked.name}${FOLDER_SUFFIX}`, true, node, instance, dependencies);
  }

  /** Itself first, then peers, then the rest. */
  function dependenciesOf(instance: Instance): Map<string, Instance | undefined> {
    const { asking, peers, isVirtual } = instance;
    const all = new Map<string, Instance | undefined>([[asking.locked.name, instance]]);
    if (isVirtual) for (const peer of peers) all.set(peer, undefined);
    for (const [name, seen] of instance.dependencies)
      if (seen !== undefined && !isLeftOut(seen.instance)) all.set(name, seen.instance);
    return all;
  }
}

interface Folder {
  workspace?: Instance;
  readonly children: Map<string, Folder>;
}

/** By workspace, those in its folder and in no other's in between; in the order in which Yarn meets them. */
function innerWorkspaces(
  workspaces: readonly YarnWorkspace[],
  dependenciesOf: (instance: Instance) => ReadonlyMap<string, Instance | undefined>,
): ReadonlyMap<Instance, readonly Instance[]> {
  const byFolder = new Map(workspaces.map((each) => [each.folder, each.instance]));
  const top: Folder = { children: new Map() };
  const visited = new Set<Instance>();
  for (const { instance } of workspaces) visit(instance);
  const inner = new Map<Instance, Instance[]>();
  collect(top, top.workspace!);
  return inner;

  function visit(instance: Instance): void {
    if (visited.has(instance)) return;
    visited.add(instance);
    if (isLink(instance.asking.locked) && !instance.asking.locked.reference.startsWith("link:")) enter(instance);
    for (const dependency of dependenciesOf(instance).values()) if (dependency !== undefined) visit(dependency);
  }

  /** What `portal:` names has packages of its own, as a workspace does, which comes first where it is one. */
  function enter(instance: Instance): void {
    const path = folderOf(instance.asking.locked);
    let folder = top;
    for (const segment of path.split("/").filter(Boolean)) {
      const next = folder.children.get(segment) ?? { children: new Map() };
      folder.children.set(segment, next);
      folder = next;
    }
    folder.workspace ??= byFolder.get(path) ?? instance;
  }

  function collect({ children }: Folder, outer: Instance): void {
    for (const folder of children.values()) {
      const { workspace } = folder;
      if (workspace !== undefined) inner.set(outer, [...(inner.get(outer) ?? []), workspace]);
      collect(folder, workspace ?? outer);
    }
  }
}

function placesOf(
  root: HoisterResult,
  instanceOf: (node: HoisterResult) => Instance,
  byInstance: ReadonlyMap<Instance, YarnWorkspace>,
): readonly YarnPlace[] {
  const places = new Map<string, Instance>();
  const entered = new Set<HoisterResult>();
  enter(root, "");
  return Array.from(places, ([path, instance]) => ({ path, instance }));

  function enter(node: HoisterResult, folder: string): void {
    if (entered.has(node)) return;
    entered.add(node);
    for (const dependency of node.dependencies) {
      const instance = instanceOf(dependency);
      const isSelf =
        dependency.identName === node.identName.replace(FOLDER_SUFFIX, "") &&
        referencesOf(dependency) === referencesOf(node);
      if (isSelf) continue;
      const path = posix.join(folder, "node_modules", dependency.name);
      if (!dependency.name.endsWith(FOLDER_SUFFIX) && byInstance.get(instance)?.isNamed !== false)
        places.set(path, instance);
      enter(dependency, isLink(instance.asking.locked) ? folderOf(instance.asking.locked) : path);
    }
  }
}

function referencesOf({ references }: HoisterResult): string {
  return [...references].toSorted().join("#");
}
