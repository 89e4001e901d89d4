/** From what a config asks for to pinned packages: the lock's, or resolved anew. */
import { ImageDslError, canonicalJson, type Source, type StageContext } from "../../../core/index.ts";
import { archiveAddresses, locateArchive, mayBeUnsigned, warnWithoutSecurity } from "../fetch/index.ts";
import type { DebianArchive, DebianOptions } from "../options.ts";
import { isFlat } from "../suite-path.ts";
import {
  LOCK_KIND,
  pinsJson,
  pinsSchema,
  requestJson,
  type PinRequest,
  type Pins,
  type RequestedArchive,
} from "./pins.ts";

/** Obeys the lock while the request is unchanged; else resolves, preferring what is pinned for the same suite. */
export async function pinPackages(options: DebianOptions, architecture: string, context: StageContext): Promise<Pins> {
  const pins = await pinnedOrResolved(options, architecture, context);
  if (pins.lacksSecurity) warnWithoutSecurity(options.suite, context);
  return pins;
}

async function pinnedOrResolved(options: DebianOptions, architecture: string, context: StageContext): Promise<Pins> {
  const { lock, target } = context;
  const request = requestOf(options, architecture, context);
  const pinned = lock.read(LOCK_KIND, target, requestJson(request), pinsSchema);
  if (pinned && !pinned.packages.some(({ name }) => lock.renews(name))) {
    await refuseUnsigned(pinned, options, architecture);
    return pinned;
  }
  const { resolvePins } = await import("./resolve-pins.ts");
  const pins = await resolvePins(options, request, context);
  // Also where nothing was pinned so far, --update-lock may name a package.
  for (const { name } of pins.packages) lock.renews(name);
  lock.write(LOCK_KIND, target, requestJson(request), pinsJson(pins));
  return pins;
}

/**
 * Everything that decides which packages are taken, and nothing of this host: a mirror may change, the pins stay. A
 * vendor's address is the archive's name.
 */
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
    ...(options.archives && options.archives.length > 0 && { archives: options.archives.map(requestedArchive) }),
  };
}

function requestedArchive({ mirror, suite, components = ["main"], priority }: DebianArchive): RequestedArchive {
  return {
    addresses: archiveAddresses(mirror),
    suite,
    components: isFlat(suite) ? [] : [...components],
    ...(priority !== undefined && { priority }),
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

function archiveOf({ mirror = [], keyring = [], allowUnsigned = false, archives = [] }: DebianOptions): string {
  return canonicalJson({ mirror, keyring, allowUnsigned, archives: archives.map((each) => ({ ...each })) });
}

/** What was once taken unsigned is not trusted for being in the lock. */
async function refuseUnsigned({ suites }: Pins, options: DebianOptions, architecture: string): Promise<void> {
  const unsigned = suites.filter(({ signed }) => !signed).map(({ name }) => name);
  if (unsigned.length === 0) return;
  const locations = await locateArchive({ ...options, architecture });
  const refused = unsigned.find((name) => {
    const location = locations.find(({ label }) => label === name);
    return !location?.places.some((place) => mayBeUnsigned(location, place));
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
