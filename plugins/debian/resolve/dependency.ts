/** Relation fields between packages (Debian Policy 7.1): Depends, Conflicts, Provides and their kin. */
import { ImageDslError } from "../../../core/index.ts";
import { isVersion } from "./version.ts";
import type { Operator } from "./version.ts";

/** `name:qualifier (operator version)`. */
export interface Relation {
  readonly name: string;
  /** `any`, `native` or an architecture. */
  readonly qualifier: string | undefined;
  readonly constraint: Constraint | undefined;
}

export interface Constraint {
  readonly operator: Operator;
  readonly version: string;
}

/** Relations joined by `|`: one of them suffices. Never empty. */
export type Alternatives = readonly Relation[];

const LONGEST_FIELD = 4 * 1024 * 1024;
/** With one blank where there are any: what may stand anywhere in any number would be looked for everywhere. */
const RELATION =
  /^([A-Za-z0-9][A-Za-z0-9+._-]*)(?::([a-z0-9-]+))? ?(?:\( ?(<<|<=|>>|>=|=|<|>) ?([^ ()]+) ?\))? ?(?:\[([^\][]*)\])? ?(?:<[^<>]*> ?)*$/;

/**
 * The groups of a field, in order. Alternatives whose `[list]` leaves out `architecture` are dropped, and a group
 * left without any; build profiles are read over, for they say nothing of built packages.
 * Throws `E_DEBIAN_METADATA`; `source` is the package or file that the field stands in.
 */
export function parseRelations(text: string, architecture: string, source: string): readonly Alternatives[] {
  if (text.length > LONGEST_FIELD) throw malformed(text, source);
  const groups: Alternatives[] = [];
  for (const part of text.split(",")) {
    if (part.trim() === "") continue;
    const alternatives: Relation[] = [];
    for (const piece of part.split("|")) {
      const match = RELATION.exec(piece.trim().replace(/\s+/g, " "));
      if (match === null) throw malformed(piece, source);
      const [, name = "", qualifier, operator, version, restriction] = match;
      if (version !== undefined && !isVersion(version)) throw malformed(piece, source);
      if (restriction !== undefined && !matchesArchitectures(restriction, architecture)) continue;
      alternatives.push({ name, qualifier, constraint: constraintOf(operator, version) });
    }
    if (alternatives.length > 0) groups.push(alternatives);
  }
  return groups;
}

/** A relation as control files write it. */
export function relationText(relation: Relation): string {
  const { name, qualifier, constraint } = relation;
  const version = constraint === undefined ? "" : ` (${constraint.operator} ${constraint.version})`;
  return `${name}${qualifier === undefined ? "" : `:${qualifier}`}${version}`;
}

export function alternativesText(alternatives: Alternatives): string {
  return alternatives.map(relationText).join(" | ");
}

function constraintOf(operator: string | undefined, version: string | undefined): Constraint | undefined {
  if (operator === undefined || version === undefined) return undefined;
  // The forms of old, which dpkg reads as "or equal".
  if (operator === "<" || operator === ">") return { operator: `${operator}=`, version };
  return { operator: operator as Operator, version };
}

/** `[amd64 linux-any]` or `[!i386]`: all negated or none. */
function matchesArchitectures(list: string, architecture: string): boolean {
  const words = list.split(/\s+/).filter((word) => word !== "");
  const negated = words.some((word) => word.startsWith("!"));
  const hit = words.some((word) => matchesWildcard(word.replace(/^!/, ""), architecture));
  return negated ? !hit : hit;
}

/** An architecture's name has no system part where the system is Linux. */
function matchesWildcard(pattern: string, architecture: string): boolean {
  if (pattern === "any" || pattern === architecture) return true;
  const [system = "", processor = ""] = architecture.includes("-") ? architecture.split("-") : ["linux", architecture];
  return pattern === `${system}-any` || pattern === `any-${processor}`;
}

function malformed(text: string, source: string): ImageDslError {
  return new ImageDslError(
    "E_DEBIAN_METADATA",
    `The relation "${text.trim().slice(0, 120)}" of "${source}" does not have the form "name (>= version)"`,
    { hint: "The package or its archive's index is damaged: try another version or mirror" },
  );
}
