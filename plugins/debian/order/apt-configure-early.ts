/**
 * What apt has configured before all is unpacked (pkgPackageManager's SmartUnPack and SmartConfigure): what something
 * Pre-Depends on, with all that it needs, and what essential packages are made of. The rest is left to dpkg.
 */
import { unpackOrder } from "./apt-unpack-order.ts";
import { runDeep, type DeepCall } from "./deep-calls.ts";
import { targetsOf, type Need, type Subject } from "./subject.ts";

export interface EarlyRuns {
  /** What one run of `dpkg --configure` is told to configure, for each run before the last. */
  readonly runs: readonly (readonly Subject[])[];
  /** Before which of the runs each package is unpacked: from 0. */
  readonly unpackedBefore: ReadonlyMap<Subject, number>;
}

export function earlyRuns(packages: readonly Subject[], installed: ReadonlySet<Subject>): EarlyRuns {
  const immediate = immediateOf([...installed, ...packages]);
  const unpacked = new Map<Subject, number>();
  const configured = new Set<Subject>();
  /** Those that are being dealt with further out. */
  const looping = new Set<Subject>();
  const runs: Subject[][] = [[]];

  function* within(subject: Subject, call: DeepCall): DeepCall {
    const isOutermost = !looping.has(subject);
    looping.add(subject);
    yield call;
    if (isOutermost) looping.delete(subject);
  }

  function* unpack(subject: Subject, andConfigure: boolean): DeepCall {
    const isLoop = looping.has(subject);
    for (let isChanged = true; isChanged;) {
      isChanged = false;
      for (const need of openNeeds(subject)) {
        if (!need.isPre) continue;
        const target = targetsOf(need).find((each) => unpacked.has(each) || !isLoop || !looping.has(each));
        if (target === undefined || configured.has(target)) continue;
        yield within(subject, unpacked.has(target) ? configure(target) : unpack(target, true));
        isChanged ||= !looping.has(target);
      }
    }
    if (isLoop || unpacked.has(subject)) return;
    if (runs.at(-1)!.length > 0) runs.push([]);
    unpacked.set(subject, runs.length - 1);
    if (andConfigure) yield configure(subject);
  }

  function* configure(subject: Subject): DeepCall {
    const isLoop = looping.has(subject);
    const toConfigure: Need[] = [];
    for (let isChanged = true; isChanged;) {
      isChanged = false;
      for (const need of openNeeds(subject)) {
        const target = targetsOf(need).find((each) => !unpacked.has(each));
        if (target === undefined || isLoop) {
          toConfigure.push(need);
        } else {
          yield within(subject, unpack(target, true));
          isChanged ||= !looping.has(target);
        }
      }
    }
    for (let isChanged = true; isChanged;) {
      isChanged = false;
      for (const need of toConfigure) {
        const target = targetsOf(need).find((each) => unpacked.has(each));
        if (target === undefined || configured.has(target) || (isLoop && looping.has(target))) continue;
        yield within(subject, configure(target));
        isChanged ||= !looping.has(target);
      }
    }
    if (isLoop || configured.has(subject)) return;
    configured.add(subject);
    runs.at(-1)!.push(subject);
  }

  function openNeeds({ needs }: Subject): readonly Need[] {
    return needs.filter((need) => !targetsOf(need).some((each) => installed.has(each)));
  }

  for (const subject of unpackOrder(packages, immediate, installed)) {
    if (!unpacked.has(subject)) runDeep(unpack(subject, immediate.has(subject)));
  }
  return { runs: runs.filter((run) => run.length > 0), unpackedBefore: unpacked };
}

/** Essential packages, and all whose names they and their needs say. */
function immediateOf(packages: readonly Subject[]): ReadonlySet<Subject> {
  const byName = new Map(packages.map((each) => [each.name, each]));
  const immediate = new Set(packages.filter(({ essential }) => essential));
  for (const { needs } of immediate) {
    for (const { alternatives } of needs) {
      for (const { name } of alternatives) {
        const named = byName.get(name);
        if (named !== undefined) immediate.add(named);
      }
    }
  }
  return immediate;
}
