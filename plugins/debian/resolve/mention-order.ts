/**
 * The order in which apt meets names while it reads the archives; its last word where providers are equal. It is
 * rebuilt from the texts as if they were sorted the way Debian's archive sorts them, by source package and then by
 * package, so that a shuffled text gives the same order.
 */
import type { PackageRecord } from "./package-record.ts";
import { compareText } from "./record-order.ts";
import { compareVersions } from "./version.ts";

/** Negative where the name `a` is met before the name `b`. */
export type MentionOrder = (a: string, b: string) => number;

type Packages = ReadonlyMap<string, readonly PackageRecord[]>;

/** Does its work when it is first asked: few closures have providers that are equal in all else. */
export function mentionOrder(texts: readonly string[], packages: Packages): MentionOrder {
  const places = new Map<string, number>();
  let digest: string | undefined;
  return (a, b) => placeOf(a) - placeOf(b);

  function placeOf(name: string): number {
    let place = places.get(name);
    if (place === undefined) {
      digest ??= mentionsText(texts, packages);
      places.set(name, (place = firstMention(digest, name)));
    }
    return place;
  }
}

/** The fields in which apt meets names, in the order in which it reads them. */
const FIELDS = [
  "package",
  "pre-depends",
  "depends",
  "conflicts",
  "breaks",
  "recommends",
  "suggests",
  "replaces",
  "enhances",
  "provides",
];

interface Mentions {
  readonly record: PackageRecord;
  readonly source: string;
  readonly text: string;
}

/** All names that the archives mention, and little else, in order. */
function mentionsText(texts: readonly string[], packages: Packages): string {
  const byArchive = texts.map((): Mentions[] => []);
  for (const record of Array.from(packages.values()).flat()) {
    byArchive[record.archive]?.push(mentionsOf(texts[record.archive] ?? "", record));
  }
  return byArchive
    .flatMap((mentions) => mentions.sort(compareAsArchived))
    .map(({ text }) => text)
    .join("\n");
}

function compareAsArchived(a: Mentions, b: Mentions): number {
  return (
    compareText(a.source, b.source) ||
    compareText(a.record.name, b.record.name) ||
    compareVersions(a.record.version, b.record.version) ||
    compareText(a.record.version, b.record.version)
  );
}

function mentionsOf(text: string, record: PackageRecord): Mentions {
  const values: string[] = [];
  let source = record.name;
  let field = "";
  for (const line of text.slice(record.start, record.end).split("\n")) {
    const isContinued = line.startsWith(" ") || line.startsWith("\t");
    if (!isContinued) field = line.slice(0, line.indexOf(":")).toLowerCase();
    const value = isContinued ? line : line.slice(field.length + 1);
    const order = FIELDS.indexOf(field);
    if (order >= 0) values[order] = (values[order] ?? "") + value;
    // "name (version)" where the versions differ.
    else if (field === "source") source = value.trim().replace(/ .*/, "");
  }
  return { record, source, text: values.filter((value) => value !== undefined).join("\n") };
}

/** A colon behind a name makes it another name to apt. */
function firstMention(text: string, name: string): number {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
    const before = text.charAt(at - 1);
    const after = text.charAt(at + name.length);
    if (" \n\t,|".includes(before) && " \n\t,|(".includes(after)) return at;
  }
  throw new Error(`No archive mentions "${name}"`);
}
