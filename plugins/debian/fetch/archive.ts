/** Opening a release: all its suites, trusted, with the package indexes of one architecture. */
import { ImageDslError } from "../../../core/index.ts";
import { isFlat } from "../suite-path.ts";
import { readAptSettings } from "./apt-conf.ts";
import { at, notThere, warnOfFailedPlace } from "./failed-place.ts";
import { loadKeyring, type Keyring } from "./keyring.ts";
import { locateSuites, suitesOf, type ArchivePlace, type LocateOptions, type SuiteLocation } from "./locate.ts";
import { openRelease, type OpenedRelease } from "./open-release.ts";
import { indexPaths, readPackagesFile } from "./packages-file.ts";
import { metadataError, type Release } from "./release.ts";
import { readAptHost } from "./sources-list.ts";
import type { FetchContext, Transport } from "./transport.ts";

export interface ArchiveOptions extends LocateOptions {
  /** Suites that the lock was made with, and the dates of their releases: none may be gone, and none older. */
  readonly known?: ReadonlyMap<string, string | undefined> | undefined;
}

/** One suite, opened. */
export interface OpenedArchive {
  /** The suite's name: `bookworm-security`. The same on every mirror. A further archive's has its address. */
  readonly label: string;
  readonly baseUri: string;
  readonly release: Release;
  readonly signed: boolean;
  /** One text for each component, and one more where packages for all architectures are listed apart. */
  readonly packagesTexts: readonly PackagesText[];
}

export interface OpenedArchives {
  readonly archives: readonly OpenedArchive[];
  /** Security updates are missing that Debian has for this release. */
  readonly lacksSecurity: boolean;
}

export interface PackagesText {
  readonly text: Buffer;
  /** `bookworm-security/main`. */
  readonly archive: string;
  /** In the sense of apt's pins: of several versions the one of the highest is taken. */
  readonly priority: number;
  readonly isFurther: boolean;
}

/** The places of a release, by the host's configuration and the options; reads no network. */
export async function locateArchive(options: LocateOptions, root: string = "/"): Promise<readonly SuiteLocation[]> {
  return locateSuites(
    options,
    options.mirror === undefined ? await readAptHost(root) : { sources: [], isDebian: false },
  );
}

/** Whether a suite at this place need not be signed. */
export function mayBeUnsigned(
  { allowUnsigned }: Pick<SuiteLocation, "allowUnsigned">,
  place: Pick<ArchivePlace, "trusted">,
): boolean {
  return allowUnsigned ?? place.trusted ?? false;
}

/**
 * Fetches and verifies Release and Packages of the suite, its updates, its security updates and further archives, in this
 * order.
 * `root` is where the host's files begin. Throws `E_DEBIAN_SOURCES`, `E_DEBIAN_SUITE`, `E_DEBIAN_KEYRING`,
 * `E_DEBIAN_SIGNATURE`, `E_DEBIAN_METADATA`, `E_HASH_MISMATCH`, `E_NETWORK`.
 */
export async function openArchive(
  options: ArchiveOptions,
  context: FetchContext,
  root: string = "/",
): Promise<OpenedArchives> {
  const locations = await locateArchive(options, root);
  const transport = { signal: context.signal, settings: await readAptSettings(root) };
  const keyringOf = keyrings(root);
  const progress = progressOf(context);
  const find = (location: SuiteLocation) => findRelease(location, options, keyringOf, context, transport);
  const first = isOneOfTwo(locations[0]!) ? await find(locations[0]!) : undefined;
  const open = async (location: SuiteLocation, index: number): Promise<OpenedArchive | undefined> => {
    const found = index === 0 && first ? first : await find(besides(location, first));
    if (!found) return undefined;
    const packagesTexts = await at(found.place, () =>
      readIndexes(location, found, options, progress, context, transport),
    );
    return { label: location.label, baseUri: found.place.uri, ...found.opened, packagesTexts };
  };
  const archives = (await allOrTheFirst(locations, open, context)).filter((archive) => archive !== undefined);
  if (archives[0]?.label !== options.suite) throw notThere(options.suite, locations[0]?.places ?? []);
  refuseGone(options, archives);
  return { archives, lacksSecurity: lacksSecurity(options, archives) };
}

/** Of several that fail the first in order is told, whichever failed first: an error does not depend on who is faster. */
async function allOrTheFirst<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
  { tasks, signal }: FetchContext,
): Promise<readonly Result[]> {
  const ended = await tasks.map("net", items, (item, index) =>
    work(item, index).then(
      (result) => ({ result }),
      (error: unknown) => {
        if (signal.aborted) throw error;
        return { error };
      },
    ),
  );
  return ended.map((each) => {
    if ("error" in each) throw each.error;
    return each.result;
  });
}

/** Whether the release may lie beside the host's own or in the public archive, which only the network knows. */
function isOneOfTwo({ places }: SuiteLocation): boolean {
  return new Set(places.map(({ origin }) => origin === "default")).size === 2;
}

/** The suites of one release are taken from the same of the two. */
function besides(location: SuiteLocation, first: FoundRelease | undefined): SuiteLocation {
  if (first === undefined || location.isFurther) return location;
  const isDefault = first.place.origin === "default";
  return { ...location, places: location.places.filter(({ origin }) => (origin === "default") === isDefault) };
}

interface FoundRelease {
  readonly place: ArchivePlace;
  readonly opened: OpenedRelease;
}

/**
 * The first place that has the suite and is Debian's: another vendor's archive may have a suite of the same name
 * in the host's configuration. Where none is Debian's (on a derivative), the first one. Places that fail are passed
 * over with a warning as long as another one answers.
 */
