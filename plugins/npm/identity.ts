/** What stands for the tree of an `npm` source before it is made: the lock's plan, where sums of the lock say what each package holds. */
import { canonicalJson, digestOf, type Json, type StageContext } from "../../core/index.ts";
import { planned } from "./install-plan.ts";
import type { LockedPackage } from "./model.ts";
import { DEST, type NpmOptions } from "./options.ts";
import { strongKey } from "./registry/tarball.ts";

/** Undefined where a package is what lies in the project, or what a script makes of it, or what our own lock says. Throws what reading the project throws. */
export async function identityOfNpm(options: NpmOptions, context: StageContext): Promise<string | undefined> {
  const { dest = DEST, prebuilds = "all", allowScripts = [] } = options;
  if (allowScripts.length > 0) return undefined;
  const { plan, target } = await planned(options, context);
  const packages = [...plan.packages.values()];
  if (!packages.every(isFixed)) return undefined;
  const { places, layout } = plan;
  const parts = { packages, places, layout, target, dest, prebuilds, mtime: context.spec.mtime };
  // The plan is plain data; interfaces are not seen as index signatures.
  return digestOf(canonicalJson(parts as unknown as Json));
}

function isFixed({ origin, patches = [] }: LockedPackage): boolean {
  if (patches.length > 0) return false;
  switch (origin.kind) {
    case "bundled":
    case "project":
      return true;
    case "registry":
    case "web":
    case "git":
      return strongKey(origin) !== undefined;
    case "folder":
    case "tarball":
      return false;
  }
}
