/** Whether a pnpm lock still is what a member's package.json asks for, word for word: `--frozen-lockfile` refuses one that is not. */
import type { Manifest } from "../manifest.ts";
import type { PnpmImporter, PnpmLock } from "./lock-file.ts";

const KINDS = ["optionalDependencies", "dependencies", "devDependencies"] as const;

/** What differs, in words; undefined where nothing does. */
export function pnpmDisagreement(
  manifest: Manifest,
  importer: PnpmImporter,
  { autoInstallPeers = false }: PnpmLock["settings"],
): string | undefined {
  const asked = askedFor(manifest, autoInstallPeers);
  for (const kind of KINDS) {
    const locked = importer[kind];
    for (const [name, range] of Object.entries(asked[kind])) {
      const before = Object.hasOwn(locked, name) ? locked[name]!.specifier : undefined;
      if (before === undefined) return `package.json has "${name}" among its ${kind}, and the lock has not`;
      if (before !== range) return `package.json asks for "${name}" ${range}, and the lock is for ${before}`;
    }
    const gone = Object.keys(locked).find((name) => !Object.hasOwn(asked[kind], name));
    if (gone !== undefined) return `the lock has "${gone}" among the ${kind}, and package.json has not`;
  }
  return undefined;
}

type Asked = Readonly<Record<(typeof KINDS)[number], Readonly<Record<string, string>>>>;

/** Each name once: what is optional too is listed there alone, and peers count as dependencies where nothing else names them. */
function askedFor(manifest: Manifest, autoInstallPeers: boolean): Asked {
  const { optionalDependencies = {}, dependencies = {}, devDependencies = {}, peerDependencies = {} } = manifest;
  const without = (list: Readonly<Record<string, string>>, ...others: readonly object[]) =>
    Object.fromEntries(Object.entries(list).filter(([name]) => !others.some((other) => Object.hasOwn(other, name))));
  const peers = autoInstallPeers ? without(peerDependencies, optionalDependencies, dependencies, devDependencies) : {};
  return {
    optionalDependencies,
    dependencies: { ...peers, ...without(dependencies, optionalDependencies) },
    devDependencies: without(devDependencies, optionalDependencies, dependencies),
  };
}
