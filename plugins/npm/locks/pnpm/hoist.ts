/**
 * What pnpm hoists to `node_modules/.pnpm/node_modules` (pkg-manager/hoist): every name once, for packages that require what they do not
 * declare. The nearest to the project wins; what the root itself has is not hoisted.
 */
import type { Directory, PnpmGraph, Seen } from "./graph.ts";

/** `names`: of the workspace's members, by folder. */
export function hoisted(graph: PnpmGraph, names: ReadonlyMap<Directory, string>): Seen {
  const taken = new Set(graph.members.get("")?.keys());
  const found = new Map<string, Directory>();
  const levels = [{ directory: "", depth: -1, sees: ofMembers(graph, names) }, ...walk(graph)];
  for (const { sees } of levels.toSorted((a, b) => a.depth - b.depth || (a.directory < b.directory ? -1 : 1))) {
    for (const [alias, directory] of sees) {
      const key = alias.toLowerCase();
      if (taken.has(key)) continue;
      // pnpm does not count links to members, and does not replace them either.
      if (!found.has(alias)) found.set(alias, directory);
      if (graph.packages.has(directory)) taken.add(key);
    }
  }
  return found;
}

function ofMembers({ packages, members }: PnpmGraph, names: ReadonlyMap<Directory, string>): Seen {
  const seen = new Map<string, Directory>();
  for (const [directory, name] of names) if (directory !== "") seen.set(name, directory);
  const direct = new Map<string, Directory>();
  for (const sees of members.values()) {
    for (const [alias, directory] of sees) {
      if (packages.has(directory) && !direct.has(alias)) direct.set(alias, directory);
    }
  }
  for (const [alias, directory] of direct) seen.set(alias, directory);
  return seen;
}

interface Level {
  readonly directory: Directory;
  readonly depth: number;
  readonly sees: Seen;
}

/**
 * pnpm's walk, whose depths are not always the shortest: a package's children are claimed as soon as it is met, its grandchildren when
 * its turn comes.
 */
function walk({ packages, members }: PnpmGraph): readonly Level[] {
  const visited = new Set<Directory>();
  const levels: Level[] = [];
  const waiting = [{ step: claim([...members.values()].flatMap((sees) => [...sees.values()])), depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { step, depth } = next;
    const below = step.map((directory) => {
      const { sees } = packages.get(directory)!;
      levels.push({ directory, depth, sees });
      return { step: claim([...sees.values()]), depth: depth + 1 };
    });
    // One by one: a package may need more of them than a call takes arguments.
    for (const each of below.toReversed()) waiting.push(each);
  }
  return levels;

  function claim(directories: readonly Directory[]): readonly Directory[] {
    return directories.filter((directory) => {
      if (visited.has(directory) || !packages.has(directory)) return false;
      visited.add(directory);
      return true;
    });
  }
}
