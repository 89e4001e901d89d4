/**
 * Where each piece of work is done: elsewhere where that is sooner, and here otherwise, and where it fails there, which is said once for each kind of
 * failure. Whatever the kind of work, the choice, what is told of it and the way back are these.
 */
import { ImageDslError, messageOf } from "../../error.ts";
import { ticks } from "../../host.ts";
import type { BuildEvent } from "../../model/event.ts";
import { semaphore } from "../../model/semaphore.ts";
import type { Outcome, Place, Work } from "../../model/work.ts";
import { workLedger, WORK_RATES, type WorkRates } from "./work-ledger.ts";

/** After so many failures of work of one kind with nothing of it done between them, no other of that kind goes: workers that lack a step's program make layers. */
const MOST_FAILURES = 3;

export interface WorkPlacesOptions {
  readonly here: Place;
  readonly elsewhere: Place;
  readonly rates?: WorkRates | undefined;
  readonly emit: (event: BuildEvent) => void;
  readonly signal: AbortSignal;
  /** Say of each piece of work where it was done, and why there. */
  readonly explain: boolean;
}

export interface WorkPlaces {
  /** Has it done. Throws what doing it here throws. */
  run<Made>(work: Work<Made>): Promise<Made>;
  /** Ends what is under way elsewhere; whoever waits for it has it done here. */
  close(): Promise<void>;
}

export function workPlaces(options: WorkPlacesOptions): WorkPlaces {
  const { here, elsewhere, rates = WORK_RATES, emit, signal, explain } = options;
  const ledger = workLedger(rates, here.jobs, elsewhere.jobs);
  const inTurn = semaphore(elsewhere.jobs);
  const underWay = new Set<Promise<unknown>>();
  const told = new Set<string>();
  const failures = new Map<string, number>();
  /** Nobody could be asked. */
  let isLost = false;
  let isClosed = false;

  /** Undefined for what is to be done here. Never fails. */
  async function goElsewhere<Made>(work: Work<Made>): Promise<Outcome<Made> | undefined> {
    if (isOver()) return undefined;
    if (isLost) return stays(work, "nobody could be asked");
    if (failuresOf(work) >= MOST_FAILURES) return stays(work, `other ${work.kind} failed there`);
    const { effort, returned } = work;
    if (!ledger.mayCome(effort, returned)) return stays(work, "it is done here sooner");
    const began = ticks();
    try {
      const { isKnown, moved, take } = await elsewhere.offer(work, signal);
      if (!isKnown && !ledger.goesAway(effort, moved + returned)) {
        return tellWhere(work, "made here: it is not known there, and done here sooner");
      }
      if (isKnown) ledger.came(returned);
      const outcome = await take();
      if (outcome.seconds !== undefined) ledger.moved(moved, outcome.seconds);
      const seconds = ((ticks() - began) / 1000).toFixed(1);
      const { worker } = outcome;
      if (worker !== undefined) failures.delete(work.kind);
      tellWhere(work, worker === undefined ? `known to ${elsewhere.name}` : `made by ${worker} in ${seconds} s`);
      return outcome;
    } catch (error) {
      if (isOver()) return undefined;
      tellFailure(work, error);
      return stays(work, messageOf(error));
    }
  }

  /** Nobody asks for anything any more: what ends then has not failed. */
  function isOver(): boolean {
    return isClosed || signal.aborted;
  }

  function stays<Made>(work: Work<Made>, why: string): undefined {
    ledger.stays(work.effort);
    return tellWhere(work, `made here: ${why}`);
  }

  function tellWhere<Made>({ name }: Work<Made>, where: string): undefined {
    if (explain) emit({ type: "note", message: `${name}: ${where}` });
  }

  function failuresOf<Made>({ kind }: Work<Made>): number {
    return failures.get(kind) ?? 0;
  }

  function tellFailure<Made>(work: Work<Made>, error: unknown): void {
    const { kind } = work;
    const code = error instanceof ImageDslError ? error.code : "E_REMOTE";
    // It is met again here, and told with what to do.
    if (code === "E_CONTENT_CHANGED" || code === "E_CONTENT_UNREADABLE") return;
    isLost ||= code === "E_REMOTE";
    failures.set(kind, failuresOf(work) + 1);
    const saying = isLost ? code : `${code} ${kind}`;
    if (told.has(saying)) return;
    told.add(saying);
    const hint = error instanceof ImageDslError ? error.hint : undefined;
    emit({
      type: "warning",
      code,
      message: `What ${elsewhere.name} was to make (${kind}) is made here: ${messageOf(error)}`,
      ...(hint !== undefined && { hint }),
    });
  }

  async function run<Made>(work: Work<Made>): Promise<Made> {
    if (elsewhere.takes(work)) {
      const away = inTurn(() => goElsewhere(work));
      underWay.add(away);
      const outcome = await away.finally(() => underWay.delete(away));
      if (outcome !== undefined) return outcome.made;
    } else if (work.stays !== undefined) {
      tellWhere(work, `made here: ${work.stays}`);
    }
    const { take } = await here.offer(work, signal);
    return (await take()).made;
  }

  return {
    run,
    async close() {
      isClosed = true;
      await elsewhere.close();
      await Promise.all(underWay);
      await here.close();
    },
  };
}
