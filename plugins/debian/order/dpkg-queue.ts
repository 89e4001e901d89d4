/**
 * In which order `dpkg --configure` takes a queue of packages. The first goes; if what it needs is not configured yet,
 * it goes to the end instead. Where all have gone round in vain, dpkg begins to break cycles.
 */
import { cycleBreaker } from "./break-cycle.ts";
import type { Alternative, Need, Subject } from "./subject.ts";

/** `configured`: those of earlier, to which the queue's are added. Gives the queue's in order. */
export function configureQueue(queue: readonly Subject[], configured: Set<Subject>): readonly Subject[] {
  const order: Subject[] = [];
  const broken = new Set<Alternative>();
  const breakCycle = cycleBreaker(broken);
  const isMet = (each: Alternative) => broken.has(each) || each.targets.some((target) => configured.has(target));
  const unmetNeed = (subject: Subject) => subject.needs.find(({ alternatives }) => !alternatives.some(isMet));
  const configure = (subject: Subject) => {
    configured.add(subject);
    order.push(subject);
  };

  const waiting = configureReady(queue, unmetNeed, configure);
  let inVain = 0;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    // dpkg's own count.
    const isStuck = inVain > 2 * waiting.length + 1;
    if (breakCycle(next)) inVain = 0;
    // Who waits for something that is not in the queue would wait for ever.
    if (unmetNeed(next) === undefined || (isStuck && inVain > 0)) {
      configure(next);
      inVain = 0;
    } else {
      waiting.push(next);
      inVain++;
    }
  }
  return order;
}

/**
 * Configures until nothing more can be without breaking cycles; gives who is left, in the order in which dpkg comes to them next. Going
 * round in vain changes nothing but whose turn it is: of those who wait, only they are looked at for whom something was done.
 */
function configureReady(
  queue: readonly Subject[],
  unmetNeed: (subject: Subject) => Need | undefined,
  configure: (subject: Subject) => void,
): Subject[] {
  const isReady = new Uint8Array(queue.length);
  const waitingFor = new Map<Subject, number[]>();
  const look = (position: number): void => {
    const need = unmetNeed(queue[position]!);
    if (need === undefined) isReady[position] = 1;
    for (const target of need?.alternatives.flatMap(({ targets }) => targets) ?? []) {
      const others = waitingFor.get(target);
      if (others === undefined) waitingFor.set(target, [position]);
      else others.push(position);
    }
  };
  let waiting = [...queue.keys()];
  for (const position of waiting) look(position);

  let last = -1;
  for (let before = -1; before !== waiting.length;) {
    before = waiting.length;
    waiting = waiting.filter((position) => {
      if (isReady[position] === 0) return true;
      const subject = queue[position]!;
      configure(subject);
      waitingFor.get(subject)?.forEach(look);
      last = position;
      return false;
    });
  }
  const [passed, next] = [waiting.filter((position) => position < last), waiting.filter((position) => position > last)];
  return [...next, ...passed].map((position) => queue[position]!);
}
