/**
 * The packages of one or several archives, for one architecture. Only what a resolution always needs is read while
 * a Packages text is scanned; the rest of a stanza stays in the text, known by its offsets, until it is asked for.
 */
import { hold, requireWithin } from "../../../core/index.ts";
import { endOfStanza, invalid, parseStanza, skipEmptyLines } from "./control.ts";
import type { Stanza } from "./control.ts";
import { parseRelations } from "./dependency.ts";
import type { Alternatives } from "./dependency.ts";
import { mentionOrder } from "./mention-order.ts";
import type { MentionOrder } from "./mention-order.ts";
import type { PackageRecord } from "./package-record.ts";
import { compareRecords } from "./record-order.ts";
import { isVersion } from "./version.ts";

/** A Packages text whose hash was verified, and how messages and locks call it. */
export interface ArchiveText {
  readonly text: Uint8Array | string;
  readonly archive: string;
  /** In the sense of apt's pins. Default 500. */
  readonly priority?: number;
  /** A vendor's, beside the distribution's. */
  readonly isFurther?: boolean;
}

/** A name that a package stands in for. */
export interface Provision {
  readonly provider: PackageRecord;
  readonly qualifier: string | undefined;
  /** Without one it fulfils no versioned relation. */
  readonly version: string | undefined;
}

export type RelationField = "Pre-Depends" | "Depends" | "Recommends" | "Conflicts" | "Breaks" | "Replaces";

export interface PackageIndex {
  readonly architecture: string;
  /** The archives' labels, in the order given. */
  readonly archives: readonly string[];
  /** Those of them that are beside the distribution's, by their positions. */
  readonly further: ReadonlySet<number>;
  /** The texts as byte strings, in the same order. */
  readonly texts: readonly string[];
  /**
   * Every real package with its versions, the best first: of the highest priority, then the highest; of one version in
   * two archives, the better archive's, then the first one's. In the bytewise order of names: nothing that can be walked here tells in which order the stanzas stood.
   */
  readonly packages: ReadonlyMap<string, readonly PackageRecord[]>;
  /** By the provided name; the providers in the order of `packages`. */
  readonly provisions: ReadonlyMap<string, readonly Provision[]>;
  /** All fields. Values are byte strings. */
  stanzaOf(record: PackageRecord): Stanza;
  relationsOf(record: PackageRecord, field: RelationField): readonly Alternatives[];
  readonly compareMentions: MentionOrder;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9+._-]*$/;
const PRIORITIES = ["required", "important", "standard", "optional", "extra"];

/**
 * The archives' order matters in one case only: where two of one priority hold the same version, the first one's is
 * taken. apt does the same with the order of its sources. The order of the stanzas never matters. Throws `E_DEBIAN_METADATA`.
 */
export function packageIndex(inputs: readonly ArchiveText[], architecture: string): PackageIndex {
  const archives = inputs.map(({ archive }) => archive);
  const further = new Set(inputs.flatMap(({ isFurther }, position) => (isFurther === true ? [position] : [])));
  const texts = inputs.map(byteStringOf);
  const priorities = inputs.map(({ priority = 500 }) => priority);
  const found: Found[] = [];
  for (const [archive, text] of texts.entries()) {
    scanArchive(text, archives[archive] ?? "", archive, architecture, (record, provides) => {
      found.push({ record, provides });
    });
  }
  found.sort((a, b) => compareRecords(a.record, b.record, texts, priorities));
  const packages = new Map<string, PackageRecord[]>();
  const provisions = new Map<string, Provision[]>();
  for (const { record, provides } of found) {
    const versions = packages.get(record.name);
    if (versions === undefined) packages.set(record.name, [record]);
    else if (versions.some(({ version }) => version === record.version)) continue;
    else versions.push(record);
    if (provides !== "") addProvisions(provisions, record, provides, architecture);
  }

  const relations = new Map<PackageRecord, Map<RelationField, readonly Alternatives[]>>();
  function stanzaOf(record: PackageRecord): Stanza {
    return parseStanza(texts[record.archive] ?? "", record.start, record.end, archives[record.archive] ?? "");
  }
  function relationsOf(record: PackageRecord, field: RelationField): readonly Alternatives[] {
    let known = relations.get(record);
    if (known === undefined) relations.set(record, (known = readRelations(stanzaOf(record), record, architecture)));
    return known.get(field) ?? [];
  }
  const compareMentions = mentionOrder(texts, packages);
  return { architecture, archives, further, texts, packages, provisions, stanzaOf, relationsOf, compareMentions };
}

interface Found {
  readonly record: PackageRecord;
  /** Its Provides field. */
  readonly provides: string;
}

/** The version that apt would take. */
export function newestOf(index: PackageIndex, name: string): PackageRecord | undefined {
  return index.packages.get(name)?.[0];
}

const RELATION_FIELDS: readonly RelationField[] = [
  "Pre-Depends",
  "Depends",
  "Recommends",
  "Conflicts",
  "Breaks",
  "Replaces",
];

