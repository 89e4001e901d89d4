/**
 * Alternatives below a star that may begin with the same character: where both match the same, each repetition doubles the ways
 * to match, and a text that does not match in the end is tried in all of them. Two that part later are flagged as well.
 */
import { RegExpParser, visitRegExpAST, type AST } from "@eslint-community/regexpp";
import { getFirstConsumedChar, toCache, type ReadonlyFlags } from "regexp-ast-analysis";

/** How often something may come before it counts as repeated: what is to be tried twice at most stays little. */
const FEW = 2;

/** The first group of the expression whose alternatives are ambiguous, as it stands there. `source`: without slashes. */
export function ambiguousAlternatives(source: string, flags: string): string | undefined {
  const unicode = { unicode: flags.includes("u"), unicodeSets: flags.includes("v") };
  const pattern = new RegExpParser().parsePattern(source, 0, source.length, unicode);
  const modes = toCache({ ...unicode, ignoreCase: flags.includes("i"), dotAll: flags.includes("s") });
  let repeated = 0;
  let found: string | undefined;
  const enter = (group: AST.Group | AST.CapturingGroup): void => {
    if (repeated > 0 && found === undefined && isAmbiguous(group.alternatives, modes)) found = group.raw;
  };
  visitRegExpAST(pattern, {
    onQuantifierEnter: ({ max }) => void (max > FEW && repeated++),
    onQuantifierLeave: ({ max }) => void (max > FEW && repeated--),
    onGroupEnter: enter,
    onCapturingGroupEnter: enter,
  });
  return found;
}

function isAmbiguous(alternatives: readonly AST.Alternative[], modes: ReadonlyFlags): boolean {
  const firsts = alternatives.map((alternative) => getFirstConsumedChar(alternative, "ltr", modes));
  return firsts.some(
    // One that may be empty matches wherever another one does.
    ({ char, empty }, at) =>
      (empty && firsts.length > 1) || firsts.slice(at + 1).some((other) => !char.isDisjointWith(other.char)),
  );
}
