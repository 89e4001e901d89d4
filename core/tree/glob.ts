/** Globs over tree paths: `*` and `?` within a component, `**` over components, `[…]`, `{a,b}`. A directory's match takes all below it. */
import { ImageDslError } from "../error.ts";
import { encodeText } from "../model/bytes.ts";
import { withoutEndSlashes, type TreePath } from "../model/path.ts";
import {
  ANY_PATH,
  ANY_CHARACTERS,
  ANY_CHARACTER,
  PatternFault,
  SLASH_CODE,
  automaton,
  fork,
  inRanges,
  literal,
  refuseLong,
  type Automaton,
  type Range,
  type Step,
} from "./automaton.ts";

/**
 * Whether one of the globs matches a path or a directory above it, in time that grows with the path. Throws `E_PATH_INVALID` for an
 * unclosed `[` or `{`, and for a glob that is longer than any path.
 */
export function globMatcher(globs: readonly string[]): (path: TreePath) => boolean {
  const patterns = globs.map(patternOf);
  return (path) => patterns.some((pattern) => pattern.matches(path));
}

const ITSELF_OR_BELOW: readonly Step[] = [fork(1, 3), literal(SLASH_CODE), ANY_PATH];

function patternOf(glob: string): Automaton {
  try {
    return automaton([...stepsOf(glob), ...ITSELF_OR_BELOW]);
  } catch (error) {
    if (!(error instanceof PatternFault)) throw error;
    throw new ImageDslError("E_PATH_INVALID", `Glob "${glob.slice(0, 100)}…" ${error.message}`);
  }
}

/** `**` with its slash: components of a character or more, each with its slash, any number of them. */
const COMPONENTS: readonly Step[] = [fork(1, 5), ANY_CHARACTER, ANY_CHARACTERS, literal(SLASH_CODE), fork(-4)];

function stepsOf(glob: string): readonly Step[] {
  const text = withoutEndSlashes(encodeText(glob).replace(/^(\.?\/)+/, ""));
  const open: Alternatives[] = [];
  let steps: Step[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === "*" && text[i + 1] === "*") {
      const isOfComponents = text[i + 2] === "/";
      steps.push(...(isOfComponents ? COMPONENTS : [ANY_PATH]));
      i += isOfComponents ? 2 : 1;
    } else if (char === "*") steps.push(ANY_CHARACTERS);
    else if (char === "?") steps.push(ANY_CHARACTER);
    else if (char === "[") {
      const end = text.indexOf("]", i + 2);
      if (end < 0) throw unclosed(glob, char);
      steps.push(classOf(text.slice(i + 1, end)));
      i = end;
    } else if (char === "{") {
      open.push({ before: steps, done: [] });
      steps = [];
    } else if (char === "}" && open.length > 0) {
      const { before, done } = open.pop()!;
      steps = [...before, ...eitherOf([...done, steps])];
      refuseLong(steps);
    } else if (char === "," && open.length > 0) {
      open.at(-1)!.done.push(steps);
      steps = [];
    } else steps.push(literal(text.charCodeAt(char === "\\" && i + 1 < text.length ? ++i : i)));
  }
  if (open.length > 0) throw unclosed(glob, "{");
  return steps;
}

/** A `{` that is not closed yet. */
interface Alternatives {
  /** What stands before it. */
  readonly before: readonly Step[];
  /** Those that a comma ended. */
  readonly done: (readonly Step[])[];
}

function eitherOf(alternatives: readonly (readonly Step[])[]): readonly Step[] {
  // Behind each comes a step that leads behind all of them.
  const end = 1 + alternatives.reduce((sum, steps) => sum + steps.length + 1, 0);
  const starts: number[] = [];
  const laid: Step[] = [];
  for (const steps of alternatives) {
    starts.push(1 + laid.length);
    laid.push(...steps, fork(end - (1 + laid.length + steps.length)));
  }
  return [fork(...starts), ...laid];
}

/** One that ends before it begins has nothing in it; a slash is in none. */
function classOf(body: string): Step {
  const isNegated = body.startsWith("!") || body.startsWith("^");
  const members = body.slice(isNegated ? 1 : 0);
  const ranges: Range[] = [];
  for (let at = 0; at < members.length; at++) {
    const from = members.charCodeAt(at);
    const isRange = members[at + 1] === "-" && at + 2 < members.length;
    ranges.push({ from, to: isRange ? members.charCodeAt((at += 2)) : from });
  }
  const isIn = inRanges(ranges);
  return { takes: (code) => code !== SLASH_CODE && isIn(code) !== isNegated };
}

function unclosed(glob: string, char: string): ImageDslError {
  return new ImageDslError("E_PATH_INVALID", `Glob "${glob}" opens a "${char}" that it does not close`, {
    hint: `Close it, or write \\${char} for the character itself`,
  });
}
