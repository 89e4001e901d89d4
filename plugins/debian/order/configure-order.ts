/**
 * The order in which packages are configured, and so in which users get their ids: that of debootstrap for its minimal
 * set, then that of apt and dpkg. apt has some configured while it still unpacks others; of all that is left dpkg makes
 * one queue. The same packages give the same order, however they are given.
 */
import { earlyRuns } from "./apt-configure-early.ts";
import { configureQueue } from "./dpkg-queue.ts";
import { inHashOrder } from "./hash-order.ts";
import { bootstrapOrder, minimalSet } from "./minimal-set.ts";
import { subjectsOf, type OrderedPackage, type Subject } from "./subject.ts";

export interface Configured {
  readonly id: string;
  /** In which run of dpkg it is unpacked, and in which configured: from 0, for the minimal set. */
  readonly turn: { readonly unpacked: number; readonly configured: number };
}

/** `isMinimal`: whether a package was asked for as one of the minimal set. */
export function configureOrder<Package extends OrderedPackage>(
  packages: readonly Package[],
  architecture: string,
  isMinimal: (item: Package) => boolean = () => false,
): readonly Configured[] {
  const subjects = subjectsOf(packages, architecture);
  const hasMinimal = packages.some(isMinimal);
  // One that was also asked for by name says so instead.
  const roots = subjects.filter((subject, index) => hasMinimal && (isMinimal(packages[index]!) || isRequired(subject)));
  const minimal = minimalSet(roots);
  const configured = new Set<Subject>();
  const order: Configured[] = [];
  for (const subject of bootstrapOrder(minimal)) {
    configured.add(subject);
    order.push({ id: subject.id, turn: { unpacked: 0, configured: 0 } });
  }
  const further = subjects.filter((subject) => !minimal.has(subject));
  const { runs, unpackedBefore } = earlyRuns(further, minimal);
  const early = new Set(runs.flat());
  const left = inHashOrder(further.filter((subject) => !early.has(subject)));
  for (const [run, queue] of [...runs, left].entries()) {
    for (const subject of configureQueue(queue, configured)) {
      order.push({ id: subject.id, turn: { unpacked: unpackedBefore.get(subject)! + 1, configured: run + 1 } });
    }
  }
  return order;
}

function isRequired({ essential, priority }: { readonly essential: boolean; readonly priority: number }): boolean {
  return essential || priority === 1;
}
