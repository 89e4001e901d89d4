/** An archive's Release file: which indexes it has, with their hashes (DebianRepository/Format, "Release files"). */
import { ImageDslError, now } from "../../../core/index.ts";
import { parseControl, type Stanza } from "../resolve/control.ts";
import { ALGORITHMS, type Checksum } from "../checksum.ts";

export interface Release {
  readonly origin: string | undefined;
  readonly suite: string | undefined;
  readonly codename: string | undefined;
  /** Text of the field, as the archive wrote it; it is a date. */
  readonly date: string | undefined;
  readonly validUntil: string | undefined;
  readonly architectures: readonly string[];
  readonly components: readonly string[];
  readonly byHash: boolean;
  /** What apt gives its packages where nobody says otherwise (apt_preferences(5)). */
  readonly priority: number;
  /** Packages of `Architecture: all` are in a list of their own only. */
  readonly separateAll: boolean;
  /** By path below the suite's directory. */
  readonly files: ReadonlyMap<string, ReleaseFile>;
}

export interface ReleaseFile {
  readonly size: number;
  readonly checksum: Checksum;
}

/** `text` is what was signed. `source` names it in messages. Throws `E_DEBIAN_METADATA`. */
export function parseRelease(text: string, source: string): Release {
  const [stanza, ...more] = parseControl(text, source);
  if (!stanza || more.length > 0) throw metadataError(`${source} is not one stanza`);
  const list = (name: string) => (stanza.get(name) ?? "").split(/\s+/).filter((word) => word !== "");
  const architectures = list("Architectures");
  const date = stanza.get("Date");
  if (date !== undefined) dateOf(date, "Date", source);
  return {
    origin: stanza.get("Origin"),
    suite: stanza.get("Suite"),
    codename: stanza.get("Codename"),
    date,
    validUntil: stanza.get("Valid-Until"),
    architectures,
    components: list("Components").map((component) => component.slice(component.lastIndexOf("/") + 1)),
    byHash: stanza.get("Acquire-By-Hash") === "yes",
    priority: priorityOf(stanza),
    separateAll: architectures.includes("all") && stanza.get("No-Support-for-Architecture-all") !== "Packages",
    files: parseFiles(stanza, source),
  };
}

/** A release that is not for everyone's upgrades is only taken where it is asked for, or there is nothing else. */
function priorityOf(stanza: Stanza): number {
  const says = (field: string) => stanza.get(field)?.toLowerCase() === "yes";
  if (!says("NotAutomatic")) return 500;
  return says("ButAutomaticUpgrades") ? 100 : 1;
}

/**
 * Throws `E_DEBIAN_SUITE` where the release is another one than was asked for, `E_DEBIAN_METADATA` where it does not say
 * which one it is: any of the archive's signed releases could then stand in for any other. A vendor's need not say it.
 */
export function checkSuite(release: Release, suite: string, source: string, isFurther = false): void {
  const names = [release.suite, release.codename].filter((name) => name !== undefined);
  if (names.length === 0 && isFurther) return;
  if (names.length === 0) throw metadataError(`${source} has neither Suite nor Codename`);
  // `bookworm/vendor/7.0` may say that it is bookworm.
  if (names.some((name) => name === suite || suite.startsWith(`${name}/`))) return;
  throw new ImageDslError(
    "E_DEBIAN_SUITE",
    `${source} is the release ${names.join(", ")}, but ${suite} was asked for`,
    {
      hint: "Set suite: in debian({ … }) to one of these names, or mirror: to another archive",
    },
  );
}

/** Throws `E_DEBIAN_METADATA` where the release says that it is too old to be used. */
export function checkFresh(release: Release, source: string): void {
  if (release.validUntil === undefined) return;
  if (dateOf(release.validUntil, "Valid-Until", source) >= now()) return;
  throw new ImageDslError("E_DEBIAN_METADATA", `${source} was valid until ${release.validUntil} only`, {
    hint: 'The mirror is out of date: use another one. For an old snapshot, turn the check off where apt does: Acquire::Check-Valid-Until "false"; in the host\'s apt.conf',
  });
}

/**
 * Throws `E_DEBIAN_METADATA` where the release is from before `known`, the date of one that was used earlier: good
 * signatures stay good, and an old release hides all updates since.
 */
export function checkNotOlder(release: Release, known: string, source: string): void {
  const { date } = release;
  if (date !== undefined && Date.parse(date) >= Date.parse(known)) return;
  throw new ImageDslError(
    "E_DEBIAN_METADATA",
    `${source} is from ${date ?? "an unknown date"}, and the lock was made with the one from ${known}`,
    {
      hint: 'The mirror is out of date: use another one. To go back on purpose, delete the lock, or set Acquire::Check-Valid-Until "false"; in the host\'s apt.conf',
    },
  );
}

function dateOf(text: string, field: string, source: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw metadataError(`${field} of ${source} is no date: "${text.slice(0, 120)}"`);
  return time;
}

export function metadataError(message: string): ImageDslError {
  return new ImageDslError("E_DEBIAN_METADATA", message, {
    hint: "The archive serves damaged metadata: try again later, or another mirror",
  });
}

function parseFiles(stanza: Stanza, source: string): ReadonlyMap<string, ReleaseFile> {
  const hash = ALGORITHMS.find(({ algorithm }) => stanza.get(algorithm) !== undefined);
  if (hash === undefined) throw metadataError(`${source} has neither a SHA256 nor a SHA512 section`);
  const { algorithm, digits } = hash;
  const files = new Map<string, ReleaseFile>();
  for (const line of (stanza.get(algorithm) ?? "").split("\n")) {
    if (line.trim() === "") continue;
    const match = /^\s*([0-9a-f]+)\s+([0-9]{1,15})\s+(\S+)$/.exec(line);
    const [, hex = "", size = "", written = ""] = match ?? [];
    if (hex.length !== digits) {
      throw metadataError(`${source} has a line in ${algorithm} that is none: "${line.slice(0, 120)}"`);
    }
    const path = indexPath(written);
    if (path === undefined) {
      throw metadataError(`${source} lists a path that leaves the archive: "${written.slice(0, 120)}"`);
    }
    const file = { size: Number(size), checksum: { algorithm, hex } };
    const known = files.get(path);
    if (known && (known.size !== file.size || known.checksum.hex !== hex)) {
      throw metadataError(`${source} lists "${path.slice(0, 120)}" twice, with different hashes`);
    }
    files.set(path, file);
  }
  return files;
}

/** Flat archives write `./Packages`. */
function indexPath(written: string): string | undefined {
  const parts = written.split("/").filter((part) => part !== ".");
  return parts.length === 0 || parts.some((part) => part === "" || part === "..") ? undefined : parts.join("/");
}
