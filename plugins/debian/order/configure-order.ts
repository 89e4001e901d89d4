/**
 * The order in which packages are configured, and so in which users get their ids: that of debootstrap for its minimal
 * set, then that of apt and dpkg. apt has some configured while it still unpacks others; of all that is left dpkg makes
 * one queue. The same packages give the same order, however they are given.
 */
import { earlyRuns } from "./apt-configure-early.ts";
import { configureQueue } from "./dpkg-queue.ts";
import { inHashOrder } from "./dpkg-hash.ts";
import { bootstrapOrder, minimalSet } from "./minimal-set.ts";
import { subjectsOf, type OrderedPackage } from "./subject.ts";

/** Ids in order. `isMinimal`: whether a package was asked for as one of the minimal set. */
export function configureOrder<Package extends OrderedPackage>(
  packages: readonly Package[],
  architecture: string,
  isMinimal: (item: Package) => boolean = () => false,
): readonly string[] {
  const subjects = subjectsOf(packages, architecture);
  const hasMinimal = packages.some(isMinimal);
  // One that was also asked for by name says so instead.
  const roots = subjects.filter((subject, index) => hasMinimal && (isMinimal(packages[index]!) || isRequired(subject)));
  const minimal = minimalSet(roots);
  const order = [...bootstrapOrder(minimal)];
  const configured = new Set(order);
  const further = subjects.filter((subject) => !minimal.has(subject));
  for (const run of earlyRuns(further, minimal)) order.push(...configureQueue(run, configured));
  const left = inHashOrder(further.filter((subject) => !configured.has(subject)));
  order.push(...configureQueue(left, configured));
  return order.map(({ id }) => id);
}

function isRequired({ essential, priority }: { readonly essential: boolean; readonly priority: number }): boolean {
  return essential || priority === 1;
}
