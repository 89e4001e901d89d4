/** A package's tarball, decompressed in the store: fetched or found in npm's cache, and held against its integrity before it is read. */
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import {
  ImageDslError,
  displayShort,
  compressionOfFile,
  digestOf,
  placedIn,
  redactUrl,
  streamRegular,
  systemCodeOf,
  type BuildContext,
  type Digest,
  type UnpackInput,
  type UnpackOutput,
} from "../../../core/index.ts";
import type { LockedPackage } from "../model.ts";
import { integrityText, isStrong, parseIntegrity, storeKeyOf, type Integrity } from "./integrity.ts";
import { writeChecked } from "./checked-file.ts";
import { openAddress, publishedVersions, type RegistryClient } from "./client.ts";
import { shownRepository } from "../git/git-error.ts";
import { cachedTarball } from "./npm-cache.ts";
import { registryOf, tarballAddress } from "./registry.ts";

export interface StoredTarball {
  /** The decompressed archive. */
  readonly file: string;
  /** What stands for its bytes. */
  readonly archive: Digest;
  /** 64 hex digits, for what is derived from it. */
  readonly key: string;
}

/** A package whose bytes are a tarball, or are packed as one. */
export type TarballPackage = Pick<LockedPackage, "name" | "version"> & {
  readonly origin: Extract<LockedPackage["origin"], { kind: "registry" | "web" | "tarball" | "git" }>;
};

export type TarballContext = Pick<BuildContext, "store" | "tasks" | "lock" | "signal">;

const pinSchema = v.strictObject({
  integrity: v.pipe(
    v.string(),
    v.check((text) => parseIntegrity(text) !== undefined),
  ),
});

/** Throws `E_HASH_MISMATCH`, `E_NPM_REGISTRY`, `E_NPM_GIT`, `E_NPM_PACKAGE`, `E_NETWORK`, `E_COMPRESSION`, `E_FILES`. */
export async function storedTarball(
  each: TarballPackage,
  client: RegistryClient,
  context: TarballContext,
): Promise<StoredTarball> {
  const written = writtenFor(each.origin);
  const strong = knownFor(each, context);
  const kept = strong && (await keptTarball(strong, context));
  if (strong !== undefined && kept !== undefined) return stored(kept, strong);

  const folder = await context.store.temporaryDirectory("npm");
  try {
    const file = join(folder.path, "package.tgz");
    const expected = [strong, written].flatMap((sum) => sum ?? []);
    const found = await fetchInto(file, each, expected, client, context);
    const known = strong ?? found;
    if (strong === undefined && each.origin.kind !== "tarball") pin(each, found, context);
    const unpacked = await context.store.derive("packages", storeKeyOf(known), ".tar", async (output) => {
      const { size } = await stat(file);
      const format = await compressionOfFile(file);
      const input: UnpackInput = { file, offset: 0, size, format, output };
      const unpack = () => context.tasks.inWorker<UnpackInput, UnpackOutput>("unpack", input);
      return (await placedIn(nameOf(each), unpack)).sha256;
    });
    return stored(unpacked, known);
  } finally {
    await folder.dispose();
  }
}

/** Of one that is not in the store, where it will be; undefined where only its bytes say that. */
export async function missingTarball(
  each: TarballPackage,
  context: TarballContext,
): Promise<StoredTarball | undefined> {
  const known = knownFor(each, context);
  if (known === undefined || (await keptTarball(known, context)) !== undefined) return undefined;
  return stored(context.store.derivedPath("packages", storeKeyOf(known), ".tar"), known);
}

function keptTarball(known: Integrity, { store }: TarballContext): Promise<string | undefined> {
  return store.findDerived("packages", storeKeyOf(known), ".tar");
}

/** By the project's lock, or by ours. */
function knownFor(each: TarballPackage, context: TarballContext): Integrity | undefined {
  const written = writtenFor(each.origin);
  return written !== undefined && isStrong(written) ? written : pinnedFor(each, context);
}

/** What stands for the bytes of a tarball, where the project's lock says enough of them. */
export function strongKey(origin: TarballPackage["origin"]): string | undefined {
  const written = writtenFor(origin);
  return written !== undefined && isStrong(written) ? storeKeyOf(written) : undefined;
}

function writtenFor(origin: TarballPackage["origin"]): Integrity | undefined {
  if (origin.kind === "git" || origin.integrity === undefined || origin.integrity.trim() === "") return undefined;
  const written = parseIntegrity(origin.integrity);
  if (written !== undefined) return written;
  // One that cannot be read is not none: what it was meant to keep out would be taken.
  throw new ImageDslError("E_NPM_LOCK", `A lock has the integrity "${displayShort(origin.integrity)}", which is none`, {
    hint: "Restore the lock from version control, or let the package manager write it anew",
  });
}

