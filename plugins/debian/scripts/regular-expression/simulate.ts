/**
 * Runs a program over a text with all of its threads at once: the time is the text's length times the program's, whatever
 * the expression.
 */
import { type Program, codeAt, holds } from "./program.ts";

export interface Span {
  readonly start: number;
  readonly end: number;
}

type Spend = (units: number) => void;

/** Of one step of one thread, in bytes handled. */
const COST = 24;

/** The leftmost match at or after `from`, of those the longest. `anchored`: at `from` only. */
export function findSpan(
  program: Program,
  text: string,
  from: number,
  anchored: boolean,
  spend: Spend,
): Span | undefined {
  // Threads in the order of where they began: the first to come to an instruction began leftmost.
  let threads: { readonly at: number; readonly start: number }[] = [];
  const reached = new Int32Array(program.length).fill(-1);
  const pending: number[] = [];
  let best: Span | undefined;
  let work = 0;
  for (let place = from; place <= text.length; place++) {
    const [before, after] = [codeAt(text, place - 1), codeAt(text, place)];
    const next: typeof threads = [];
    const enter = (first: number, start: number) => {
      if (best && start > best.start) return;
      pending.push(first);
      while (pending.length > 0) {
        const at = pending.pop()!;
        if (reached[at] === place) continue;
        reached[at] = place;
        work++;
        const instruction = program[at]!;
        switch (instruction.kind) {
          case "match":
            if (!best || start <= best.start) best = { start, end: place };
            break;
          case "split":
            pending.push(instruction.second, instruction.first);
            break;
          case "jump":
            pending.push(instruction.to);
            break;
          case "save":
            pending.push(at + 1);
            break;
          case "assert":
            if (holds(instruction.what, before, after)) pending.push(at + 1);
            break;
          case "set":
            if (after >= 0 && instruction.set[after]) next.push({ at: at + 1, start });
        }
      }
    };
    for (const { at, start } of threads) enter(at, start);
    if (!best && (place === from || !anchored)) enter(0, place);
    threads = next;
    work++;
    if (threads.length === 0 && (best || anchored)) break;
    if (work > 10_000) {
      spend(COST * work);
      work = 0;
    }
  }
  spend(COST * work);
  return best;
}

/**
 * Where each group was in a match that `findSpan` found. Of several ways to the same end the one that prefers first
 * alternatives and more repetitions, which is glibc's; see `certain.ts` for where that is known.
 */
export function findGroups(
  program: Program,
  text: string,
  { start, end }: Span,
  slots: number,
  spend: Spend,
): readonly number[] | undefined {
  type Slots = readonly number[];
  let threads: { readonly at: number; readonly slots: Slots }[] = [{ at: 0, slots: Array<number>(slots).fill(-1) }];
  const reached = new Int32Array(program.length).fill(-1);
  for (let place = start; place <= end; place++) {
    const [before, after] = [codeAt(text, place - 1), codeAt(text, place)];
    const next: typeof threads = [];
    let found: Slots | undefined;
    for (const thread of threads) {
      const pending = [thread];
      while (pending.length > 0 && !found) {
        const { at, slots: kept } = pending.pop()!;
        if (reached[at] === place) continue;
        reached[at] = place;
        const instruction = program[at]!;
        switch (instruction.kind) {
          case "match":
            if (place === end) found = kept;
            break;
          case "split":
            pending.push({ at: instruction.second, slots: kept }, { at: instruction.first, slots: kept });
            break;
          case "jump":
            pending.push({ at: instruction.to, slots: kept });
            break;
          case "save":
            pending.push({ at: at + 1, slots: kept.map((value, slot) => (slot === instruction.slot ? place : value)) });
            break;
          case "assert":
            if (holds(instruction.what, before, after)) pending.push({ at: at + 1, slots: kept });
            break;
          case "set":
            if (after >= 0 && instruction.set[after]) next.push({ at: at + 1, slots: kept });
        }
      }
    }
    spend(COST * (1 + threads.length * (1 + slots)));
    if (place === end) return found;
    threads = next;
  }
  return undefined;
}
