/**
 * Does a text match at all? Answered one table look-up a character by a deterministic automaton, whose states are made
 * when a text first leads to them and forgotten when there are too many.
 */
import { WORD } from "./character-set.ts";
import { type Program, holds } from "./program.ts";

interface State {
  /** Instructions where threads stand, before what takes no character is followed. */
  readonly threads: readonly number[];
  /** Some character that is like the one before, -1 at the text's start. */
  readonly before: number;
  /** By the next character, 256 for the text's end. */
  readonly next: (State | "match" | "dead" | undefined)[];
}

const END = 256;
const MAX_STATES = 400;
const A_WORD_CHARACTER = 97;
const ANOTHER_CHARACTER = 32;

export function createAutomaton(program: Program, spend: (units: number) => void): (text: string) => boolean {
  const states = new Map<string, State>();
  const stateOf = (threads: readonly number[], before: number): State => {
    const key = `${before} ${threads.join(" ")}`;
    const known = states.get(key);
    if (known) return known;
    if (states.size >= MAX_STATES) states.clear();
    const made: State = { threads, before, next: [] };
    states.set(key, made);
    return made;
  };
  const step = (state: State, code: number): State | "match" | "dead" => {
    const after = code === END ? -1 : code;
    const reached = new Uint8Array(program.length);
    const pending = [...state.threads, 0];
    const threads = new Set<number>();
    let work = program.length;
    while (pending.length > 0) {
      const at = pending.pop()!;
      if (reached[at]) continue;
      reached[at] = 1;
      work++;
      const instruction = program[at]!;
      if (instruction.kind === "match") return "match";
      if (instruction.kind === "split") pending.push(instruction.second, instruction.first);
      else if (instruction.kind === "jump") pending.push(instruction.to);
      else if (instruction.kind === "save") pending.push(at + 1);
      else if (instruction.kind === "assert") {
        if (holds(instruction.what, state.before, after)) pending.push(at + 1);
      } else if (after >= 0 && instruction.set[after]) threads.add(at + 1);
    }
    spend(work);
    if (after < 0) return "dead";
    const sorted = [...threads].sort((a, b) => a - b);
    return stateOf(sorted, WORD[after] ? A_WORD_CHARACTER : ANOTHER_CHARACTER);
  };
  return (text) => {
    let state = stateOf([], -1);
    spend(1 + text.length);
    for (let place = 0; place <= text.length; place++) {
      const code = place < text.length ? text.charCodeAt(place) : END;
      const next = (state.next[code] ??= step(state, code));
      if (next === "match") return true;
      if (next === "dead") return false;
      state = next;
    }
    return false;
  };
}