async function findRelease(
  location: SuiteLocation,
  options: ArchiveOptions,
  keyringOf: KeyringOf,
  context: FetchContext,
  transport: Transport,
): Promise<FoundRelease | undefined> {
  const { suite, label, places, optional, isFurther } = location;
  let first: FoundRelease | undefined;
  const failures: unknown[] = [];
  const without: ArchivePlace[] = [];
  for (const place of places) {
    const trust = {
      keyring: () => keyringOf(location, place),
      allowUnsigned: mayBeUnsigned(location, place),
      notBefore: options.known?.get(label),
    };
    try {
      const opened = await at(place, () => openRelease(place, location, trust, transport));
      if (!opened) {
        without.push(place);
        continue;
      }
      first ??= { place, opened };
      if (isFurther || opened.release.origin === "Debian" || options.mirror !== undefined) {
        first = { place, opened };
        break;
      }
    } catch (error) {
      if (context.signal.aborted) throw error;
      failures.push(error);
    }
  }
  if (!first) {
    // That the host's own archive lacks it is the news then, not that the public one cannot be reached.
    const isOutOfReach = without.length > 0 && places.at(-1)?.origin === "default";
    if (failures.length > 0 && !isOutOfReach) throw failures[0];
    if (optional && failures.length === 0) return undefined;
    throw notThere(suite, without, failures);
  }
  for (const failure of failures) warnOfFailedPlace(failure, context);
  return first;
}

async function readIndexes(
  { suite, label, priority, isFurther }: SuiteLocation,
  { place, opened: { release } }: FoundRelease,
  options: ArchiveOptions,
  onProgress: (bytes: number) => void,
  context: FetchContext,
  transport: Transport,
): Promise<readonly PackagesText[]> {
  const texts: PackagesText[] = [];
  for (const component of isFlat(suite) ? [undefined] : place.components) {
    let found = 0;
    for (const path of indexPaths(release, component, options.architecture)) {
      const text = await readPackagesFile({ place, suite, release }, path, onProgress, context, transport);
      if (!text) continue;
      found++;
      const archive = component === undefined ? label : `${label}/${component}`;
      texts.push({ text, archive, priority: priority ?? release.priority, isFurther });
    }
    if (found === 0) throw noIndex(label, component, release, options);
  }
  return texts;
}

type KeyringOf = (location: SuiteLocation, place: ArchivePlace) => Promise<Keyring>;

/** Each set of keys is read once, also by suites that are opened at the same time. */
function keyrings(root: string): KeyringOf {
  const loaded = new Map<string, Promise<Keyring>>();
  return ({ keyring }, place) => {
    const key = JSON.stringify([keyring ?? null, place.signedBy ?? null, place.origin]);
    const known = loaded.get(key);
    if (known) return known;
    const loading = loadKeyring(keyring, place, root);
    loaded.set(key, loading);
    return loading;
  };
}

function progressOf(context: FetchContext): (bytes: number) => void {
  let done = 0;
  return (bytes) => {
    done += bytes;
    context.emit({ type: "progress", task: "Package lists", done, total: 0, unit: "bytes" });
  };
}

/** An archive that says of a suite that it never existed hides the updates in it, and no signature tells of that. */
function refuseGone({ suite: release, known = new Map() }: ArchiveOptions, archives: readonly OpenedArchive[]): void {
  // Further archives are the config's to name, and to leave out.
  const gone = suitesOf(release).find((suite) => known.has(suite) && !archives.some(({ label }) => label === suite));
  if (gone === undefined) return;
  throw new ImageDslError(
    "E_DEBIAN_SUITE",
    `The lock was made with the suite ${gone}, and now there is no source for it`,
    {
      hint: "Add its address to mirror: in debian({ … }), or the suite to the host's apt configuration; to go without it, delete the lock",
    },
  );
}

/** These have no suite of security updates. */
const WITHOUT_SECURITY = new Set(["unstable", "experimental"]);

/** A release of Debian's that has security updates somewhere, and here comes without. */
function lacksSecurity({ suite: asked }: ArchiveOptions, archives: readonly OpenedArchive[]): boolean {
  const { origin, suite = "" } = archives[0]!.release;
  if (isFlat(asked) || origin !== "Debian" || WITHOUT_SECURITY.has(suite)) return false;
  return !archives.some(({ label }) => label === securityOf(asked));
}

export function warnWithoutSecurity(suite: string, { emit }: Pick<FetchContext, "emit">): void {
  emit({
    type: "warning",
    code: "E_DEBIAN_SUITE",
    message: `No source for ${securityOf(suite)}: packages come without security updates`,
    hint: "Add its address to mirror: in debian({ … }), or the suite to the host's apt configuration, and build with --update-lock",
  });
}

function securityOf(suite: string): string {
  return `${suite}-security`;
}

function noIndex(
  suite: string,
  component: string | undefined,
  release: Release,
  options: ArchiveOptions,
): ImageDslError {
  if (component === undefined) return metadataError(`The flat archive ${suite} has no list of packages`);
  const known = release.architectures.includes(options.architecture);
  return new ImageDslError(
    "E_DEBIAN_SUITE",
    known
      ? `The suite ${suite} has no component "${component}"; it has ${release.components.join(", ")}`
      : `The suite ${suite} has no packages for ${options.architecture}; it has ${release.architectures.join(", ")}`,
    {
      hint: known
        ? "Change components: in debian({ … })"
        : "Change architecture: in debian({ … }), or set mirror: to an archive for it",
    },
  );
}
