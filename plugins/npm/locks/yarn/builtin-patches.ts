/**
 * What Yarn itself changes of packages, so that they work with Plug'n'Play (@yarnpkg/plugin-compat). Its package exports none of the texts, and
 * its index would bring all of Yarn along. That of fsevents is for no image's system.
 */
import { satisfies } from "semver";
import { getPatch as resolvePatch } from "../../../../node_modules/@yarnpkg/plugin-compat/lib/patches/resolve.patch.js";
import { getPatch as typescriptPatch } from "../../../../node_modules/@yarnpkg/plugin-compat/lib/patches/typescript.patch.js";

const TEXTS: ReadonlyMap<string, () => string> = new Map([
  ["builtin<compat/resolve>", resolvePatch],
  ["builtin<compat/typescript>", typescriptPatch],
]);

/** `path`: as a reference has it. Each change says for which versions it is; "" where none is for this one, undefined where Yarn has no such patch. */
export function builtinPatch(path: string, version: string): string | undefined {
  const changes = TEXTS.get(path)?.().split(/^(?=diff --git )/m);
  return changes
    ?.filter((change) => {
      const [, range] = /^semver exclusivity (.+)$/m.exec(change) ?? [];
      return range === undefined || satisfies(version, range, { includePrerelease: true });
    })
    .join("");
}
