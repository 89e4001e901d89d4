/**
 * In which order `dpkg --configure` takes a queue of packages. The first goes; if what it needs is not configured yet,
 * it goes to the end instead. Where all have gone round in vain, dpkg begins to break cycles.
 */
import { cycleBreaker } from "./break-cycle.ts";
import type { Alternative, Subject } from "./subject.ts";

/** `configured`: those of earlier, to which the queue's are added. Gives the queue's in order. */
export function configureQueue(queue: readonly Subject[], configured: Set<Subject>): readonly Subject[] {
  const order: Subject[] = [];
  const broken = new Set<Alternative>();
  const breakCycle = cycleBreaker(broken);
  const isMet = (each: Alternative) => broken.has(each) || each.targets.some((target) => configured.has(target));
  const isReady = (subject: Subject) => subject.needs.every(({ alternatives }) => alternatives.some(isMet));

  const waiting = [...queue];
  let isBreaking = false;
  let inVain = 0;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    // dpkg's own count.
    const isStuck = inVain > 2 * waiting.length + 1;
    if (isStuck && !isBreaking) {
      isBreaking = true;
      inVain = 0;
    }
    if (isBreaking && breakCycle(next)) inVain = 0;
    // Who waits for something that is not in the queue would wait for ever.
    if (isReady(next) || (isStuck && inVain > 0)) {
      configured.add(next);
      order.push(next);
      inVain = 0;
    } else {
      waiting.push(next);
      inVain++;
    }
  }
  return order;
}