function stored(file: string, integrity: Integrity): StoredTarball {
  return { file, key: storeKeyOf(integrity), archive: digestOf(`npm:${integrityText(integrity)}`) };
}

/** What no lock of the project pins by a sum that can be trusted, ours does. What lies in the project is as it is there. */
function pinnedFor(each: TarballPackage, { lock }: TarballContext): Integrity | undefined {
  if (each.origin.kind === "tarball") return undefined;
  const answer = lock.read("npm", nameOf(each), pinRequest(each), pinSchema);
  return answer && parseIntegrity(answer.integrity);
}

function pin(each: TarballPackage, found: Integrity, { lock }: TarballContext): void {
  lock.write("npm", nameOf(each), pinRequest(each), { integrity: integrityText(found) });
}

function pinRequest({ name, version, origin }: TarballPackage) {
  if (origin.kind === "git") {
    const { commit, archive, repositories = [], folder, packing } = origin;
    const from = repositories.length > 0 ? shownRepository(repositories[0]!) : redactUrl(archive!);
    return { name, version, from, commit, packing, ...(folder !== undefined && { folder }) };
  }
  const { integrity } = origin;
  return {
    name,
    version,
    ...(origin.kind === "web" && { url: redactUrl(origin.url) }),
    ...(integrity && { integrity }),
  };
}

/** Writes the tarball, and gives its SHA-512. Throws `E_HASH_MISMATCH` where it is not what was expected. */
async function fetchInto(
  file: string,
  each: TarballPackage,
  expected: readonly Integrity[],
  client: RegistryClient,
  context: TarballContext,
): Promise<Integrity> {
  const { origin } = each;
  if (origin.kind === "git") {
    const { packedCommit } = await import("../git/packed-commit.ts");
    const directory = `${file}.git`;
    await mkdir(directory);
    const { from, body } = await packedCommit(nameOf(each), origin, directory, client, context);
    return writeChecked(file, body, expected, from, REPACKED);
  }
  const cached = expected.map((sum) => cachedTarball(sum, client.settings)).find((path) => path !== undefined);
  if (cached !== undefined) {
    try {
      return await writeChecked(file, streamRegular(cached), expected, `npm's cache of ${nameOf(each)}`);
    } catch {
      // A cache may be damaged; the registry is asked then.
    }
  }
  if (origin.kind === "tarball") {
    return writeChecked(file, streamRegular(origin.file), expected, origin.file).catch((cause: unknown) => {
      if (systemCodeOf(cause) === undefined) throw cause;
      throw new ImageDslError("E_FILES", `Cannot read ${origin.file}, which the lock names`, { cause });
    });
  }
  const { address, body } = await openTarball({ ...each, origin }, client);
  return writeChecked(file, body, expected, redactUrl(address));
}

const REPACKED =
  "Was the image's lock made by another version of image-dsl? build --update-lock with the package's name pins it anew";

interface OpenTarball {
  readonly address: string;
  readonly body: AsyncIterable<Uint8Array>;
}

type FromWeb = Omit<TarballPackage, "origin"> & {
  readonly origin: Extract<TarballPackage["origin"], { kind: "registry" | "web" }>;
};

async function openTarball(each: FromWeb, client: RegistryClient): Promise<OpenTarball> {
  const { name, version, origin } = each;
  const { url } = origin;
  const first =
    origin.kind === "web"
      ? origin.url
      : url !== undefined
        ? tarballAddress(url, name, client.settings)
        : // What registries use by convention; its bytes are checked, or pinned.
          `${registryOf(name, client.settings)}${name}/-/${name.split("/").at(-1)}-${version}.tgz`;
  const response = await openAddress(first, "unpack.bytes", client);
  if (response !== undefined) return { address: first, body: response.body };
  const published = url === undefined ? (await publishedVersions(name, client)).get(version) : undefined;
  if (published !== undefined && published.tarball !== first) {
    const other = await openAddress(published.tarball, "unpack.bytes", client);
    if (other !== undefined) return { address: published.tarball, body: other.body };
  }
  throw new ImageDslError("E_NPM_REGISTRY", `${nameOf(each)} is not at ${redactUrl(first)}`, {
    hint: "Was it withdrawn? npm install with another version writes the lock anew",
  });
}

function nameOf({ name, version }: Pick<TarballPackage, "name" | "version">): string {
  return `${name}@${version}`;
}