function readRelations(
  stanza: Stanza,
  record: PackageRecord,
  architecture: string,
): Map<RelationField, readonly Alternatives[]> {
  const source = `${record.name} ${record.version}`;
  const found = new Map<RelationField, readonly Alternatives[]>();
  for (const field of RELATION_FIELDS) {
    const value = stanza.get(field);
    if (value !== undefined) found.set(field, parseRelations(value, architecture, source));
  }
  return found;
}

function addProvisions(
  provisions: Map<string, Provision[]>,
  provider: PackageRecord,
  provides: string,
  architecture: string,
): void {
  for (const [relation] of parseRelations(provides, architecture, `${provider.name} ${provider.version}`)) {
    // apt reads over a provision that is not of one exact version.
    if (relation === undefined || (relation.constraint !== undefined && relation.constraint.operator !== "=")) continue;
    const provision = { provider, qualifier: relation.qualifier, version: relation.constraint?.version };
    const others = provisions.get(relation.name);
    if (others === undefined) provisions.set(relation.name, [provision]);
    else others.push(provision);
  }
}

/** The fields read from every stanza, by lower-case name. */
interface Scanned {
  package: string;
  version: string;
  architecture: string;
  provides: string;
  essential: string;
  important: string;
  protected: string;
  priority: string;
  "multi-arch": string;
}

function isScanned(name: string): name is keyof Scanned {
  switch (name) {
    case "package":
    case "version":
    case "architecture":
    case "provides":
    case "essential":
    case "important":
    case "protected":
    case "priority":
    case "multi-arch":
      return true;
    default:
      return false;
  }
}

function scanArchive(
  text: string,
  label: string,
  archive: number,
  architecture: string,
  found: (record: PackageRecord, provides: string) => void,
): void {
  let position = skipEmptyLines(text, 0);
  while (position < text.length) {
    const start = position;
    const end = endOfStanza(text, start);
    const fields = scanStanza(text, start, end, label);
    if (fields.architecture === architecture || fields.architecture === "all") {
      found(recordOf(fields, archive, start, end, label), fields.provides);
    } else if (fields.architecture === "") {
      throw invalid(label, start, "has no Architecture field");
    }
    position = skipEmptyLines(text, end);
  }
}

function recordOf(fields: Scanned, archive: number, start: number, end: number, label: string): PackageRecord {
  if (!NAME.test(fields.package) || fields.package.length > 255) {
    throw invalid(label, start, `has no valid Package field: "${fields.package.slice(0, 80)}"`);
  }
  if (!isVersion(fields.version)) {
    throw invalid(label, start, `has no valid Version field: "${fields.version.slice(0, 80)}"`);
  }
  const multiArch = fields["multi-arch"];
  return {
    name: fields.package,
    version: fields.version,
    architecture: fields.architecture,
    multiArch: multiArch === "same" || multiArch === "foreign" || multiArch === "allowed" ? multiArch : "no",
    essential: fields.essential === "yes",
    important: fields.important === "yes" || fields.protected === "yes",
    priority: priorityOf(fields.priority),
    archive,
    start,
    end,
  };
}

function priorityOf(word: string): number {
  if (word === "") return 0;
  const known = PRIORITIES.indexOf(word);
  return known < 0 ? PRIORITIES.length : known + 1;
}

/** Looks at each line's first characters only; what the other lines hold is checked when a stanza is parsed. */
function scanStanza(text: string, start: number, end: number, label: string): Scanned {
  const fields: Scanned = {
    package: "",
    version: "",
    architecture: "",
    provides: "",
    essential: "",
    important: "",
    protected: "",
    priority: "",
    "multi-arch": "",
  };
  let position = start;
  while (position < end) {
    let lineEnd = endOfLine(text, position, end);
    if (mayBeScanned(text.charCodeAt(position) | 0x20)) {
      const colon = text.indexOf(":", position);
      const name = text.slice(position, colon).toLowerCase();
      if (colon > 0 && colon < lineEnd && isScanned(name)) {
        while (lineEnd < end && isIndent(text.charCodeAt(lineEnd + 1))) lineEnd = endOfLine(text, lineEnd + 1, end);
        if (fields[name] !== "") throw invalid(label, start, `has the field "${name}" twice`);
        fields[name] = text.slice(colon + 1, lineEnd).trim();
      }
    }
    position = lineEnd + 1;
  }
  return fields;
}

function endOfLine(text: string, position: number, end: number): number {
  const found = text.indexOf("\n", position);
  return found < 0 || found > end ? end : found;
}

/** a, e, i, m, p, v. */
function mayBeScanned(code: number): boolean {
  return code === 0x61 || code === 0x65 || code === 0x69 || code === 0x6d || code === 0x70 || code === 0x76;
}

function isIndent(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function byteStringOf({ text, archive }: ArchiveText): string {
  requireWithin("debian.index", text.length, `The index of "${archive}"`);
  hold(text.length);
  if (typeof text === "string") return text;
  return Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString("latin1");
}
