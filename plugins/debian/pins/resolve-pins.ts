/** Packages resolved anew, from the archive's signed indexes. */
import { ImageDslError, movedPins, onceInBuild, type StageContext } from "../../../core/index.ts";
import { earlierPins, versionsIn, type EarlierPins } from "./earlier-pins.ts";
import { openArchive, type OpenedArchive } from "../fetch/index.ts";
import type { DebianOptions } from "../options.ts";
import { pinOf, type PinRequest, type PinnedPackage, type Pins } from "./pins.ts";
import { compareVersions, packageIndex, resolveClosure, type PackageIndex } from "../resolve/index.ts";
import { SKELETON_PACKAGES } from "../scripts/skeleton.ts";

/** What the skeleton does by itself, so that no package has to. */
const SATISFIED = SKELETON_PACKAGES;

/** The package that holds Debian's fixed users and groups. */
const ACCOUNTS = "base-passwd";

/** The package that says which distribution it is of. */
const DISTRIBUTION = "base-files";

/** Prefers what is pinned for the same suite, and warns where a version fell. */
export async function resolvePins(options: DebianOptions, request: PinRequest, context: StageContext): Promise<Pins> {
  const earlier = earlierPins(request, context.lock);
  const pins = await resolve(options, request.architecture, earlier, context);
  warnOfFallen(pins, earlier, context);
  tellMoved(pins, earlier, request, context);
  return pins;
}

async function resolve(
  options: DebianOptions,
  architecture: string,
  earlier: EarlierPins,
  context: StageContext,
): Promise<Pins> {
  const { suites, lacksSecurity, index } = await indexedArchive(options, architecture, earlier.suites, context);
  const prefer = preferredVersions(earlier, index);
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
  const pinFor = (name: string, reason: string) =>
    pinned.find((each) => each.name === name) ?? filesPin(name, reason, index, prefer);
  return {
    suites,
    ...(lacksSecurity && { lacksSecurity }),
    packages: pinned,
    accounts: pinFor(ACCOUNTS, "Debian's fixed users and groups"),
    ...(index.packages.has(DISTRIBUTION) && { distribution: pinFor(DISTRIBUTION, "which distribution it is") }),
  };
}

interface IndexedArchive {
  readonly suites: Pins["suites"];
  readonly lacksSecurity: boolean;
  readonly index: PackageIndex;
}

const indexOnce = onceInBuild<IndexedArchive>();

/** An index takes a second and a hundred megabytes, and the images of one config mostly ask the same archive. */
function indexedArchive(
  { mirror, keyring, allowUnsigned, archives, suite, components }: DebianOptions,
  architecture: string,
  known: EarlierPins["suites"],
  context: StageContext,
): Promise<IndexedArchive> {
  const asked = { mirror, keyring, allowUnsigned, archives, suite, components, architecture };
  return indexOnce(context, JSON.stringify([asked, [...known].toSorted()]), async () => {
    const opened = await openArchive({ ...asked, known }, context);
    const texts = opened.archives.flatMap(({ packagesTexts }) => packagesTexts);
    return {
      suites: opened.archives.map(suiteOf),
      lacksSecurity: opened.lacksSecurity,
      index: packageIndex(texts, architecture),
    };
  });
}

/** A version that was pinned without a further archive of now is kept, unless that archive has the package too. */
function preferredVersions(
  { prefer, preferElsewhere }: EarlierPins,
  { packages, further }: PackageIndex,
): ReadonlyMap<string, string> {
  const isOfFurther = (name: string): boolean =>
    packages.get(name)?.some(({ archive }) => further.has(archive)) === true;
  return new Map([...Array.from(preferElsewhere).filter(([name]) => !isOfFurther(name)), ...prefer]);
}

function suiteOf({ label, release: { date }, signed }: OpenedArchive): Pins["suites"][number] {
  return { name: label, signed, ...(date !== undefined && { date }) };
}

/** A package that is there for files of it, and not itself in the image. */
function filesPin(
  name: string,
  reason: string,
  index: PackageIndex,
  prefer: ReadonlyMap<string, string>,
): PinnedPackage {
  if (name === ACCOUNTS && !index.packages.has(name)) throw noAccounts(index);
  const { packages } = resolveClosure({
    index,
    packages: [name],
    recommends: false,
    exclude: [],
    essential: false,
    prefer,
    satisfied: SATISFIED,
  });
  const found = packages.find((each) => each.name === name)!;
  return { ...pinOf(found), depends: [], preDepends: [], replaces: [], reason };
}

function noAccounts({ archives }: PackageIndex): ImageDslError {
  return new ImageDslError(
    "E_DEBIAN_PACKAGE_UNKNOWN",
    `There is no package "${ACCOUNTS}", which has Debian's fixed users and groups, in ${archives.join(", ")}`,
    { hint: "Set suite: in debian({ … }) to a release of Debian, and name a vendor's archive in archives: beside it" },
  );
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

/** Of a request that was changed, what it asks for anew is not news. */
function tellMoved(
  pins: Pins,
  { same, held }: EarlierPins,
  { suite, architecture }: PinRequest,
  { target, emit }: StageContext,
): void {
  const after = new Map(versionsIn([pins]));
  const moved = movedPins(same ?? new Map([...held].filter(([name]) => after.has(name))), after);
  const news = same === undefined ? moved.filter(({ from }) => from !== undefined) : moved;
  if (news.length > 0) emit({ type: "moved", target, what: `packages of ${suite} (${architecture})`, pins: news });
}
