/**
 * Patterns of files that others wrote, held against paths in time that grows with the path and no faster: the states that a
 * pattern may be in are followed together, and what was found out of them is kept.
 */

/** Consumes one character, or any number of them. */
export interface Step {
  /** Whether it consumes the character with this code. */
  readonly takes: (code: number) => boolean;
  /** It consumes as many as there are. */
  readonly repeats?: boolean;
  /** How many steps further, or back, it may go on without consuming anything. */
  readonly skips?: readonly number[];
}

/** A pattern, ready to be held against texts. */
export interface Automaton {
  /** The whole text. */
  matches(text: string): boolean;
  /** Whether something that begins with this may match. */
  mayGoOn(prefix: string): boolean;
}

interface State {
  readonly steps: readonly number[];
  readonly accepts: boolean;
  /** By ASCII character; others are rare. */
  readonly next: State[];
}

/** Why a pattern is none, in words that go on from "the pattern …". */
export class PatternFault extends Error {}

/** No path has more bytes. */
const MOST_STEPS = 4096;

/** Of hostile patterns there would be a state for each place of each path. */
const KEPT_STATES = 1000;

/** The pattern that these steps are, in their order. Throws `PatternFault` for more than any path has use for. */
export function automaton(steps: readonly Step[]): Automaton {
  refuseLong(steps);
  const states = new Map<string, State>();

  /** The state of being before each of these steps, and of what they may skip to. */
  function stateOf(reached: ReadonlySet<number>): State {
    const all = new Set(reached);
    for (const at of all) for (const skip of steps[at]?.skips ?? []) all.add(at + skip);
    const sorted = [...all].sort((a, b) => a - b);
    const key = sorted.join(" ");
    const known = states.get(key);
    if (known !== undefined) return known;
    if (states.size >= KEPT_STATES) states.clear();
    const state = { steps: sorted, accepts: all.has(steps.length), next: [] };
    states.set(key, state);
    return state;
  }

  function after(state: State, code: number): State {
    const known = state.next[code];
    if (known !== undefined) return known;
    const reached = new Set<number>();
    for (const at of state.steps) {
      const step = steps[at];
      if (step?.takes(code)) reached.add(step.repeats ? at : at + 1);
    }
    const next = stateOf(reached);
    if (code < 128) state.next[code] = next;
    return next;
  }

  const start = stateOf(new Set([0]));
  const run = (text: string, from: State): State => {
    let state = from;
    for (let at = 0; at < text.length && state.steps.length > 0;) {
      const code = text.codePointAt(at)!;
      at += code > 0xffff ? 2 : 1;
      state = after(state, code);
    }
    return state;
  };
  // What lies in one folder is asked about together.
  let folder = "";
  let inFolder = start;
  return {
    matches(text) {
      const end = text.lastIndexOf("/") + 1;
      const above = text.slice(0, end);
      if (above !== folder) [folder, inFolder] = [above, run(above, start)];
      return run(text.slice(end), inFolder).accepts;
    },
    mayGoOn: (prefix) => run(prefix, start).steps.some((at) => at < steps.length),
  };
}

/** Of what stands between a path's parts. */
export const SLASH_CODE = 0x2f;

/** The character with this code, and no other. */
export const literal = (code: number): Step => ({ takes: (each) => each === code });

/** A text as it is. */
export const literals = (text: string): Step[] => Array.from(text, (char) => literal(char.codePointAt(0)!));

const anything = (): boolean => true;
const noSlash = (code: number): boolean => code !== SLASH_CODE;

/** `?`. */
export const ANY_CHARACTER: Step = { takes: noSlash };

/** `*`. */
export const ANY_CHARACTERS: Step = { takes: noSlash, repeats: true, skips: [1] };

/** What `**` is at the end. */
export const ANY_PATH: Step = { takes: anything, repeats: true, skips: [1] };

/** For who puts steps together that cannot become fewer: before they are copied once more. */
export function refuseLong(steps: readonly Step[]): void {
  if (steps.length > MOST_STEPS) throw new PatternFault("is longer than any path");
}

/** Consumes nothing, and goes on at any of these. */
export const fork = (...skips: readonly number[]): Step => ({ takes: () => false, skips });

/** What `**` with its slash is elsewhere: whole folders, or none. */
export const ANY_FOLDERS: readonly Step[] = [fork(1, 3), ANY_PATH, literal(SLASH_CODE)];

/** Characters by their codes, both ends among them. */
export interface Range {
  /** The first. */
  readonly from: number;
  /** The last. */
  readonly to: number;
}

/** What a bracket's members take. */
export const inRanges =
  (ranges: readonly Range[]) =>
  (code: number): boolean =>
    ranges.some(({ from, to }) => from <= code && code <= to);
