/**
 * Where the suites of a release are to be had: the suite itself, its updates and its security updates.
 *
 * - With the option `mirror`, each of the three is taken from the first address of the list that has it. The suite
 *   itself must be there; updates and security may be missing, since they often lie at another address, which is then
 *   named in the list too.
 * - Else the host's apt configuration says it, by the suites' names. What it lists must be there.
 * - A release that it does not know, or that a host without apt is asked for, is looked for where a Debian host has its own
 *   one, and then at Debian's public archive. All its suites are taken from the same of these two.
 *
 * Further archives follow, each with what the config says of it alone.
 */
import { ImageDslError, redactUrl, withoutEndSlashes } from "../../../core/index.ts";
import type { DebianArchive } from "../options.ts";
import { isFlat } from "../suite-path.ts";
import { sourcesError, type AptSource, type SignedBy } from "./apt-source.ts";
import { defaultAddress } from "./default-archive.ts";
import type { AptHost } from "./sources-list.ts";

export interface LocateOptions {
  readonly suite: string;
  readonly architecture: string;
  /** Default `["main"]`. */
  readonly components?: readonly string[] | undefined;
  readonly mirror?: string | readonly string[] | undefined;
  /** For the suite and those that come along with it. */
  readonly keyring?: string | readonly string[] | undefined;
  readonly allowUnsigned?: boolean | undefined;
  readonly archives?: readonly DebianArchive[] | undefined;
}

/** One suite, and the places to try in turn. */
export interface SuiteLocation {
  /** `bookworm`, `bookworm-updates`, `bookworm-security`. */
  readonly suite: string;
  /** The suite's name, with the address of a further archive: names it in messages and in the lock. */
  readonly label: string;
  /** One of the option `archives`: nothing of it is looked for elsewhere, nor anything else in it. */
  readonly isFurther: boolean;
  /** Files with the keys that may sign it; without them, what the host's apt trusts. */
  readonly keyring: readonly string[] | undefined;
  /** Undefined: as the host's configuration says of the place. */
  readonly allowUnsigned: boolean | undefined;
  /** Undefined: as its release says. */
  readonly priority: number | undefined;
  /** The places are from a list that need not have this suite. */
  readonly optional: boolean;
  readonly places: readonly ArchivePlace[];
}

export interface ArchivePlace {
  /** The archive's address, without a slash at its end; `dists` and `pool` are below it. */
  readonly uri: string;
  readonly components: readonly string[];
  /** Who named the place. */
  readonly origin: PlaceOrigin;
  /** Where its address is from, for messages: `mirror: in debian({ … })`. */
  readonly namedBy: string;
  readonly signedBy?: SignedBy;
  readonly trusted?: boolean;
  readonly checkValidUntil?: boolean;
}

/** The config; the host's apt; nobody: where the host's apt has another release, or Debian's public archive. */
export type PlaceOrigin = "config" | "host" | "beside-host" | "default";

/** The suite comes first, then updates, then security, then further ones: the order of the archives in all that follows. */
export function locateSuites(options: LocateOptions, host: AptHost): readonly SuiteLocation[] {
  const suites = suitesOf(options.suite);
  const found = options.mirror === undefined ? fromHost(options, suites, host) : fromMirrors(options, suites);
  const own = found.map((each) => ({
    ...each,
    label: each.suite,
    isFurther: false,
    keyring: listOf(options.keyring),
    allowUnsigned: options.allowUnsigned,
    priority: undefined,
  }));
  return [...own, ...(options.archives ?? []).map(furtherSuite)];
}

/** The names of a release's suites. A flat archive stands by itself. */
export function suitesOf(suite: string): readonly string[] {
  return isFlat(suite) ? [suite] : [suite, `${suite}-updates`, `${suite}-security`];
}

/** A suite and where it is, before it is said whom to trust for it. */
type FoundSuite = Pick<SuiteLocation, "suite" | "optional" | "places">;

function fromMirrors({ mirror = [], components }: LocateOptions, suites: readonly string[]): readonly FoundSuite[] {
  const namedBy = "mirror: in debian({ … })";
  return suites.map((suite, index) => ({
    suite,
    optional: index > 0,
    places: mirrorsOf(mirror, suite, components, namedBy),
  }));
}

function furtherSuite(archive: DebianArchive): SuiteLocation {
  const { mirror, suite, components, keyring, allowUnsigned = false, priority } = archive;
  return {
    suite,
    label: archiveLabel(archive),
    isFurther: true,
    optional: false,
    places: mirrorsOf(mirror, suite, components, "archives: in debian({ … })"),
    keyring: listOf(keyring),
    allowUnsigned,
    priority,
  };
}

/** A further archive as it is named in messages and in the lock: `https://apt.example.org/debian stable`. No secrets. */
export function archiveLabel({ mirror, suite }: DebianArchive): string {
  return `${archiveAddresses(mirror).join(" ")} ${suite}`;
}

/** Without what may be a secret: user, password, query. */
export function archiveAddresses(mirror: string | readonly string[]): readonly string[] {
  return (listOf(mirror) ?? []).map((uri) => withoutEndSlashes(redactUrl(withoutUser(uri))));
}

