/**
 * POSIX regular expressions as GNU's tools match them: leftmost and longest, byte by byte, in time linear in the text.
 * Patterns come from packages, so nothing here goes back over a text; every step is told of.
 */
import { NotCovered } from "../shell/state.ts";
import { createAutomaton } from "./automaton.ts";
import type { Tool } from "./bracket.ts";
import { hasCertainGroups, hasCertainMatches, hasCertainSpans } from "./certain.ts";
import { compileProgram } from "./program.ts";
import { type Span, findGroups, findSpan } from "./simulate.ts";
import { type Node, parseExpression } from "./syntax.ts";

export interface RegularExpression {
  /** Whether it matches anywhere. */
  test(text: string): boolean;
  /** The leftmost match at or after `start`, of those the longest. `anchored`: at `start` only. */
  find(text: string, start?: number, anchored?: boolean): Span | undefined;
  /** What each group took in a match of `find`, by number; undefined where it took no part. Refused where not certain. */
  groups(text: string, span: Span): readonly (string | undefined)[];
  /** How many groups it has. */
  readonly groupCount: number;
}

export interface ExpressionOptions {
  readonly tool: Tool;
  readonly extended?: boolean;
  readonly ignoreCase?: boolean;
  /** As `grep -x` and `-w`: only whole lines, or what no word characters stand beside. */
  readonly within?: "line" | "words";
  /** Told of the steps that each match takes. */
  readonly spend: (units: number) => void;
}

/** Of each instruction that is made. */
const COST = 120;

/** One expression, or several of which any may match. */
export function compileExpression(patterns: string | readonly string[], options: ExpressionOptions): RegularExpression {
  const { tool, extended = false, ignoreCase = false, spend, within } = options;
  const list = typeof patterns === "string" ? [patterns] : patterns;
  const parsed = list.map((pattern) => parseExpression(pattern, { tool, extended, ignoreCase }));
  const roots = parsed.map(({ root }) => root);
  if (!roots.every(hasCertainMatches))
    throw new NotCovered("a repeated assertion of a regular expression is not supported");
  const root: Node = roots.length === 1 ? roots[0]! : { kind: "alternatives", items: roots };
  const groupCount = parsed.length === 1 ? parsed[0]!.groups : 0;
  const program = compileProgram(within ? bounded(root, within) : root);
  spend(COST * program.length);
  const certain = parsed.length === 1 && hasCertainGroups(root);
  const certainSpans = tool !== "awk" || hasCertainSpans(root);
  const test = createAutomaton(program, spend);
  return {
    groupCount,
    test,
    find(text, start = 0, anchored = false) {
      if (!certainSpans) throw new NotCovered("what awk finds of such alternatives is not supported");
      if (start === 0 && !anchored && !test(text)) return undefined;
      return findSpan(program, text, start, anchored, spend);
    },
    groups(text, span) {
      if (groupCount > 0 && !certain) throw new NotCovered("what a repeated group takes is not supported");
      const whole = text.slice(span.start, span.end);
      if (groupCount === 0) return [whole];
      const slots = findGroups(program, text, span, 2 * (groupCount + 1), spend) ?? [];
      const taken = Array.from({ length: groupCount }, (_none, index) => {
        const [from, to] = [slots[2 * index + 2] ?? -1, slots[2 * index + 3] ?? -1];
        return from < 0 || to < 0 ? undefined : text.slice(from, to);
      });
      return [whole, ...taken];
    },
  };
}

function bounded(root: Node, within: "line" | "words"): Node {
  const sides = within === "line" ? (["start", "end"] as const) : (["no-word-before", "no-word-after"] as const);
  return {
    kind: "sequence",
    items: [{ kind: "assert", what: sides[0] }, root, { kind: "assert", what: sides[1] }],
  };
}
