/** Whether a lock still is what package.json asks for: `npm ci` refuses one that is not, and so do we. */
import { satisfies, validRange } from "semver";
import type { Manifest } from "./manifest.ts";

const KINDS = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"] as const;

export type DependencyLists = Pick<Manifest, (typeof KINDS)[number]>;

/**
 * What differs, in words; undefined where nothing does. A range may have been rewritten if the version that is locked still is in it.
 * `versionOf`: of what is installed under a name.
 */
export function disagreement(
  manifest: DependencyLists,
  locked: DependencyLists,
  versionOf: (name: string) => string | undefined,
): string | undefined {
  for (const kind of KINDS) {
    const [asked, known] = [manifest[kind] ?? {}, locked[kind] ?? {}];
    for (const [name, range] of Object.entries(asked)) {
      // What is optional too is listed there alone.
      if (kind === "dependencies" && manifest.optionalDependencies?.[name] !== undefined) continue;
      const before = known[name];
      if (before === range) continue;
      if (before === undefined) return `package.json has "${name}" among its ${kind}, and the lock has not`;
      const version = versionOf(name);
      const isStillRight = validRange(range) !== null && version !== undefined && satisfies(version, range);
      if (!isStillRight) return `package.json asks for "${name}" ${range}, and the lock is for ${before}`;
    }
    const gone = Object.keys(known).find((name) => asked[name] === undefined);
    if (gone !== undefined) return `the lock has "${gone}" among the ${kind}, and package.json has not`;
  }
  return undefined;
}