function withoutUser(uri: string): string {
  return uri.replace(/^(https?:\/\/)[^/@]*@/, "$1");
}

function mirrorsOf(
  mirror: string | readonly string[],
  suite: string,
  components: readonly string[] = ["main"],
  namedBy: string,
): readonly ArchivePlace[] {
  const uris = (listOf(mirror) ?? []).map(withoutEndSlashes);
  return uris.map((uri) => ({ uri, components: isFlat(suite) ? [] : components, origin: "config", namedBy }));
}

function listOf(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof value === "string" ? [value] : value;
}

function fromHost(options: LocateOptions, suites: readonly string[], host: AptHost): readonly FoundSuite[] {
  const { sources } = host;
  const locations = suites.flatMap((suite) => {
    const places = placesOf(suite, options, sources);
    return places.length === 0 ? [] : [{ suite, optional: false, places }];
  });
  if (locations[0]?.suite === options.suite) return locations;
  if (sources.some((source) => source.suites.includes(options.suite))) throw notForArchitecture(options, sources);
  return suites.map((suite, index) => ({
    suite,
    optional: index > 0,
    places: [...besideHostsRelease(index, options, host), defaultPlace(suite, options)],
  }));
}

/**
 * A release of which a Debian host's configuration says nothing lies where the host's own does: Debian's archives hold them
 * side by side. Whose it is, signatures tell. What a derivative has there is its own.
 */
function besideHostsRelease(
  index: number,
  options: LocateOptions,
  { sources, isDebian }: AptHost,
): readonly ArchivePlace[] {
  const known = new Set(sources.flatMap((source) => source.suites));
  const own = [...known].find((name) => known.has(`${name}-updates`) || known.has(`${name}-security`));
  if (!isDebian || own === undefined) return [];
  const places = placesOf(suitesOf(own)[index]!, options, sources);
  return places.map((place) => ({
    ...place,
    origin: "beside-host",
    namedBy: `${place.namedBy}, which has ${own} there`,
  }));
}

function defaultPlace(suite: string, { components = ["main"] }: LocateOptions): ArchivePlace {
  return {
    uri: defaultAddress(suite),
    components,
    origin: "default",
    namedBy: "image-dsl's default, as neither mirror: nor this host's apt has another",
    signedBy: { kind: "debian" },
  };
}

/**
 * Entries for one address are one place, as they may list a component each. They are one Release too, so whom to trust
 * for it must not depend on the entry: apt refuses that as well.
 */
function placesOf(suite: string, options: LocateOptions, sources: readonly AptSource[]): readonly ArchivePlace[] {
  const wanted = options.components ?? ["main"];
  const places = new Map<string, ArchivePlace>();
  for (const source of sources) {
    if (!source.suites.some((name) => name.replace(/\/$/, "") === suite)) continue;
    if (source.architectures && !source.architectures.includes(options.architecture)) continue;
    const components = wanted.filter((component) => source.components.includes(component));
    if (components.length === 0) continue;
    for (const uri of source.uris) {
      const known = places.get(uri);
      const trust = trustOf(source);
      const other = known && differing(trustOf(known), trust);
      if (other !== undefined) {
        throw sourcesError(
          `its entries for ${redactUrl(uri)} ${suite} have different values of ${other}`,
          source.place,
        );
      }
      places.set(uri, {
        uri,
        components: wanted.filter((name) => components.includes(name) || known?.components.includes(name)),
        origin: "host",
        namedBy: known?.namedBy ?? source.place.file ?? "this host's apt",
        ...trust,
      });
    }
  }
  return [...places.values()];
}

type Trust = Pick<ArchivePlace, "signedBy" | "trusted" | "checkValidUntil">;

const TRUST = [
  ["signedBy", "Signed-By"],
  ["trusted", "Trusted"],
  ["checkValidUntil", "Check-Valid-Until"],
] as const;

function trustOf({ signedBy, trusted, checkValidUntil }: Trust): Trust {
  return {
    ...(signedBy && { signedBy }),
    ...(trusted !== undefined && { trusted }),
    ...(checkValidUntil !== undefined && { checkValidUntil }),
  };
}

/** The option, as apt's configuration writes it, in which two entries differ. */
function differing(one: Trust, other: Trust): string | undefined {
  return TRUST.find(([key]) => JSON.stringify(one[key]) !== JSON.stringify(other[key]))?.[1];
}

function notForArchitecture(options: LocateOptions, sources: readonly AptSource[]): ImageDslError {
  const { suite, architecture, components = ["main"] } = options;
  const named = sources.filter((source) => source.suites.includes(suite));
  const [uri] = named.flatMap((source) => source.uris.map(redactUrl));
  const what = `has the suite "${suite}", but not with ${components.join(", ")} for ${architecture}`;
  return new ImageDslError("E_DEBIAN_SUITE", `The host's apt configuration ${what}`, {
    hint: `Set mirror: in debian({ … }) to the address of an archive that has it${uri === undefined ? "" : `, such as ${uri}`}`,
  });
}
