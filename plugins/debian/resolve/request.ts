/** What users ask for: `name`, `name=version`, `name:architecture`, and what to say where there is no such package. */
import { ImageDslError } from "../../../core/index.ts";
import type { PackageIndex } from "./package-index.ts";
import type { PackageRecord } from "./package-record.ts";
import { newestOf } from "./package-index.ts";
import { nearNames } from "./near-names.ts";
import { compareVersions } from "./version.ts";

/** The part of a closure's request that names packages. */
export interface Wanted {
  readonly index: PackageIndex;
  readonly packages: readonly string[];
  readonly exclude: readonly string[];
  readonly essential: boolean;
  readonly satisfied: readonly string[];
}

export interface Request {
  /** As the user wrote it. */
  readonly text: string;
  readonly record: PackageRecord;
  /** The virtual package that was asked for, where that has only one provider. */
  readonly provides: string | undefined;
}

const REQUEST = /^([A-Za-z0-9][A-Za-z0-9+._-]*)(?::([a-z0-9-]+))?(?:=(\S+))?$/;

/**
 * Finds the package of one request. `candidateOf` says which version is to be taken where the request names none.
 * Throws `E_DEBIAN_PACKAGE_UNKNOWN`.
 */
export function findRequested(
  index: PackageIndex,
  text: string,
  candidateOf: (name: string) => PackageRecord | undefined,
): Request {
  const [, name, architecture, version] = REQUEST.exec(text) ?? [];
  if (name === undefined) {
    throw unknown(`"${text}" is not a package's name`, 'Write "name", "name=version" or "name:architecture"');
  }
  if (architecture !== undefined && !["all", "any", "native", index.architecture].includes(architecture)) {
    throw unknown(
      `Package "${text}" is not of the architecture ${index.architecture}, which is being resolved`,
      `Leave ":${architecture}" out, or set the option "architecture"`,
    );
  }
  const versions = index.packages.get(name);
  if (versions === undefined) return { text, record: onlyProvider(index, name, version), provides: name };
  if (version === undefined) return { text, record: candidateOf(name) ?? firstOf(versions), provides: undefined };
  const exact = versions.find((record) => compareVersions(record.version, version) === 0);
  if (exact !== undefined) return { text, record: exact, provides: undefined };
  const others = versions.map((record) => record.version).join(", ");
  throw unknown(
    `Package "${name}" has no version "${version}" in ${archivesText(index)}`,
    `There is: ${others}. Older versions are in a snapshot of the archive: set the option "snapshot"`,
  );
}

/** apt takes the one provider of a virtual package, and asks where there are several. */
function onlyProvider(index: PackageIndex, name: string, version: string | undefined): PackageRecord {
  const providers = new Set(
    (index.provisions.get(name) ?? [])
      .filter((provision) => version === undefined || provision.version === version)
      .map(({ provider }) => provider)
      .filter((provider) => newestOf(index, provider.name) === provider),
  );
  const [first] = providers;
  if (first === undefined) throw unknownName(index, name);
  if (providers.size === 1) return first;
  const names = Array.from(providers, (provider) => provider.name).toSorted();
  throw unknown(
    `Package "${name}" is a virtual one, and ${names.length} packages provide it`,
    `Ask for one of them by its own name: ${names.slice(0, 20).join(", ")}`,
  );
}

function unknownName(index: PackageIndex, name: string): ImageDslError {
  const near = nearNames(name, [index.packages.keys(), index.provisions.keys()]);
  return unknown(
    `There is no package "${name}" for ${index.architecture} in ${archivesText(index)}`,
    near.length > 0
      ? `Did you mean ${near.map((other) => `"${other}"`).join(" or ")}?`
      : 'Check the name, the "suite" and the "components"',
  );
}

function unknown(message: string, hint: string): ImageDslError {
  return new ImageDslError("E_DEBIAN_PACKAGE_UNKNOWN", message, { hint });
}

function archivesText(index: PackageIndex): string {
  return index.archives.join(", ");
}

function firstOf(versions: readonly PackageRecord[]): PackageRecord {
  const [first] = versions;
  if (first === undefined) throw new Error("A name without a version is in the index");
  return first;
}

/** By name; undefined for what `essential` adds. */
export function requestedPackages(
  request: Wanted,
  candidateOf: (name: string) => PackageRecord | undefined,
): ReadonlyMap<string, Request | undefined> {
  const requests = new Map<string, Request | undefined>();
  for (const text of request.packages) {
    const found = findRequested(request.index, text, candidateOf);
    const { name, version } = found.record;
    if (request.exclude.includes(name)) {
      throw new ImageDslError("E_DEBIAN_CONFLICT", `Package "${name}" is both asked for and excluded`, {
        hint: `Take "${name}" out of "packages" or out of "exclude"`,
      });
    }
    const earlier = requests.get(name);
    if (earlier !== undefined && earlier.record.version !== version) {
      throw new ImageDslError(
        "E_DEBIAN_CONFLICT",
        `Package "${name}" is asked for in two versions: ${earlier.record.version} and ${version}`,
        { hint: "Ask for one of them" },
      );
    }
    if (earlier === undefined) requests.set(name, found);
  }
  if (!request.essential) return requests;
  for (const name of essentialNames(request.index)) {
    const isWanted = !request.exclude.includes(name) && !request.satisfied.includes(name);
    if (isWanted && !requests.has(name)) requests.set(name, undefined);
  }
  return requests;
}

/**
 * debootstrap takes `Priority: required` and relies on that to cover `Essential: yes`; here both count. What a vendor's
 * archive says of its packages does not.
 */
function essentialNames(index: PackageIndex): readonly string[] {
  const names: string[] = [];
  for (const [name, versions] of index.packages) {
    const best = versions.find(({ archive }) => !index.further.has(archive));
    if (best !== undefined && (best.essential || best.priority === 1)) names.push(name);
  }
  return names.toSorted();
}
