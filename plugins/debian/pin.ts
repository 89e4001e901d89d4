/** From what a config asks for to pinned packages: the lock's, or resolved anew from signed indexes. */
import { ImageDslError, canonicalJson, type Source, type StageContext } from "../../core/index.ts";
import { earlierPins, type EarlierPins } from "./earlier-pins.ts";
import { locateArchive, mayBeUnsigned, openArchive, type OpenedArchive } from "./fetch/index.ts";
import type { DebianOptions } from "./options.ts";
import { parsePins, pinOf, pinsJson, type PinRequest, type PinnedPackage, type Pins } from "./pins.ts";
import { compareVersions, packageIndex, resolveClosure, type PackageIndex } from "./resolve/index.ts";
import { SKELETON_PACKAGES } from "./scripts/skeleton.ts";

/** What the skeleton does by itself, so that no package has to. */
const SATISFIED = SKELETON_PACKAGES;

/** The package that holds Debian's fixed users and groups. */
const ACCOUNTS = "base-passwd";

const LOCK_KIND = "debian";

/** Obeys the lock while the request is unchanged; else resolves, preferring what is pinned for the same suite. */
export async function pinPackages(options: DebianOptions, architecture: string, context: StageContext): Promise<Pins> {
  const { lock, target } = context;
  const request = requestOf(options, architecture, context);
  const answer = lock.read(LOCK_KIND, target, { ...request });
  const pinned = answer === undefined ? undefined : parsePins(answer);
  if (pinned && !pinned.packages.some(({ name }) => lock.renews(name))) {
    await refuseUnsigned(pinned, options, architecture);
    return pinned;
  }
  const earlier = earlierPins(LOCK_KIND, request, lock);
  const pins = await resolve(options, architecture, context, earlier);
  warnOfFallen(pins, earlier, context);
  lock.write(LOCK_KIND, target, { ...request }, pinsJson(pins));
  return pins;
}

/** Everything that decides which packages are taken, and nothing of this host: a mirror may change, the pins stay. */
function requestOf(options: DebianOptions, architecture: string, context: StageContext): PinRequest {
  return {
    target: context.target,
    place: placeOf(options, context.spec.contents),
    suite: options.suite,
    architecture,
    packages: [...options.packages],
    components: [...(options.components ?? ["main"])],
    recommends: options.recommends ?? false,
    essential: options.essential ?? false,
    exclude: (options.exclude ?? []).toSorted(),
  };
}

/**
 * Which of the archives that an image's sources name it is, counted from 0: two sources that ask for the same at two
 * mirrors have pins of their own.
 */
function placeOf(options: DebianOptions, contents: readonly Source[]): number {
  const archives = contents.flatMap(({ kind, options: each }) =>
    kind === LOCK_KIND ? [archiveOf(each as DebianOptions)] : [],
  );
  const different = [...new Set(archives)];
  const place = different.indexOf(archiveOf(options));
  // A source that another plugin collects need not be among the contents.
  return place < 0 ? different.length : place;
}

function archiveOf({ mirror = [], keyring = [], allowUnsigned = false }: DebianOptions): string {
  return canonicalJson({ mirror, keyring, allowUnsigned });
}

/** What was once taken unsigned is not trusted for being in the lock. */
async function refuseUnsigned({ suites }: Pins, options: DebianOptions, architecture: string): Promise<void> {
  const unsigned = suites.filter(({ signed }) => !signed).map(({ name }) => name);
  if (unsigned.length === 0 || options.allowUnsigned === true) return;
  const locations = options.allowUnsigned === undefined ? await locateArchive({ ...options, architecture }) : [];
  const refused = unsigned.find((name) => {
    const places = locations.find(({ suite }) => suite === name)?.places ?? [];
    return !places.some((place) => mayBeUnsigned(options, place));
  });
  if (refused === undefined) return;
  throw new ImageDslError(
    "E_DEBIAN_SIGNATURE",
    `The lock's packages were chosen while the suite ${refused} was not signed, and that is not allowed now`,
    {
      hint: "Set allowUnsigned: true in debian({ … }), or delete the lock and build again from a signed archive",
    },
  );
}

async function resolve(
  options: DebianOptions,
  architecture: string,
  context: StageContext,
  { prefer, suites }: EarlierPins,
): Promise<Pins> {
  const { archives } = await openArchive({ ...options, architecture, known: suites }, context);
  const index = packageIndex(
    archives.flatMap(({ packagesTexts }) => packagesTexts),
    architecture,
  );
  const { packages, open } = resolveClosure({
    index,
    packages: options.packages,
    recommends: options.recommends ?? false,
    exclude: options.exclude ?? [],
    essential: options.essential ?? false,
    prefer,
    satisfied: SATISFIED,
  });
  for (const { of, relation } of open) {
    context.emit({
      type: "warning",
      code: "W_DEBIAN_EXCLUDED",
      message: `${of} needs "${relation}", which nothing fulfils because of exclude`,
    });
  }
  const pinned = packages.map(pinOf);
  return {
    suites: archives.map(suiteOf),
    packages: pinned,
    accounts: pinned.find(({ name }) => name === ACCOUNTS) ?? accountsPin(index, prefer),
  };
}

function suiteOf({ label, release: { date }, signed }: OpenedArchive): Pins["suites"][number] {
  return { name: label, signed, ...(date !== undefined && { date }) };
}

function accountsPin(index: PackageIndex, prefer: ReadonlyMap<string, string>): PinnedPackage {
  const { packages } = resolveClosure({
    index,
    packages: [ACCOUNTS],
    recommends: false,
    exclude: [],
    essential: false,
    prefer,
    satisfied: SATISFIED,
  });
  const found = packages.find(({ name }) => name === ACCOUNTS)!;
  return { ...pinOf(found), depends: [], preDepends: [], replaces: [], reason: "Debian's fixed users and groups" };
}

/** A version that is gone from an archive may have been withdrawn, or be hidden to bring an old hole back. */
function warnOfFallen({ packages, accounts }: Pins, { held }: EarlierPins, context: StageContext): void {
  const seen = new Set<string>();
  for (const { id, name, version } of [...packages, accounts]) {
    const before = held.get(name);
    if (before === undefined || seen.has(id) || compareVersions(version, before) >= 0) continue;
    seen.add(id);
    context.emit({
      type: "warning",
      code: "W_DEBIAN_OLDER",
      message: `${name} went back from ${before} to ${version}`,
      hint: "If nobody asked for that, the mirror may be out of date or hide updates: compare with another one",
    });
  }
}
