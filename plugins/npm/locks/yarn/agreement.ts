/** Whether a yarn.lock still is what a workspace's package.json asks for, word for word: `yarn install --immutable` refuses one that is not. */
import type { Manifest } from "../manifest.ts";
import { normalRange } from "./asked.ts";
import type { YarnPackage } from "./lock-file.ts";

/** What differs, in words; undefined where nothing does. */
export function yarnDisagreement(manifest: Manifest, locked: YarnPackage): string | undefined {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies = {} } = manifest;
  const asked = { ...dependencies, ...optionalDependencies, ...devDependencies };
  return (
    difference(asked, locked.dependencies, "dependencies", normalRange) ??
    difference(peerDependencies, locked.peerDependencies, "peerDependencies", (range) => range)
  );
}

function difference(
  asked: Readonly<Record<string, string>>,
  locked: Readonly<Record<string, string>>,
  kind: string,
  normal: (range: string) => string,
): string | undefined {
  for (const [name, range] of Object.entries(asked)) {
    const before = Object.hasOwn(locked, name) ? locked[name] : undefined;
    if (before === undefined) return `package.json has "${name}" among its ${kind}, and the lock has not`;
    if (normal(before) !== normal(range))
      return `package.json asks for "${name}" ${range}, and the lock is for ${before}`;
  }
  const gone = Object.keys(locked).find((name) => !Object.hasOwn(asked, name));
  return gone === undefined ? undefined : `the lock has "${gone}" among the ${kind}, and package.json has not`;
}
