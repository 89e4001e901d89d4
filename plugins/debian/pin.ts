/** From what a config asks for to pinned packages: the lock's, or resolved anew from signed indexes. */
import { type Json, type StageContext } from "../../core/index.ts";
import { openArchive, type ArchiveOptions } from "./fetch/index.ts";
import type { DebianOptions } from "./options.ts";
import { parsePins, pinOf, pinsJson, type PinnedPackage, type Pins } from "./pins.ts";
import { packageIndex, resolveClosure, type PackageIndex } from "./resolve/index.ts";

/** What the skeleton does by itself, so that no package has to. */
const SATISFIED = ["usr-is-merged"];

/** The package that holds Debian's fixed users and groups. */
const ACCOUNTS = "base-passwd";

const LOCK_KIND = "debian";

/** Obeys the lock while the request is unchanged; else resolves, preferring what is pinned for the same suite. */
export async function pinPackages(options: DebianOptions, architecture: string, context: StageContext): Promise<Pins> {
  const { lock, target } = context;
  const request = requestOf(options, architecture);
  const answer = lock.read(LOCK_KIND, target, request);
  const pinned = answer === undefined ? undefined : parsePins(answer);
  if (pinned && !pinned.packages.some(({ name }) => lock.renews(name))) return pinned;
  const pins = await resolve(options, architecture, context, preferred(pinned, request, context));
  lock.write(LOCK_KIND, target, request, pinsJson(pins));
  return pins;
}

/** Everything that decides which packages are taken, and nothing of this host: a mirror may change, the pins stay. */
function requestOf(options: DebianOptions, architecture: string): Record<string, Json> {
  return {
    suite: options.suite,
    architecture,
    packages: [...options.packages],
    components: [...(options.components ?? ["main"])],
    recommends: options.recommends ?? false,
    essential: options.essential ?? false,
    exclude: (options.exclude ?? []).toSorted(),
  };
}

async function resolve(
  options: DebianOptions,
  architecture: string,
  context: StageContext,
  prefer: ReadonlyMap<string, string>,
): Promise<Pins> {
  const archiveOptions: ArchiveOptions = { ...options, architecture };
  const { archives } = await openArchive(archiveOptions, context);
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
  return { packages: pinned, accounts: pinned.find(({ name }) => name === ACCOUNTS) ?? accountsPin(index, prefer) };
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

/** Versions to keep: those of the request's own pins, and of other requests for the same suite and architecture. */
function preferred(
  pinned: Pins | undefined,
  { suite, architecture }: Record<string, Json>,
  { lock }: StageContext,
): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  const others = lock
    .previous(LOCK_KIND)
    .filter(
      ({ request }) => isRequest(request) && request["suite"] === suite && request["architecture"] === architecture,
    )
    .map(({ answer }) => parsePins(answer));
  for (const { packages, accounts } of pinned ? [...others, pinned] : others) {
    for (const { name, version } of [...packages, accounts]) if (!lock.renews(name)) versions.set(name, version);
  }
  return versions;
}

function isRequest(request: Json): request is Record<string, Json> {
  return typeof request === "object" && request !== null && !Array.isArray(request);
}
