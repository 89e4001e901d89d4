/** What the lock remembers of a source: versions to keep, and a state of the archive not to fall behind. */
import {
  canonicalJson,
  indexOfPrevious,
  isRecord,
  type Json,
  type Lock,
  type PreviousAnswer,
} from "../../../core/index.ts";
import { LOCK_KIND, pinsSchema, requestJson, type PinnedPackage, type Pins, type PinRequest } from "./pins.ts";
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
export function earlierPins(request: PinRequest, lock: Lock): EarlierPins {
  const like = pinsByLike(lock).get(likeKey(request));
  const own = like?.bySource.get(sourceKey(request)) ?? [];
  const pinned = lock.peek(LOCK_KIND, requestJson(request), pinsSchema);
  const last = pinned === undefined ? [] : versionsIn([pinned]);
  const byArchives = new Map(like?.byArchives);
  const same = byArchives.get(archivesKey(request)) ?? [];
  byArchives.delete(archivesKey(request));
  const elsewhere = new Map<string, string>();
  for (const versions of byArchives.values()) addHighest(elsewhere, versions);
  // A target that is renewed takes the newest of everything; a package that is renewed, of itself.
  const isKept = ([name]: readonly [string, string]): boolean => !lock.renews(request.target) && !lock.renews(name);
  return {
    prefer: new Map([...same, ...last].filter(isKept)),
    preferElsewhere: new Map([...elsewhere].filter(isKept)),
    held: new Map([...versionsIn(own), ...last]),
    same: pinned && new Map(last),
    suites: suitesIn(own),
  };
}

/** What was pinned for one suite and architecture. */
interface LikePins {
  /** The highest version of each name, by the further archives. */
  readonly byArchives: Map<string, Map<string, string>>;
  /** By target and place. */
  readonly bySource: Map<string, Pins[]>;
}

const pinsByLike = indexOfPrevious(LOCK_KIND, pinsSchema, () => new Map<string, LikePins>(), addPins);

function addPins(all: Map<string, LikePins>, { request, answer }: PreviousAnswer<Pins>): void {
  if (!isRecord(request)) return;
  const pins = answer();
  const { byArchives, bySource } = orAdded(all, likeKey(request), () => ({
    byArchives: new Map(),
    bySource: new Map(),
  }));
  addHighest(
    orAdded(byArchives, archivesKey(request), () => new Map()),
    versionsIn([pins]),
  );
  orAdded(bySource, sourceKey(request), () => []).push(pins);
}

function orAdded<Value>(all: Map<string, Value>, key: string, make: () => Value): Value {
  const value = all.get(key) ?? make();
  all.set(key, value);
  return value;
}

/** Of a request, or of an entry's. */
type Asked = Readonly<Record<string, unknown>> | PinRequest;

function likeKey({ suite, architecture }: Asked): string {
  return JSON.stringify([suite, architecture]);
}

function sourceKey({ target, place }: Asked): string {
  return JSON.stringify([target, place]);
}

function archivesKey({ archives = [] }: Asked): string {
  return canonicalJson(archives as Json);
}

/** The highest version of each name. */
export function versionsIn(all: readonly Pins[]): readonly (readonly [name: string, version: string])[] {
  const versions = new Map<string, string>();
  addHighest(
    versions,
    all.flatMap(packagesOf).map(({ name, version }) => [name, version]),
  );
  return [...versions];
}

function addHighest(versions: Map<string, string>, more: Iterable<readonly [name: string, version: string]>): void {
  for (const [name, version] of more) {
    const known = versions.get(name);
    if (known === undefined || (known !== version && compareVersions(version, known) > 0)) versions.set(name, version);
  }
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
