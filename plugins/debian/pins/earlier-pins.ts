/** What the lock remembers of a source: versions to keep, and a state of the archive not to fall behind. */
import { canonicalJson, type Json, type Lock } from "../../../core/index.ts";
import { pinsSchema, requestJson, type PinnedPackage, type Pins, type PinRequest } from "./pins.ts";
import { compareVersions } from "../resolve/index.ts";

export interface EarlierPins {
  /** Versions by name: of the request's own entry, else the highest of all entries for the suite, architecture and archives. */
  readonly prefer: ReadonlyMap<string, string>;
  /** The same of entries with other further archives: they say nothing of what those of now have. */
  readonly preferElsewhere: ReadonlyMap<string, string>;
  /** Versions by name that the source had last, whatever it asked for then. */
  readonly held: ReadonlyMap<string, string>;
  /** Those of this very request, all of them: what is not there any more is gone. */
  readonly same: ReadonlyMap<string, string> | undefined;
  /** The suites that the source was resolved from, with the newest date of their releases. */
  readonly suites: ReadonlyMap<string, string | undefined>;
}

/** Throws `E_LOCK_INVALID`. Entries are taken in no order: what they say is joined by version and by date. */
export function earlierPins(kind: string, request: PinRequest, lock: Lock): EarlierPins {
  const entries = lock.previous(kind, pinsSchema).filter((entry) => isLike(entry.request, request));
  const own = entries.filter((entry) => isOfSource(entry.request, request)).map(({ answer }) => answer());
  const pinned = lock.peek(kind, requestJson(request), pinsSchema);
  const last = pinned === undefined ? [] : versionsIn([pinned]);
  const [like, elsewhere] = [true, false].map((isSame) =>
    versionsIn(
      entries.filter((entry) => hasSameArchives(entry.request, request) === isSame).map(({ answer }) => answer()),
    ),
  );
  // A target that is renewed takes the newest of everything; a package that is renewed, of itself.
  const isKept = ([name]: readonly [string, string]): boolean => !lock.renews(request.target) && !lock.renews(name);
  return {
    prefer: new Map([...like!, ...last].filter(isKept)),
    preferElsewhere: new Map(elsewhere!.filter(isKept)),
    held: new Map([...versionsIn(own), ...last]),
    same: pinned && new Map(last),
    suites: suitesIn(own),
  };
}

function isLike(other: Json, { suite, architecture }: PinRequest): boolean {
  return isRecord(other) && other["suite"] === suite && other["architecture"] === architecture;
}

function isOfSource(other: Json, { target, place }: PinRequest): boolean {
  return isRecord(other) && other["target"] === target && other["place"] === place;
}

function hasSameArchives(other: Json, { archives = [] }: PinRequest): boolean {
  const others = isRecord(other) ? (other["archives"] ?? []) : [];
  return canonicalJson(others) === canonicalJson(archives.map((each) => ({ ...each })));
}

function isRecord(value: Json): value is Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The highest version of each name. */
export function versionsIn(all: readonly Pins[]): readonly (readonly [name: string, version: string])[] {
  const versions = new Map<string, string>();
  for (const { name, version } of all.flatMap(packagesOf)) {
    const known = versions.get(name);
    if (known === undefined || compareVersions(version, known) > 0) versions.set(name, version);
  }
  return [...versions];
}

function packagesOf({ packages, accounts, distribution }: Pins): readonly PinnedPackage[] {
  return [...packages, accounts, ...(distribution === undefined ? [] : [distribution])];
}

function suitesIn(all: readonly Pins[]): ReadonlyMap<string, string | undefined> {
  const dates = new Map<string, string | undefined>();
  for (const { name, date } of all.flatMap(({ suites }) => suites)) {
    const known = dates.get(name);
    const isNewer = date !== undefined && (known === undefined || Date.parse(date) > Date.parse(known));
    dates.set(name, isNewer ? date : known);
  }
  return dates;
}
