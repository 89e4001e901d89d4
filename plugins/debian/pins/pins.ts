/** What the lock holds of a `debian` source: the packages of its closure, and why each is there. */
import * as v from "valibot";
import { beyond, isWithin, type AnswerSchema, type Json } from "../../../core/index.ts";
import type { Checksum } from "../checksum.ts";
import { reasonText, type ResolvedPackage } from "../resolve/index.ts";

/** What pins are called in the lock. */
export const LOCK_KIND = "debian";

/** A resolved package as the lock holds it: its reason in words. */
export interface PinnedPackage extends Omit<ResolvedPackage, "reason"> {
  readonly reason: string;
}

/** What an entry of the lock is found by. */
export interface PinRequest {
  readonly target: string;
  readonly place: number;
  readonly suite: string;
  readonly architecture: string;
  readonly packages: readonly string[];
  readonly components: readonly string[];
  readonly recommends: boolean;
  readonly essential: boolean;
  readonly exclude: readonly string[];
  /** Further archives; absent where there are none. */
  readonly archives?: readonly RequestedArchive[];
}

/** A further archive is known by its address, which has no secrets here: another one's packages are others. */
export interface RequestedArchive {
  readonly addresses: readonly string[];
  readonly suite: string;
  readonly components: readonly string[];
  readonly priority?: number;
}

/** A suite that the packages were chosen from, as its Release was then. */
export interface PinnedSuite {
  readonly name: string;
  /** The Release's `Date`, in its own words. */
  readonly date?: string;
  readonly signed: boolean;
}

export interface Pins {
  readonly suites: readonly PinnedSuite[];
  /** They were chosen without the security updates that Debian has: each build says so. */
  readonly lacksSecurity?: true;
  /** In the order in which they are configured. */
  readonly packages: readonly PinnedPackage[];
  /** Where Debian's fixed users and groups are from; not itself in the image unless it is among `packages`. */
  readonly accounts: PinnedPackage;
  /** Where the files are from that name the distribution; an archive that is none of a distribution has none. */
  readonly distribution?: PinnedPackage;
}

const text = v.pipe(v.string(), v.maxLength(1000));
const ids = v.array(text);
const pinnedPackage = v.pipe(
  v.strictObject({
    id: text,
    name: v.pipe(text, v.regex(/^[a-z0-9][a-z0-9+.-]+$/)),
    version: text,
    architecture: text,
    archive: text,
    filename: text,
    size: v.pipe(v.number(), v.integer(), v.minValue(0)),
    sha256: v.exactOptional(v.pipe(text, v.regex(/^sha256:[0-9a-f]{64}$/, "Expected sha256: and 64 digits"))),
    sha512: v.exactOptional(v.pipe(text, v.regex(/^sha512:[0-9a-f]{128}$/, "Expected sha512: and 128 digits"))),
    depends: ids,
    preDepends: ids,
    replaces: ids,
    reason: text,
  }),
  v.check(({ sha256, sha512 }) => (sha256 ?? sha512) !== undefined, "Expected its sha256"),
  v.transform(({ sha256, sha512, ...rest }): PinnedPackage => ({ ...rest, checksum: checksumOf(sha256 ?? sha512!) })),
);
const date = v.pipe(
  text,
  v.check((value) => !Number.isNaN(Date.parse(value)), "Expected a date"),
);
/** Of an answer in the lock. */
export const pinsSchema: AnswerSchema<Pins> = v.strictObject({
  suites: v.array(v.strictObject({ name: text, date: v.exactOptional(date), signed: v.boolean() })),
  lacksSecurity: v.exactOptional(v.literal(true)),
  packages: v.pipe(
    v.array(v.any()),
    v.nonEmpty(),
    v.check(
      ({ length }) => isWithin("lock.packages", length),
      () => `It has ${beyond("lock.packages")}`,
    ),
    v.array(pinnedPackage),
  ),
  accounts: pinnedPackage,
  distribution: v.exactOptional(pinnedPackage),
});

export function pinOf({ reason, ...resolved }: ResolvedPackage): PinnedPackage {
  return { ...resolved, reason: reasonText(reason) };
}

export function pinsJson({ suites, lacksSecurity, packages, accounts, distribution }: Pins): Json {
  return {
    suites: suites.map((each) => ({ ...each })),
    ...(lacksSecurity && { lacksSecurity }),
    packages: packages.map(packageJson),
    accounts: packageJson(accounts),
    ...(distribution !== undefined && { distribution: packageJson(distribution) }),
  };
}

function packageJson({ checksum: { algorithm, hex }, ...rest }: PinnedPackage): Json {
  return { ...rest, [algorithm.toLowerCase()]: `${algorithm.toLowerCase()}:${hex}` };
}

/** Of `sha256:HEX`. */
function checksumOf(written: string): Checksum {
  const [algorithm, hex] = written.split(":") as [string, string];
  return { algorithm: algorithm === "sha256" ? "SHA256" : "SHA512", hex };
}

export function requestJson({ archives, ...request }: PinRequest): Json {
  return { ...request, ...(archives && { archives: archives.map((each) => ({ ...each })) }) };
}
