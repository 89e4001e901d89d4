/**
 * In which order apt unpacks packages that are all new (pkgOrderList::OrderUnpack): sorted by their weight, then gone
 * through four times, depth first, each time by a rule of its own.
 */
import { runDeep, type DeepCall } from "./deep-calls.ts";
import { targetsOf, type Alternative, type Need, type Subject } from "./subject.ts";

/**
 * Which needs come before a package. `critical`: its Pre-Depends, and all of theirs. `immediate`: all that configures it
 * at once. `pre`: Pre-Depends, and further in (or to configure it at once) Depends too.
 */
type Rule = "critical" | "immediate" | "pre";

/** `immediate`: what is configured as soon as it is unpacked. `installed`: what is there already. */
export function unpackOrder(
  packages: readonly Subject[],
  immediate: ReadonlySet<Subject>,
  installed: ReadonlySet<Subject>,
): readonly Subject[] {
  const weight = (subject: Subject) => weightOf(subject, immediate.has(subject));
  const sorted = packages.toSorted((a, b) => weight(b) - weight(a) || (a.name < b.name ? -1 : 1));
  const inOrder = (list: readonly Subject[], rule: Rule, withDepends: boolean) =>
    visited(list, rule, withDepends, immediate, installed);
  const first = inOrder(inOrder(sorted, "critical", true), "critical", false);
  return inOrder(inOrder(first, "critical", false), "pre", false);
}

/** apt's scores. */
function weightOf({ essential, priority, needs }: Subject, isImmediate: boolean): number {
  const byPriority = [0, 5, 4, 3, 1, 0][priority] ?? 0;
  return (essential ? 200 : 0) + (isImmediate ? 10 : 0) + (needs.some(({ isPre }) => isPre) ? 50 : 0) + byPriority;
}

function visited(
  list: readonly Subject[],
  first: Rule,
  withDepends: boolean,
  immediate: ReadonlySet<Subject>,
  installed: ReadonlySet<Subject>,
): readonly Subject[] {
  const order: Subject[] = [];
  const added = new Set<Subject>();
  const pending = new Set<Subject>();
  const isMet = ({ targets }: Alternative) => targets.some((each) => added.has(each) || installed.has(each));
  const isWanted = (need: Need, subject: Subject, rule: Rule, depth: number): boolean => {
    if (need.isPre) return true;
    return rule === "immediate" || (rule === "pre" && (depth > 0 || immediate.has(subject)));
  };

  const isPendingByName = ({ name, targets }: Alternative) =>
    targets.some((each) => each.name === name && pending.has(each));

  function* visit(subject: Subject, given: Rule, depth: number): DeepCall {
    if (installed.has(subject) || added.has(subject) || pending.has(subject)) return;
    pending.add(subject);
    const rule = given === "critical" && immediate.has(subject) ? "immediate" : given;
    for (const need of subject.needs) {
      if (!isWanted(need, subject, rule, depth)) continue;
      // apt goes through alternatives one by one, as if each were a need.
      for (const alternative of need.alternatives) {
        if (isMet(alternative) || isPendingByName(alternative)) continue;
        for (const target of alternative.targets) yield visit(target, rule === "pre" ? "pre" : "immediate", depth + 1);
      }
    }
    if (withDepends) {
      for (const need of subject.needs) {
        if (need.isPre) continue;
        for (const target of targetsOf(need)) yield visit(target, rule, depth + 1);
      }
    }
    pending.delete(subject);
    added.add(subject);
    order.push(subject);
  }

  for (const subject of list) runDeep(visit(subject, first, 0));
  return order;
}
